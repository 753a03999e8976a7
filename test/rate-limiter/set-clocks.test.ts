/** Durations by a clock that nobody sets: the time of day may jump by hours, and nothing waits shorter or longer. */

import { type Clock, RateLimiter } from '@twig/sdk/rate-limiter';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { VirtualClock } from './simulation.ts';

const HOUR_MS = 3_600_000;
const one = { perMinute: 60, burst: 1 };

/** A clock whose time of day can be set, beside one that nobody sets. */
function settable() {
  const virtual = new VirtualClock(undefined, () => 0);
  const start = virtual.now();
  let aheadMs = 0;
  const clock: Clock = {
    now: () => virtual.now() + aheadMs,
    elapsed: () => virtual.now() - start,
    random: virtual.random,
    sleep: virtual.sleep,
  };
  const set = (ms: number) => {
    aheadMs += ms;
  };
  return { virtual, clock, set };
}

describe.each([
  ['back', -HOUR_MS],
  ['forward', HOUR_MS],
])('a time of day that is set %s by an hour', (_where, jump) => {
  it('changes nothing of a pause, and moves the time of day at which it ends', async () => {
    const { virtual, clock, set } = settable();
    const limiter = new RateLimiter({ clock });
    const lease = await limiter.acquire('execute');
    lease.observe({ status: 429, rateLimit: undefined, retryAfterMs: 30_000, serverTimeMs: undefined });
    const start = virtual.now();
    set(jump);
    expect(limiter.stats().scopes.execute.pausedUntil?.getTime()).toBe(start + jump + 30_000);
    let sentAt = 0;
    limiter.acquire('execute').then(() => {
      sentAt = virtual.now() - start;
    });
    await virtual.run(start + 10 * HOUR_MS);
    expect(sentAt).toBe(30_000);
    expect(limiter.stats().scopes.execute.pausedUntil).toBeUndefined();
  });

  it('fills no bucket, and lets nobody wait longer for a token', async () => {
    const { virtual, clock, set } = settable();
    const limiter = new RateLimiter({ clock, limits: { execute: one } });
    const start = virtual.now();
    const sentAt: number[] = [];
    for (let i = 0; i < 4; i++) {
      limiter.acquire('execute').then((lease) => {
        sentAt.push(virtual.now() - start);
        set(jump);
        lease.observe({ status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined });
        lease.release();
      });
    }
    await virtual.run(start + HOUR_MS);
    expect(sentAt).toEqual([0, 1000, 2000, 3000]);
  });

  it('ends no wait before maxWaitMs, nor after', async () => {
    const { virtual, clock, set } = settable();
    const limiter = new RateLimiter({ clock, concurrency: 1, maxWaitMs: 5000 });
    await limiter.acquire('read');
    let isOver = false;
    const waiting = rejection(limiter.acquire('read')).then((error) => {
      isOver = true;
      return error;
    });
    await virtual.run(virtual.now() + 100);
    set(jump);
    await virtual.run(virtual.now() + 4800);
    expect(isOver).toBe(false);
    await virtual.run(virtual.now() + 200);
    expect(isOver).toBe(true);
    expect(await waiting).toMatchObject({ code: 'wait_too_long' });
  });
});

it('is compared with the dates of the server by the time of day, not by the other clock', async () => {
  const { clock } = settable();
  const limiter = new RateLimiter({ clock });
  const lease = await limiter.acquire('read');
  const rateLimit = { limit: 200, remaining: 0, resetAt: new Date(clock.now() + 7000) };
  lease.observe({ status: 429, rateLimit, retryAfterMs: undefined, serverTimeMs: undefined });
  expect(limiter.stats().scopes.read.pausedUntil?.getTime()).toBe(clock.now() + 7000);
});
