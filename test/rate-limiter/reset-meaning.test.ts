/** Servers whose reset names the moment at which their bucket is full, and how a limiter finds it out. */

import { type LimiterObservation, RateLimiter } from '@twig/sdk/rate-limiter';
import { describe, expect, it } from 'vitest';
import { type Trip, trips, worst } from './run.ts';
import { VirtualClock } from './simulation.ts';

const server = { reset: 'full bucket' } as const;

describe.each(Object.keys(trips) as Trip[])('of a server that names the full bucket, with %s,', (trip) => {
  it.each([
    ['execute', 1000],
    ['write', 100],
    ['read', 2000],
    ['admin', 500],
  ] as const)('%s gets 97 in a hundred in %i calls without one 429', async (scope, calls) => {
    const { refused, use } = await worst({ scope, calls, trip, server });
    expect(refused).toBe(0);
    expect(use).toBeGreaterThan(0.97);
  });

  it.each([
    ['gives half of the limit', { perMinute: 50, burst: 60 }, 0],
    ['gives half of the limit, and tells another', { perMinute: 50, burst: 60, told: 100 }, 0],
    ['is shared with somebody who takes half', {}, 50],
  ])('a limiter learns that it %s', async (_what, like, others) => {
    const { refused, use } = await worst({ trip, server: { ...server, ...like }, others });
    expect(refused).toBeLessThan(1);
    expect(use).toBeGreaterThan(0.9);
  });
});

/** A limiter of 60 a minute, whose callers are answered by hand. */
function bench() {
  const clock = new VirtualClock(undefined, () => 0);
  const one = { perMinute: 60, burst: 20 };
  const limiter = new RateLimiter({ clock, limits: { execute: one, read: one } });
  const observation = (status: number, remaining: number, resetInMs: number): LimiterObservation => ({
    status,
    rateLimit: { limit: 60, remaining, resetAt: new Date(clock.now() + resetInMs) },
    retryAfterMs: undefined,
    serverTimeMs: clock.now(),
  });
  return { clock, limiter, observation };
}

/** Lets ten callers in as soon as they may, answers each after 100 ms, and notes when they were sent. */
async function tenAfterEmpty(
  what: (sentAtSecond: number) => Partial<LimiterObservation>,
  scope: 'execute' | 'read' = 'execute',
  shared = bench(),
) {
  const { clock, limiter, observation } = shared;
  const first = await limiter.acquire(scope);
  first.observe(observation(200, 0, 30_000));
  first.release();
  const start = clock.now();
  const sentAt: number[] = [];
  const all = Promise.all(
    Array.from({ length: 10 }, async () => {
      const lease = await limiter.acquire(scope);
      const second = (clock.now() - start) / 1000;
      sentAt.push(second);
      await clock.sleep(100);
      lease.observe({ ...observation(200, 5, 20_000), ...what(second) });
      lease.release();
    }),
  );
  await clock.run(start + 300_000);
  await all;
  return { sentAt, shared };
}

describe('what a reset means', () => {
  it('is found out by one request at the own estimate: let through, and the others follow at once', async () => {
    const { sentAt } = await tenAfterEmpty(() => ({}));
    expect(sentAt[0]).toBeLessThan(5);
    expect(sentAt[1]).toBeCloseTo((sentAt[0] ?? 0) + 0.1);
    expect(sentAt.at(-1)).toBeLessThan(20);
  });

  it('is found out by one request at the own estimate: refused, and the others wait for the reset', async () => {
    const { sentAt } = await tenAfterEmpty((second) => (second < 30 ? { status: 429 } : {}));
    expect(sentAt[0]).toBeLessThan(5);
    expect(sentAt[1]).toBeGreaterThanOrEqual(20);
  });

  it('is remembered, for all scopes: nothing is sent before a reset again once one was refused', async () => {
    const { shared } = await tenAfterEmpty((second) => (second < 30 ? { status: 429 } : {}));
    for (const scope of ['execute', 'read'] as const) {
      const { sentAt } = await tenAfterEmpty(() => ({}), scope, shared);
      expect(sentAt[0]).toBeGreaterThanOrEqual(30);
    }
  });

  it('is remembered, for all scopes: no reset is waited for once one was not needed', async () => {
    const { shared } = await tenAfterEmpty(() => ({}));
    for (const scope of ['execute', 'read'] as const) {
      const { sentAt } = await tenAfterEmpty(() => ({}), scope, shared);
      expect(sentAt.at(-1)).toBeLessThan(20);
    }
  });

  it.each([
    ['an error of the server', { status: 503, rateLimit: undefined }],
    ['a key that is refused', { status: 401, rateLimit: undefined }],
  ])('is not told by %s', async (_what, answer) => {
    const { sentAt, shared } = await tenAfterEmpty((second) => (second < 30 ? answer : {}));
    expect(sentAt[0]).toBeLessThan(5);
    expect(sentAt[1]).toBeGreaterThanOrEqual(30);
    const again = await tenAfterEmpty(() => ({}), 'execute', shared);
    expect(again.sentAt[0]).toBeLessThan(5);
  });

  it('is not told by who is let through when the reset may have been reached', async () => {
    const { clock, limiter, observation } = bench();
    const first = await limiter.acquire('execute');
    first.observe(observation(200, 0, 30_000));
    first.release();
    const acquired = limiter.acquire('execute');
    await clock.run(clock.now() + 5000);
    const early = await acquired;
    await clock.run(clock.now() + 26_000);
    early.observe(observation(200, 0, 30_000));
    const start = clock.now();
    const sentAt: number[] = [];
    for (let i = 0; i < 2; i++) limiter.acquire('execute').then(() => sentAt.push(clock.now() - start));
    await clock.run(start + 60_000);
    expect(sentAt[0]).toBeGreaterThanOrEqual(30_000);
  });

  it('does not matter to a Retry-After, and a 429 that only repeats such a reset is paused for as one without a time', async () => {
    const { shared } = await tenAfterEmpty(() => ({}));
    const { clock, limiter, observation } = shared;
    const pause = async (retryAfterMs: number) => {
      const held = limiter.acquire('execute');
      await clock.run(clock.now() + 120_000);
      (await held).observe({ ...observation(429, 0, 25_000), retryAfterMs });
      return (limiter.stats().scopes.execute.pausedUntil?.getTime() ?? 0) - clock.now();
    };
    expect(await pause(25_000)).toBe(1000);
    expect(await pause(40_000)).toBe(40_000);
  });
});

it('obeys the reset of a 429 as long as nothing is known of resets', async () => {
  const { clock, limiter, observation } = bench();
  (await limiter.acquire('execute')).observe(observation(429, 0, 25_000));
  expect(limiter.stats().scopes.execute.pausedUntil?.getTime()).toBe(clock.now() + 25_000);
});
