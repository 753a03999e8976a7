// A pass through the limiter that nobody contends for, and the cost of each call that queues.

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { report, time } from './lib/measure.mjs';

const limits = { execute: { perMinute: 1e9, burst: 1e9 } };
const limiter = new RateLimiter({ limits });
const answer = { status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined };
report(
  'A pass that nobody contends for',
  await time(
    {
      'an awaited promise': () => Promise.resolve(),
      '@twig/sdk/rate-limiter': async () => {
        const lease = await limiter.acquire('execute');
        lease.observe(answer);
        lease.release();
      },
    },
    { rounds: 15, calls: 20_000 },
  ),
);

const results = {};
for (const count of [1000, 10_000, 100_000]) {
  const values = [];
  for (let round = 0; round < 5; round++) {
    const queue = new RateLimiter({ limits, concurrency: 1 });
    const start = performance.now();
    await Promise.all(
      Array.from({ length: count }, async () => {
        const lease = await queue.acquire('execute');
        lease.release();
      }),
    );
    values.push(((performance.now() - start) / count) * 1000);
  }
  values.sort((a, b) => a - b);
  results[`${count} queued`] = { median: values[2], spread: ((values[3] - values[1]) / 2 / values[2]) * 100 };
}
report('A call that queues', results);
