/** What a queued call asks of the clock, however many there are. What it costs is measured in `bench/flat.mjs`. */

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { expect, it, vi } from 'vitest';
import { VirtualClock } from './simulation.ts';

const answer = { status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined };

it.each([
  ['a place', { limits: { execute: { perMinute: 1e9, burst: 1e9 } }, concurrency: 1 }],
  ['a token', { limits: { execute: { perMinute: 6000, burst: 10 } } }],
])(
  'asks the clock as seldom for each of 20,000 calls that wait for %s as for each of 2,000',
  async (_what, options) => {
    const asked = async (count: number): Promise<number> => {
      const clock = new VirtualClock();
      const questions = [vi.spyOn(clock, 'now'), vi.spyOn(clock, 'sleep')];
      const limiter = new RateLimiter({ ...options, clock });
      const call = async (): Promise<void> => {
        const lease = await limiter.acquire('execute');
        lease.observe(answer);
        lease.release();
      };
      const all = Promise.all(Array.from({ length: count }, call));
      await clock.run();
      await all;
      return questions.reduce((sum, { mock }) => sum + mock.calls.length, 0) / count;
    };
    const few = await asked(2000);
    expect(few).toBeGreaterThan(0);
    // Virtual time: the counts are the same in every run. Whoever asked for all that wait would ask thousands of times.
    expect(await asked(20_000)).toBeLessThan(few + 1);
  },
);
