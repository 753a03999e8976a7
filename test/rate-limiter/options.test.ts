/** What a limiter may be made of, and what it tells of itself. */

import { RateLimiter, type RateLimiterOptions, TwigConfigError } from '@twig/sdk/rate-limiter';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { VirtualClock } from './simulation.ts';

const one = { perMinute: 60, burst: 1 };

describe('options', () => {
  it.each<[string, unknown]>([
    ['no concurrency', { concurrency: 0 }],
    ['a concurrency that is no number', { concurrency: '2' }],
    ['null', { concurrency: null }],
    ['a negative maxQueue', { maxQueue: -1 }],
    ['a maxWaitMs that is none', { maxWaitMs: Number.NaN }],
    ['a rate of nothing', { limits: { execute: { perMinute: 0, burst: 1 } } }],
    ['a burst of nothing', { limits: { read: { perMinute: 1, burst: 0 } } }],
    ['a limit without a burst', { limits: { execute: { perMinute: 100 } } }],
    ['a burst that is undefined', { limits: { execute: { perMinute: 100, burst: undefined } } }],
    ['an endless rate', { limits: { execute: { perMinute: Number.POSITIVE_INFINITY, burst: 1 } } }],
    ['an endless burst', { limits: { execute: { perMinute: 1, burst: Number.POSITIVE_INFINITY } } }],
    ['a rate that is a text', { limits: { execute: { perMinute: '100', burst: 120 } } }],
    ['a limit that is a number', { limits: { execute: 5 } }],
    ['a scope that there is not', { limits: { executes: one } }],
  ])('refuses %s', (_what, options) => {
    expect(() => new RateLimiter(options as RateLimiterOptions)).toThrow(TwigConfigError);
  });

  it('keeps the documented limit of a scope that is left out or undefined', () => {
    const limits: { write: typeof one; execute?: typeof one } = { write: one };
    Object.assign(limits, { execute: undefined });
    const limiter = new RateLimiter({
      limits,
      concurrency: undefined,
      maxQueue: Number.POSITIVE_INFINITY,
    });
    const { execute, write, read, admin } = limiter.stats().scopes;
    expect([execute, write, read, admin].map(({ available }) => available)).toEqual([120, 1, 250, 60]);
  });

  it('is a rejection with TwigConfigError when a call names no known scope or priority', async () => {
    const limiter = new RateLimiter({ clock: new VirtualClock() });
    for (const scope of ['total', 'nope', 'constructor']) {
      expect(await rejection(limiter.acquire(scope as 'read'))).toBeInstanceOf(TwigConfigError);
    }
    const priority = 'urgent' as 'high';
    expect(await rejection(limiter.acquire('read', { priority }))).toBeInstanceOf(TwigConfigError);
    expect(limiter.stats().queued).toBe(0);
  });
});

describe('a plan', () => {
  it.each([
    ['free', 20, 2],
    ['pro', 100, 10],
  ] as const)(
    '%s counts the calls of all scopes together: %i a minute, %i at once',
    async (name, perMinute, places) => {
      const clock = new VirtualClock();
      const start = clock.now();
      const limiter = RateLimiter.plan(name, { clock });
      let underWay = 0;
      let most = 0;
      const work = async (scope: 'read' | 'execute') => {
        const lease = await limiter.acquire(scope);
        most = Math.max(most, ++underWay);
        await clock.sleep(100);
        underWay--;
        lease.observe({ status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined });
        lease.release();
      };
      const calls = perMinute * 3;
      const all = Promise.all(Array.from({ length: calls }, (_, i) => work(i % 2 ? 'read' : 'execute')));
      await clock.run();
      await all;
      expect(most).toBe(places);
      // A minute's worth at once, and two more at their rate.
      expect((clock.now() - start) / 60_000).toBeGreaterThan(1.95);
      expect((clock.now() - start) / 60_000).toBeLessThan(2.05);
    },
  );

  it('is changed by what is given with it, and not by what is undefined', async () => {
    const clock = new VirtualClock();
    const bounded = RateLimiter.plan('free', { clock, concurrency: undefined, limits: { read: one } });
    for (const scope of ['execute', 'execute', 'execute'] as const) bounded.acquire(scope);
    await clock.run(clock.now());
    expect(bounded.stats()).toMatchObject({ inFlight: 2, queued: 1, scopes: { read: { available: 1 } } });
    const free = RateLimiter.plan('free', { clock, concurrency: 5, limits: { total: { perMinute: 60, burst: 4 } } });
    for (let i = 0; i < 5; i++) free.acquire('execute');
    expect(free.stats()).toMatchObject({ inFlight: 3, queued: 2, scopes: { read: { available: 0 } } });
  });

  it('is refused when there is none of that name, or when what is given with it is wrong', () => {
    for (const name of ['gold', 'constructor', undefined]) {
      expect(() => RateLimiter.plan(name as 'pro')).toThrow(TwigConfigError);
    }
    expect(() => RateLimiter.plan('pro', { concurrency: 0 })).toThrow(TwigConfigError);
  });
});

it('tells by scope what waits, is under way and may go', async () => {
  const clock = new VirtualClock(undefined, () => 0);
  const limiter = new RateLimiter({ limits: { write: { perMinute: 60, burst: 2 } }, clock });
  const first = await limiter.acquire('write');
  await limiter.acquire('write');
  limiter.acquire('write');
  await limiter.acquire('read');
  const idle = { queued: 0, inFlight: 0 };
  expect(limiter.stats()).toEqual({
    queued: 1,
    inFlight: 3,
    scopes: {
      execute: { ...idle, available: 120 },
      write: { queued: 1, inFlight: 2, available: 0 },
      // Until an answer has come, a part of the burst.
      read: { queued: 0, inFlight: 1, available: 64 },
      admin: { ...idle, available: 60 },
    },
  });
  first.observe({ status: 429, rateLimit: undefined, retryAfterMs: 5000, serverTimeMs: undefined });
  await clock.run(clock.now() + 2000);
  const { pausedUntil, available } = limiter.stats().scopes.write;
  expect([pausedUntil?.getTime(), available]).toEqual([clock.now() + 3000, 0]);
});

it('tells of no more than the total of all scopes allows', () => {
  expect(RateLimiter.plan('free').stats().scopes.execute.available).toBe(20);
});
