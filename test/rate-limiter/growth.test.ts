/** What a queued call costs, however many there are. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { expect, it } from 'vitest';
import { VirtualClock } from './simulation.ts';

const answer = { status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined };
const idle = { now: () => 0, random: () => 0, sleep: () => new Promise<void>(() => {}) };

/** The best of two rounds: what ten times as many calls cost each, compared with these. */
async function growth(count: number, measure: (count: number) => Promise<number>): Promise<number> {
  await measure(count / 5);
  const few = Math.min(await measure(count), await measure(count));
  const many = Math.min(await measure(10 * count), await measure(10 * count));
  return many / few;
}

async function pass(limiter: RateLimiter, count: number): Promise<unknown> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const lease = await limiter.acquire('execute');
      lease.observe(answer);
      lease.release();
    }),
  );
}

// A queue that is searched or copied for each call would make it ten.
const MOST = 5;

it('costs the same for each of 100,000 calls that wait for a place as for each of 10,000', async () => {
  const limits = { execute: { perMinute: 1e9, burst: 1e9 } };
  const ratio = await growth(10_000, async (count) => {
    const limiter = new RateLimiter({ limits, concurrency: 1, clock: idle });
    const start = performance.now();
    await pass(limiter, count);
    return (performance.now() - start) / count;
  });
  expect(ratio).toBeLessThan(MOST);
});

it('costs the same for each of 20,000 calls that wait for a token as for each of 2,000', async () => {
  const ratio = await growth(2000, async (count) => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits: { execute: { perMinute: 6000, burst: 10 } }, clock });
    const start = performance.now();
    const all = pass(limiter, count);
    await clock.run();
    await all;
    return (performance.now() - start) / count;
  });
  expect(ratio).toBeLessThan(MOST);
});

it('takes the same memory for each of 50,000 queued calls as for each of 5,000', async () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  // All are kept until the end: what is freed while another is measured would count for it.
  const kept: RateLimiter[] = [];
  const measure = (count: number): number => {
    const limiter = new RateLimiter({ concurrency: 1, clock: idle });
    kept.push(limiter);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i <= count; i++) limiter.acquire('read');
    collect();
    expect(limiter.stats().queued).toBe(count);
    return (process.memoryUsage().heapUsed - before) / count;
  };
  measure(1000);
  const [few, many] = [measure(5000), measure(50_000)];
  expect(few).toBeGreaterThan(100);
  expect(kept.length).toBe(3);
  const ratio = many / few;
  expect(ratio).toBeLessThan(2);
});
