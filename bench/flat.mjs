// Whether the cost of one stays the same when there are many: events of a stream, items of a list, calls in a queue.

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createClient, OBJECT } from './lib/clients.mjs';
import { interleave, processor, summarise } from './lib/measure.mjs';
import { report } from './lib/report.mjs';
import { chunksOf, opener, readAll, respond } from './lib/streams.mjs';

const NAME = '@twig/sdk';
const PAGE = 100;

async function events(count) {
  const texts = Array.from({ length: count }, (_, i) => `token ${i} `);
  const chunks = chunksOf(NAME, texts, 'event');
  const open = await opener(NAME, async () => respond(chunks));
  return async () => readAll(NAME, await open());
}

async function items(total) {
  const more = `,${JSON.stringify(OBJECT)}`.repeat(PAGE - 1);
  const client = await createClient(NAME, async (url) => {
    const offset = Number(new URL(url).searchParams.get('offset') ?? 0);
    const first = JSON.stringify({ ...OBJECT, id: `agent_${offset}` });
    return new Response(`{"agents":[${first}${more}],"total":${total},"limit":${PAGE},"offset":${offset}}`);
  });
  return async () => {
    let seen = 0;
    for await (const _ of client.agents.list({ limit: PAGE })) seen++;
    if (seen !== total) throw new Error('something was lost');
  };
}

async function queued(count) {
  const limits = { execute: { perMinute: 1e9, burst: 1e9 } };
  return async () => {
    const limiter = new RateLimiter({ limits, concurrency: 1 });
    const call = async () => (await limiter.acquire('execute')).release();
    await Promise.all(Array.from({ length: count }, call));
  };
}

/** The floor of a queue: an array of promises, each of which lets the next one go. */
async function bare(count) {
  return async () => {
    const waiting = [];
    const call = async (_, i) => {
      await (i && new Promise((resolve) => waiting.push(resolve)));
      waiting[i]?.();
    };
    await Promise.all(Array.from({ length: count }, call));
  };
}

const MOST = 100_000;
for (const [id, title, make] of [
  ['flat-event', 'An event of a stream', events],
  ['flat-item', 'An item of a list', items],
  ['flat-call', 'A call that waits in the queue', queued],
  ['flat-bare', 'A promise that waits in an array: what the collector takes for what lives', bare],
]) {
  const contenders = {};
  // As many in all, in each: a thousand are done a hundred times over.
  for (const count of [1000, 10_000, MOST]) {
    const run = await make(count);
    contenders[`of ${count.toLocaleString('en')}`] = async () => {
      const times = MOST / count / 2;
      for (let i = 0; i < times; i++) await run();
      return Math.max(1, Math.floor(times)) * count;
    };
  }
  const samples = await interleave(contenders, { rounds: 5, warmup: 1 }, async (run) => {
    const start = processor();
    const done = await run();
    return (processor() - start) / done;
  });
  report({ id, title }, summarise(samples));
}
