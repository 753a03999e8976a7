/** Limits whose burst is a matter of seconds: what is lost by waiting is lost for good. */

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { describe, expect, it } from 'vitest';
import { type Trip, worst } from './run.ts';
import { VirtualClock } from './simulation.ts';

const limits = [
  { perMinute: 300, burst: 5 },
  { perMinute: 600, burst: 10 },
  { perMinute: 120, burst: 2 },
  { perMinute: 120, burst: 30 },
];
const answers: Trip[] = ['quick answers', 'answers of 1 to 5 s', 'answers of 10 s'];

describe.each(limits)('a limit of $perMinute a minute and $burst at once', (limit) => {
  it.each(answers)('is used to 97 in a hundred without one 429, with %s', async (trip) => {
    for (const reset of ['next token', 'full bucket'] as const) {
      const { refused, use } = await worst({ limit, trip, server: { reset } });
      expect(refused).toBe(0);
      expect(use).toBeGreaterThan(0.97);
    }
  });
});

describe('a request that travelled quicker than those before it', () => {
  it.each([
    { perMinute: 300, burst: 5 },
    { perMinute: 600, burst: 10 },
  ])('is refused now and then, and is not taken for a lower limit: $perMinute a minute', async (limit) => {
    const { refused, use } = await worst({ limit, trip: 'ways that differ' });
    expect(refused).toBeLessThan(1);
    expect(use).toBeGreaterThan(0.97);
  });

  it('is a lower limit once it happens often', async () => {
    const limit = { perMinute: 300, burst: 5 };
    const { refused } = await worst({ limit, trip: 'answers of 1 to 5 s', server: { perMinute: 150, told: 300 } });
    expect(refused).toBeLessThan(2);
  });
});

it('lets as many go ahead of the first answer as an empty bucket would have got meanwhile', async () => {
  const clock = new VirtualClock(undefined, () => 0);
  const limiter = new RateLimiter({ clock, limits: { execute: { perMinute: 300, burst: 5 } } });
  let sent = 0;
  for (let i = 0; i < 100; i++) limiter.acquire('execute').then(() => sent++);
  await clock.run(clock.now());
  expect(sent).toBe(4);
  await clock.run(clock.now() + 10_000);
  expect(sent).toBeGreaterThanOrEqual(48);
  expect(sent).toBeLessThanOrEqual(50);
});
