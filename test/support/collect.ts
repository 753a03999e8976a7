/** Whether what is let go of is collected: counted, since bytes of the heap are as much noise as news. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turn } from './turns.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What goes at all goes in a few collections. */
const ROUNDS = 20;

/** How many of these live on, collected until they are `few` at most or do not become fewer. */
export async function alive(things: WeakRef<object>[], few = 0): Promise<number> {
  let living = things;
  for (let round = 0; living.length > few && round < ROUNDS; round++) {
    await turn(); // A reference that was looked at holds its object to the end of the turn.
    collect();
    living = living.filter((thing) => thing.deref());
  }
  return living.length;
}
