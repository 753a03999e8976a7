/** How near a limiter comes to what a server allows, and how seldom it is refused, in virtual time. */

import { describe, expect, it } from 'vitest';
import { type Trip, trips, worst } from './run.ts';

describe.each(Object.keys(trips) as Trip[])('with %s', (trip) => {
  it.each([
    ['execute', 1000],
    ['write', 100],
    ['read', 2000],
    ['admin', 500],
  ] as const)(
    'keeps %s to the documented limit in %i calls without one 429, and uses 97 in a hundred',
    async (scope, calls) => {
      const { refused, use } = await worst({ scope, calls, trip });
      expect(refused).toBe(0);
      expect(use).toBeGreaterThan(0.97);
    },
  );

  it.each([
    ['execute', 1000, 'half of the limit', { perMinute: 50, burst: 60 }],
    ['execute', 1000, 'half of the limit, and tells another', { perMinute: 50, burst: 60, told: 100 }],
    ['execute', 1000, 'half of the rate, and tells another', { perMinute: 50, told: 100 }],
    ['execute', 1000, 'half of the burst', { burst: 60 }],
    ['write', 100, 'half of the limit', { perMinute: 5, burst: 7 }],
    ['write', 100, 'half of the limit, and tells another', { perMinute: 5, burst: 7, told: 10 }],
  ] as const)('%s learns in %i calls that the server gives %s', async (scope, calls, _what, server) => {
    const { refused, use } = await worst({ scope, calls, trip, server });
    expect(refused).toBeLessThan(1);
    expect(use).toBeGreaterThan(0.9);
  });

  it('needs no 429 to learn a lower rate that the headers name', async () => {
    const { refused, use } = await worst({ trip, server: { perMinute: 50 } });
    expect(refused).toBe(0);
    expect(use).toBeGreaterThan(0.97);
  });

  it.each([
    ['execute', 50],
    ['write', 5],
  ] as const)('leaves room for somebody else who draws on %s: %i requests a minute', async (scope, others) => {
    const { refused, use } = await worst({ scope, trip, others });
    expect(refused).toBeLessThan(1);
    expect(use).toBeGreaterThan(0.9);
  });

  it('is refused in the beginning only where the server gives a tenth and tells another limit', async () => {
    const { refused, use } = await worst({ trip, server: { perMinute: 10, burst: 12, told: 100 } });
    expect(refused).toBeLessThan(3);
    expect(use).toBeGreaterThan(0.9);
  });
});

it('uses a server that holds few requests at a time', async () => {
  const { refused, use } = await worst({ server: { burst: 5 } });
  // What goes ahead of the first answer.
  expect(refused).toBeLessThan(3);
  expect(use).toBeGreaterThan(0.9);
});

it.each([-5, 0, 5])(
  'waits for the next window as soon as nothing is left, by the clock of a server %i min off',
  async (minutes) => {
    const server = { perMinute: 50, burst: 50, windowMs: 60_000, skewMs: minutes * 60_000 };
    const { refused, use } = await worst({ calls: 500, server });
    expect(refused).toBeLessThan(0.5);
    expect(use).toBeGreaterThan(0.8);
  },
);
