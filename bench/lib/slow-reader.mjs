// A process that reads a stream slowly, and says how much it grew: `slow-reader.mjs <client> <url>`.

import { createParser } from 'eventsource-parser';
import { sweep } from './gc.mjs';
import { opener, streams } from './streams.mjs';

const [, , name, url] = process.argv;
const open = await opener(name, () => fetch(url));
sweep();
const start = process.memoryUsage();
const most = { rss: 0, heap: 0 };
const look = () => {
  const { rss, heapUsed } = process.memoryUsage();
  most.rss = Math.max(most.rss, rss - start.rss);
  most.heap = Math.max(most.heap, heapUsed - start.heapUsed);
};

/** The events of a stream; the floor's reader calls back, and so cannot be made to wait: its chunks are parsed here. */
async function* events(stream) {
  if (!streams[name].each) return yield* stream;
  let parsed = [];
  const decoder = new TextDecoder();
  const parser = createParser({ onEvent: ({ data }) => parsed.push(JSON.parse(data)) });
  for await (const chunk of stream.body) {
    parser.feed(decoder.decode(chunk, { stream: true }));
    yield* parsed;
    parsed = [];
  }
}

let count = 0;
try {
  for await (const _ of events(await open())) {
    if (++count % 200) continue;
    look();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
} catch (error) {
  // The server ends without the last event of the dialect, which is not what is looked at here.
  if (count < 90_000) throw error;
}
console.log(JSON.stringify(most));
