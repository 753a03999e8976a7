// The garbage collector, at hand without a flag.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');

/** Collects what was left lying about a moment ago, so that whoever is measured next does not pay for it. */
export const sweep = () => gc({ type: 'minor' });

/** Collects everything, so that whoever is measured next begins as a program does that has just been collected. */
export const collect = () => gc();

/** Bytes of the heap that are in use after everything that can go has gone. */
export async function heapInUse() {
  for (let i = 0; i < 4; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return process.memoryUsage().heapUsed;
}
