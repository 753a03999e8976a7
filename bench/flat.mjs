// Whether the cost of one stays the same when there are many: events of a stream, pieces of an event, items of a list,
// calls in a queue.

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createClient, OBJECT } from './lib/clients.mjs';
import { heapInUse } from './lib/gc.mjs';
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

/** One event that comes in so many pieces of 64 bytes. */
async function pieces(count) {
  const text = 'x'.repeat(64 * count);
  const chunks = chunksOf(NAME, [text], 64);
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

/** Calls that wait for their tokens, by a clock that jumps to whatever is waited for. */
async function tokens(count) {
  let now = 0;
  const clock = {
    now: () => now,
    random: () => 0,
    sleep: async (ms) => {
      now += ms;
    },
  };
  return async () => {
    const limiter = new RateLimiter({ limits: { execute: { perMinute: 6000, burst: 10 } }, clock });
    const call = async () => {
      const lease = await limiter.acquire('execute');
      lease.observe({ status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined });
      lease.release();
    };
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
  ['flat-piece', 'A piece of 64 bytes of one event', pieces],
  ['flat-item', 'An item of a list', items],
  ['flat-call', 'A call that waits in the queue', queued],
  ['flat-token', 'A call that waits for its token', tokens],
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

/** All are kept until the end: what is freed while another is measured would count for it. */
const kept = [];
const clock = { now: () => 0, random: () => 0, sleep: () => new Promise(() => {}) };
const queues = {};
for (const count of [1000, 10_000, MOST]) queues[`of ${count.toLocaleString('en')}`] = count;
const held = await interleave(queues, { rounds: 3, warmup: 1 }, async (count) => {
  const limiter = new RateLimiter({ concurrency: 1, clock });
  kept.push(limiter);
  const before = await heapInUse();
  for (let i = 0; i <= count; i++) limiter.acquire('read');
  return ((await heapInUse()) - before) / count;
});
report({ id: 'flat-memory', title: 'Heap of a call that waits in the queue', unit: 'bytes' }, summarise(held));
