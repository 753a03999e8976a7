// One process of ten, with one of the limiters. Each call is made again after a 429, and takes a token each time.

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { redisStore } from '@twig/sdk/redis';
import Bottleneck from 'bottleneck';
import Redis from 'ioredis';
import { RateLimiterRedis } from 'rate-limiter-flexible';

const { url, port, limit, contender } = JSON.parse(process.argv[2]);
const CALLERS = 12;

const redis = new Redis(port, '127.0.0.1');
await redis.ping();
let trips = 0;
const read = (response, name) => Number(response.headers.get(`x-ratelimit-${name}`));

/** `call(send)` waits for its turn and sends: once, and with a response of 429 says so. */
const limiters = {
  '@twig/sdk with redisStore': () => {
    const inner = redisStore(redis, { apiKey: 'bench' });
    const store = {
      exchange(ask) {
        trips++;
        return inner.exchange(ask);
      },
    };
    return ours(new RateLimiter({ store, limits: { execute: limit } }));
  },
  '@twig/sdk, each alone': () => ours(new RateLimiter({ limits: { execute: limit } })),
  'rate-limiter-flexible, RateLimiterRedis': () => {
    // Its window: as many in a second as the rate allows.
    const limiter = new RateLimiterRedis({ storeClient: redis, points: limit.perMinute / 60, duration: 1 });
    return async (send) => {
      for (;;) {
        trips++;
        try {
          await limiter.consume('key');
          return await send();
        } catch (refusal) {
          if (refusal instanceof Error) throw refusal;
          await new Promise((resolve) => setTimeout(resolve, refusal.msBeforeNext));
        }
      }
    };
  },
  'bottleneck, clustered': () => {
    const limiter = new Bottleneck({
      id: 'bench',
      datastore: 'ioredis',
      Redis,
      clientOptions: { port, host: '127.0.0.1' },
      reservoir: limit.burst,
      reservoirIncreaseAmount: limit.perMinute / 60 / 4,
      reservoirIncreaseInterval: 250,
      reservoirIncreaseMaximum: limit.burst,
    });
    return (send) => limiter.schedule(send);
  },
};

const ours = (limiter) => async (send) => {
  const lease = await limiter.acquire('execute');
  const response = await send();
  lease.observe({
    status: response.status,
    rateLimit: {
      limit: read(response, 'limit'),
      remaining: read(response, 'remaining'),
      resetAt: new Date(read(response, 'reset') * 1000),
    },
    retryAfterMs: undefined,
    serverTimeMs: undefined,
  });
  lease.release();
  return response;
};

const call = limiters[contender]();
const send = async () => {
  const response = await fetch(url);
  await response.arrayBuffer();
  return response;
};

process.once('message', async ({ seconds }) => {
  const endsAt = performance.now() + seconds * 1000;
  let done = 0;
  const caller = async () => {
    while (performance.now() < endsAt) {
      const { status } = await call(send);
      if (status === 200 && performance.now() < endsAt) done++;
    }
  };
  await Promise.race([
    Promise.all(Array.from({ length: CALLERS }, caller)),
    new Promise((resolve) => setTimeout(resolve, seconds * 1000 + 200)),
  ]);
  process.send({ done, trips, failed: [] });
});
process.send('ready');
