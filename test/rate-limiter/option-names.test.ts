/** What a limiter is not made of: names that nobody knows, parts of a place, plans that there are not. */

import { RateLimiter, type RateLimiterOptions, type RateLimiterPlan, TwigConfigError } from '@twig/sdk/rate-limiter';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';

const thrown = (make: () => unknown): unknown => {
  try {
    return make();
  } catch (error) {
    return error;
  }
};

describe('an option of an unknown name', () => {
  it.each<[string, unknown, string]>([
    ['maxConcurrent', { maxConcurrent: 1 }, 'concurrency'],
    ['maxQueued', { maxQueued: 1 }, 'maxQueue'],
    ['maxWait', { maxWait: 1 }, 'maxWaitMs'],
    ['limit', { limit: {} }, 'limits'],
    ['exec', { limits: { exec: { perMinute: 1, burst: 1 } } }, 'execute'],
    ['administration', { limits: { administration: { perMinute: 1, burst: 1 } } }, 'admin'],
    ['perMin', { limits: { read: { perMin: 1, burst: 1 } } }, 'perMinute'],
    ['bursts', { limits: { total: { perMinute: 1, burst: 1, bursts: 1 } } }, 'burst'],
    ['per_minute', { limits: { write: { perMinute: 1, burst: 1, per_minute: 1 } } }, 'perMinute'],
  ])('%s is refused, and the nearest one is named', (name, options, nearest) => {
    for (const make of [
      () => new RateLimiter(options as RateLimiterOptions),
      () => RateLimiter.plan('pro', options as RateLimiterOptions),
    ]) {
      const error = thrown(make);
      expect(error).toBeInstanceOf(TwigConfigError);
      expect(String(error)).toContain(name);
      expect(String(error)).toMatch(new RegExp(`\\b${nearest}\\b`));
    }
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a number', 5],
    ['limits that are a list of none', { limits: null }],
    ['a limit that is a text', { limits: { read: '100' } }],
  ])('cannot be in what is no object: %s is refused', (_what, options) => {
    expect(thrown(() => new RateLimiter(options as RateLimiterOptions))).toBeInstanceOf(TwigConfigError);
  });
});

describe('a number of calls', () => {
  it.each<[string, RateLimiterOptions]>([
    ['concurrency', { concurrency: 1.5 }],
    ['concurrency', { concurrency: 0.5 }],
    ['concurrency', { concurrency: Number.NaN }],
    ['maxQueue', { maxQueue: 2.5 }],
  ])('is a whole one: %s of %j is refused by its name', (name, options) => {
    const error = thrown(() => new RateLimiter(options));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect(String(error)).toContain(`${name} must be a whole number`);
  });

  it('may be endless', () => {
    const endless = Number.POSITIVE_INFINITY;
    expect(() => new RateLimiter({ concurrency: endless, maxQueue: endless, maxWaitMs: endless })).not.toThrow();
  });

  it('may be a part where it is a rate or a time', () => {
    const limits = { execute: { perMinute: 100 / 3, burst: 40.5 } };
    expect(() => new RateLimiter({ limits, maxWaitMs: 0.5 })).not.toThrow();
  });
});

it.each(['gold', 'enterprise', 'Pro', 'fre', 'constructor', ''])(
  'an unknown plan, %j, is refused with the known ones named',
  (name) => {
    const error = thrown(() => RateLimiter.plan(name as RateLimiterPlan));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect(String(error)).toMatch(/free.*pro/);
  },
);

it('an unknown scope or priority is refused with the known ones named', async () => {
  const limiter = new RateLimiter();
  expect(String(await rejection(limiter.acquire('reads' as 'read')))).toMatch(/execute, write, read, admin/);
  const priority = 'urgent' as 'high';
  expect(String(await rejection(limiter.acquire('read', { priority })))).toMatch(/high, normal, low/);
});
