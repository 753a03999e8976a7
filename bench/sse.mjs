// Reading a stream to its end: 20,000 events in three ways of cutting, and one event of 1 MiB in pieces of 64 bytes.

import { report, summarise } from './lib/measure.mjs';
import { chunksOf, dialectOf, streamReaders } from './lib/sse.mjs';

const many = Array.from({ length: 20_000 }, (_, i) => `token ${i} `);
const cases = [
  ['20,000 events, one a chunk', many, 'event'],
  ['20,000 events, chunks of 64 KiB', many, 65_536],
  ['20,000 events, chunks of 7 bytes', many, 7],
  ['one event of 1 MiB, chunks of 64 bytes', ['x'.repeat(2 ** 20)], 64],
];
for (const [title, texts, size] of cases) {
  const length = texts.join('').length;
  const inputs = Object.fromEntries(
    Object.keys(streamReaders).map((name) => [name, chunksOf(dialectOf(name), texts, size)]),
  );
  const values = Object.fromEntries(Object.keys(streamReaders).map((name) => [name, []]));
  for (let round = -4; round < 15; round++) {
    for (const [name, read] of Object.entries(streamReaders)) {
      const start = performance.now();
      if ((await read(inputs[name])) !== length) throw new Error(`${name} lost something`);
      if (round >= 0) values[name].push(performance.now() - start);
    }
  }
  const results = Object.fromEntries(Object.entries(values).map(([name, list]) => [name, summarise(list)]));
  const floor = results['parser + JSON.parse'].median;
  for (const result of Object.values(results)) result.speed = Number((floor / result.median).toPrecision(2));
  report(title, results, { unit: 'ms' });
}
