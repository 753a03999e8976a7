// Reading a stream to its end: 20,000 events in three ways of cutting, and one event of 1 MiB in pieces of 64 bytes.

import { summarise, time } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';
import { chunksOf, opener, readAll, respond, streams } from './lib/streams.mjs';

const many = Array.from({ length: 20_000 }, (_, i) => `token ${i} `);
const cases = [
  ['sse-event', '20,000 events, one a chunk', many, 'event'],
  ['sse-64k', '20,000 events, chunks of 64 KiB', many, 65_536],
  ['sse-7', '20,000 events, chunks of 7 bytes', many, 7],
  ['sse-1m', 'One event of 1 MiB, chunks of 64 bytes', ['x'.repeat(2 ** 20)], 64],
];
/** Its parser looks at what has come so far again with every chunk. */
const TOO_SLOW = '@mistralai/mistralai';

for (const [id, title, texts, size] of cases) {
  const length = texts.join('').length;
  const contenders = {};
  const left = id === 'sse-1m' ? TOO_SLOW : undefined;
  for (const name of Object.keys(streams)) {
    if (name === left) continue;
    const chunks = chunksOf(name, texts, size);
    const open = await opener(name, async () => respond(chunks));
    contenders[name] = async () => {
      if ((await readAll(name, await open())) !== length) throw new Error(`${name} lost something`);
    };
  }
  const samples = await time(contenders, { rounds: 11, warmup: 3 });
  const rows = summarise(samples).map((row) => ({ ...row, value: row.value / 1000, speed: short(1 / row.ratio) }));
  const note = `speed: of the parser = 1.${left ? ` ${left} takes more than a minute, and is left out.` : ''}`;
  report({ id, title, unit: 'ms', note }, rows);
}
