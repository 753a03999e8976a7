// Memory over real sockets: a thousand streams that are open, and one of 100 MB whose reader is slow.

import { fileURLToPath } from 'node:url';
import { output } from './lib/child.mjs';
import { heapInUse } from './lib/gc.mjs';
import { interleave, summarise } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';
import { startServer } from './lib/server.mjs';
import { NOT_TEXT, opener, read, streams } from './lib/streams.mjs';

const OPEN = 1000;
const server = await startServer();
let leaving;

/** Bytes of heap that each of a thousand streams holds when it has given its first event and waits for the next. */
async function openStreams(open, name) {
  const before = await heapInUse();
  leaving = new AbortController();
  const endings = [];
  await Promise.all(
    Array.from({ length: OPEN }, async () => {
      const stream = await open();
      await new Promise((resolve, reject) => {
        endings.push(read(name, stream, resolve).catch(reject));
      });
    }),
  );
  const held = (await heapInUse()) - before;
  leaving.abort();
  await Promise.all(endings);
  return held / OPEN;
}

const openers = {};
for (const name of Object.keys(streams)) {
  const url = encodeURI(`${server.url}/|open|${name}|`);
  openers[name] = await opener(name, () => fetch(url, { signal: leaving.signal }));
}
const held = await interleave(openers, { rounds: 2, warmup: 1 }, openStreams);
const kilobytes = summarise(held).map((row) => ({ ...row, value: row.value / 1024 }));
report({ id: 'open-streams', title: 'Heap of an open stream, of 1,000', unit: 'KB' }, kilobytes);

const child = fileURLToPath(new URL('./lib/slow-reader.mjs', import.meta.url));
const grown = { rss: {}, heap: {} };
for (const name of [...Object.keys(streams), NOT_TEXT]) {
  const url = encodeURI(`${server.url}/|fast|${name}|100|1000|`);
  const printed = await output([child, name === NOT_TEXT ? '@twig/sdk' : name, url]);
  for (const [key, value] of Object.entries(JSON.parse(printed))) grown[key][name] = [value / 2 ** 20];
}
const rows = summarise(grown.rss).map((row) => ({ ...row, 'heap MB': short(grown.heap[row.name][0]) }));
const note = 'The most that the process grew by. @twig/sdk keeps the text so far, in partialResponse.';
report({ id: 'slow-reader', title: '100 MB from a fast server to a slow reader', unit: 'MB', note }, rows);
server.end();
