import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { call, SimulatedServer, VirtualClock } from './simulation.ts';

const many = (count: number, run: (i: number) => Promise<unknown>): Promise<unknown> =>
  Promise.all(Array.from({ length: count }, (_, i) => run(i)));

describe('against a server whose limits are as documented', () => {
  it.each([
    ['execute', 1000, 100, 120],
    ['write', 100, 10, 15],
  ] as const)(
    'sends %s calls (%i of them) without one 429, and uses at least 97 %% of what is allowed',
    async (scope, calls, perMinute, burst) => {
      for (const seed of [1, 2, 3]) {
        const random = createTestClock({ seed }).random;
        const clock = new VirtualClock(undefined, random);
        const server = new SimulatedServer({ clock, perMinute, burst, latencyMs: () => 10 + random() * 200 });
        const limiter = new RateLimiter({ clock });
        const all = many(calls, () => call(limiter, server, scope));
        await clock.run();
        await all;
        expect({ seed, refused: server.refused, allowed: server.allowed }).toEqual({
          seed,
          refused: 0,
          allowed: calls,
        });
        expect(server.use()).toBeGreaterThan(0.97);
      }
    },
  );
});

describe('against a server that gives less', () => {
  it.each([true, false])('keeps to half of the configured limit (the header tells it: %s)', async (isTold) => {
    for (const seed of [1, 2, 3]) {
      const random = createTestClock({ seed }).random;
      const clock = new VirtualClock(undefined, random);
      const server = new SimulatedServer({
        clock,
        perMinute: 50,
        burst: 60,
        isTold,
        latencyMs: () => 10 + random() * 200,
      });
      const limiter = new RateLimiter({ clock });
      const all = many(1000, () => call(limiter, server));
      await clock.run();
      await all;
      expect(server.refused).toBeLessThan(10);
      expect(server.use()).toBeGreaterThan(0.9);
    }
  });

  it('leaves room for somebody else who draws on the same limit', async () => {
    for (const seed of [1, 2, 3]) {
      const random = createTestClock({ seed }).random;
      const clock = new VirtualClock(undefined, random);
      const server = new SimulatedServer({ clock, perMinute: 100, burst: 120, latencyMs: () => 10 + random() * 200 });
      const limiter = new RateLimiter({ clock });
      let isOn = true;
      let others = 0;
      const other = (async () => {
        while (isOn) {
          await clock.sleep(random() * 2400);
          if (server.hit().status === 200) others++;
        }
      })();
      const all = many(1000, () => call(limiter, server)).then(() => {
        isOn = false;
      });
      await clock.run();
      await Promise.all([all, other]);
      expect(server.refused).toBeLessThan(10);
      expect(server.use(others)).toBeGreaterThan(0.9);
    }
  });
});

it.each([-5, 5])('is not confused by a server whose clock is %i minutes off', async (minutes) => {
  const random = createTestClock({ seed: 7 }).random;
  const clock = new VirtualClock(undefined, random);
  const skewMs = minutes * 60_000;
  const server = new SimulatedServer({ clock, perMinute: 50, burst: 60, skewMs, latencyMs: () => 10 + random() * 200 });
  const limiter = new RateLimiter({ clock });
  const all = many(500, () => call(limiter, server));
  await clock.run();
  await all;
  expect(server.refused).toBeLessThan(5);
  expect(server.use()).toBeGreaterThan(0.9);
});
