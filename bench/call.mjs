// What a call costs over a stub fetch: time, and bytes allocated.

import { report, round, time } from './lib/measure.mjs';
import { readers, stubFetch } from './lib/peers.mjs';

const contenders = readers(stubFetch, 'https://api.twig.so');
for (const [name, run] of Object.entries(contenders)) {
  await run().catch((error) => {
    throw new Error(`${name} cannot be measured`, { cause: error });
  });
}
const results = await time(contenders, { rounds: 15, calls: 500 });

// Allocated bytes: what the heap grows by while no collection runs. A young generation of 256 MB holds the whole batch.
if (globalThis.gc) {
  for (const [name, run] of Object.entries(contenders)) {
    const calls = 300;
    const samples = [];
    for (let i = 0; i < 7; i++) {
      globalThis.gc();
      const before = process.memoryUsage().heapUsed;
      for (let call = 0; call < calls; call++) await run();
      samples.push((process.memoryUsage().heapUsed - before) / calls);
    }
    samples.sort((a, b) => a - b);
    results[name]['KB allocated'] = round(samples[3] / 1024);
  }
}
report('A call over a stub fetch', results);
