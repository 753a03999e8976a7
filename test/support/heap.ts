/** How much memory is in use after a collection. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Bytes that are still held, of the heap and of buffers beside it. */
export async function heap(): Promise<number> {
  for (let i = 0; i < 4; i++) {
    await new Promise((done) => setImmediate(done));
    collect();
  }
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
