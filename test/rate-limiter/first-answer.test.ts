/** Who waits for the first answer after a quiet time: a token is there, so nobody's place in the queue is taken. */

import {
  type LimiterLease,
  type LimiterObservation,
  RateLimiter,
  type RateLimiterOptions,
} from '@twig/sdk/rate-limiter';
import { expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { VirtualClock } from './simulation.ts';

const answer = (remaining?: number): LimiterObservation => ({
  status: 200,
  rateLimit: { limit: undefined, remaining, resetAt: undefined },
  retryAfterMs: undefined,
  serverTimeMs: undefined,
});

/** Lets so many come at once. */
async function crowd(count: number, options: RateLimiterOptions, scope: 'execute' | 'write' = 'execute') {
  const clock = new VirtualClock(undefined, () => 0);
  const limiter = new RateLimiter({ clock, ...options });
  const leases: LimiterLease[] = [];
  const errors: unknown[] = [];
  const join = () =>
    limiter.acquire(scope).then(
      (lease) => leases.push(lease),
      (error) => errors.push(error),
    );
  for (let i = 0; i < count; i++) join();
  await clock.run(clock.now());
  return { clock, limiter, leases, errors };
}

it.each<[string, number, RateLimiterOptions, 'execute' | 'write']>([
  ['a scope', 120, { maxQueue: 0 }, 'execute'],
  ['a scope with a queue', 125, { maxQueue: 5 }, 'execute'],
  ['a small scope', 15, { maxQueue: 0 }, 'write'],
  ['the total of all scopes', 45, { maxQueue: 5, limits: { total: { perMinute: 40, burst: 40 } } }, 'execute'],
  ['a limit of places', 55, { maxQueue: 5, concurrency: 50 }, 'execute'],
])('refuses nobody of a burst for whom %s has room', async (_of, count, options, scope) => {
  const { errors, leases, limiter } = await crowd(count, options, scope);
  expect(errors).toEqual([]);
  expect(leases.length).toBeLessThan(count);
  expect(limiter.stats()).toMatchObject({ inFlight: leases.length, queued: count - leases.length });
  expect(await rejection(limiter.acquire(scope))).toMatchObject({ code: 'queue_full' });
});

it('counts across scopes who waits for a token or a place', async () => {
  const { limiter } = await crowd(122, { maxQueue: 5 });
  for (let i = 0; i < 18; i++) limiter.acquire('write').catch(() => {});
  expect(await rejection(limiter.acquire('write'))).toMatchObject({ code: 'queue_full' });
});

it('keeps whoever was let in, when the first answer shows that the tokens are not there', async () => {
  const { clock, errors, leases, limiter } = await crowd(120, { maxQueue: 5 });
  leases[0]?.observe(answer(40));
  expect(await rejection(limiter.acquire('execute'))).toMatchObject({ code: 'queue_full' });
  for (let minute = 0; minute < 20; minute++) {
    for (const lease of leases) lease.observe(answer(40));
    await clock.run(clock.now() + 60_000);
  }
  expect(errors).toEqual([]);
  expect(leases.length).toBe(120);
});

it('is asked again after a minute without an answer, and not before', async () => {
  const limits = { execute: { perMinute: 600, burst: 40 } };
  const { clock, limiter, leases } = await crowd(1, { limits });
  for (const [quietMs, sent] of [
    [50_000, 40],
    [60_000, 12],
  ] as const) {
    for (const lease of leases.splice(0)) {
      lease.observe(answer());
      lease.release();
    }
    await clock.run(clock.now() + quietMs);
    for (let i = 0; i < 40; i++) limiter.acquire('execute').then((lease) => leases.push(lease));
    await clock.run(clock.now());
    expect(leases.length).toBe(sent);
  }
});

it('gives the token back too when a signal takes a caller out in the moment of its turn', async () => {
  const clock = new VirtualClock();
  const limiter = new RateLimiter({ clock, concurrency: 1 });
  const first = await limiter.acquire('execute');
  const stop = new AbortController();
  const second = rejection(limiter.acquire('execute', { signal: stop.signal }));
  await Promise.resolve();
  first.observe(answer());
  const { available } = limiter.stats().scopes.execute;
  first.release();
  expect(limiter.stats().scopes.execute.available).toBe(available - 1);
  stop.abort('too late');
  expect(await second).toBe('too late');
  expect(limiter.stats().scopes.execute.available).toBe(available);
});
