/** On the platform's clock, which goes on between two looks at it, as no test clock does. */

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { expect, it } from 'vitest';

it.each([
  { perMinute: 60, burst: 1 },
  { perMinute: 600, burst: 1 },
  { perMinute: 60, burst: 2 },
  { perMinute: 600, burst: 5 },
])('the whole burst of $burst at $perMinute a minute goes at once', async (limit) => {
  const limiter = new RateLimiter({ limits: { read: limit } });
  for (let call = 0; call < limit.burst; call++) (await limiter.acquire('read')).release();
  expect(limiter.stats().queued).toBe(0);
});

it.each([1, 2])('calls that wait for a token of a bucket of %i get it', async (burst) => {
  const limiter = new RateLimiter({ limits: { read: { perMinute: 60_000, burst } } });
  for (let call = 0; call < 20; call++) (await limiter.acquire('read')).release();
  expect(limiter.stats().queued).toBe(0);
});

it.each([1, 2])('buckets of %i of two scopes let the calls of both go', async (burst) => {
  const limiter = new RateLimiter({
    limits: { read: { perMinute: 60_000, burst }, write: { perMinute: 60_000, burst } },
  });
  const scopes = ['read', 'write', 'read', 'write', 'read', 'write'] as const;
  const leases = await Promise.all(scopes.map((scope) => limiter.acquire(scope)));
  for (const lease of leases) lease.release();
  expect(limiter.stats().queued).toBe(0);
});
