/** Fails a test file in which a promise was left unhandled, or listeners piled up. */

import { afterAll } from 'vitest';
import { turn } from './turns.ts';

/** What has been left behind in this process: one list, one pair of listeners, however many files it runs. */
const shared: typeof globalThis & { leftBehind?: unknown[] } = globalThis;

function watch(): unknown[] {
  const leaks: unknown[] = [];
  process.on('unhandledRejection', (reason) => leaks.push(reason));
  process.on('warning', (warning) => {
    if (warning.name === 'MaxListenersExceededWarning') leaks.push(warning);
  });
  return leaks;
}

shared.leftBehind ??= watch();
const leaks = shared.leftBehind;

/** Gives what has been left behind so far, for a test that is about it, and forgets it. */
export async function leftBehind(): Promise<unknown[]> {
  // Node tells of both a turn later.
  for (let turns = 0; turns < 3; turns++) await turn();
  return leaks.splice(0);
}

afterAll(async () => {
  const found = await leftBehind();
  if (found.length > 0) throw new AggregateError(found, 'Left behind: unhandled rejections or piled-up listeners.');
});
