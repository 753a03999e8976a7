// One process of many: callers that call again and again through a limiter, until the time is over.

import { TwigClient } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { redisStore } from '@twig/sdk/redis';
import { CLIENTS } from './lib/clients.mjs';

const {
  index,
  url,
  port,
  client = 'ioredis',
  limit,
  callers = 12,
  busy,
  skewed,
  options,
} = JSON.parse(process.argv[2]);

// Wrong by minutes, and set by an hour in the middle.
if (skewed) {
  const real = Date.now;
  let aheadMs = (index - 5) * 60_000;
  Date.now = () => Math.floor(real() + aheadMs);
  setTimeout(() => {
    aheadMs += index % 2 ? 3_600_000 : -3_600_000;
  }, 3000).unref();
}

const { redis } = await CLIENTS[client]({ port });
const inner = redisStore(redis, { apiKey: 'twigsk_test_many' });
let trips = 0;
const store = {
  exchange(ask) {
    trips++;
    return inner.exchange(ask);
  },
};
await inner.exchange({
  ...{ scope: 'read', limit, want: 0, aheadMs: 1000, validMs: 5000, back: 0, flying: 0, answered: 0, others: 1 },
});
const limiter = new RateLimiter({ store, limits: { execute: limit }, ...options });
const twig = new TwigClient({
  apiKey: 'twigsk_test_many',
  baseUrl: url,
  rateLimiter: limiter,
  maxRetries: 20,
  logLevel: 'off',
});

process.once('message', async ({ seconds }) => {
  const endsAt = performance.now() + seconds * 1000;
  let done = 0;
  let longestWaitMs = 0;
  const failed = [];
  const caller = async () => {
    while (performance.now() < endsAt) {
      const since = performance.now();
      try {
        await twig.request('GET', '/work', { scope: 'execute' });
        if (performance.now() < endsAt) done++;
      } catch (error) {
        failed.push(String(error));
      }
      longestWaitMs = Math.max(longestWaitMs, performance.now() - since);
    }
  };
  const count = busy === undefined || busy === index ? callers : 0;
  await Promise.race([
    Promise.all(Array.from({ length: count }, caller)),
    new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 200)),
  ]);
  process.send({ done, trips, longestWaitMs, failed, stats: limiter.stats().store });
});
process.send('ready');
