/** Waiting without a clock: a busy machine makes the turns of the event loop slower, and not fewer. */

import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';

export { turn };

/** Waits until it is so, however long that takes; the test's time limit ends what never will be. */
export async function until(isSo: () => boolean): Promise<void> {
  // What takes more than a few turns is done by another process, which needs the processor.
  for (let turns = 0; !isSo(); turns++) await (turns < 1000 ? turn() : sleep(5));
}

/** So many turns in a row without any change, and a count in this process, sockets on loopback included, stands still. */
const STILL = 1000;

/** Waits until a count has stopped to change, and gives it. */
export async function settled(count: () => number): Promise<number> {
  let last = count();
  for (let still = 0; still < STILL; still++) {
    await turn();
    if (count() === last) continue;
    last = count();
    still = 0;
  }
  return last;
}
