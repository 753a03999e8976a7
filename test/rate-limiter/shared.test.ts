/** Several limiters that share a store, in virtual time: each stands for a process. */

import { type LimiterStore, RateLimiter, type RateLimiterOptions, type StoreAsk } from '@twig/sdk/rate-limiter';
import { memoryStore } from '@twig/sdk/redis';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { call, SimulatedServer, VirtualClock } from './simulation.ts';

const documented = { perMinute: 100, burst: 120 };
const nothing = { rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined };

/** A store that can be away, take its time, lose everything, and counts how often it was asked. */
function scene({ seed = 1, tripMs = 2 } = {}) {
  const { random } = createTestClock({ seed });
  const clock = new VirtualClock(undefined, random);
  let inner = memoryStore(clock);
  const asks: StoreAsk[] = [];
  const state = { isAway: false, isSilent: false };
  const store: LimiterStore = {
    async exchange(ask) {
      asks.push(ask);
      await clock.sleep(tripMs / 2);
      if (state.isSilent) await new Promise(() => {});
      if (state.isAway) throw new Error('ECONNREFUSED');
      const reply = await inner.exchange(ask);
      await clock.sleep(tripMs / 2);
      return reply;
    },
  };
  const between = ([least, most]: readonly [number, number]): number => least + random() * (most - least);
  const forget = (): void => {
    inner = memoryStore(clock);
  };
  const limiters = (count: number, options: RateLimiterOptions = {}): RateLimiter[] =>
    Array.from({ length: count }, () => new RateLimiter({ clock, store, ...options }));
  return { clock, random, store, asks, state, between, forget, limiters };
}

type Scene = ReturnType<typeof scene>;

interface Work {
  processes: RateLimiter[];
  server: SimulatedServer;
  callers?: number;
  minutes?: number;
}

/** Lets so many callers of each process call again and again, and counts the calls of each. */
function work({ clock }: Scene, { processes, server, callers = 12, minutes = 8 }: Work) {
  const endsAt = clock.now() + minutes * 60_000;
  const done = processes.map(() => 0);
  for (const [index, limiter] of processes.entries()) {
    for (let caller = 0; caller < callers; caller++) {
      void (async () => {
        while (clock.now() < endsAt) {
          await call(limiter, server);
          done[index] = (done[index] ?? 0) + 1;
        }
      })();
    }
  }
  return { done, end: () => clock.run(endsAt) };
}

const slow = (at: Scene, limit = documented): SimulatedServer =>
  new SimulatedServer({
    clock: at.clock,
    ...limit,
    wayMs: () => at.between([20, 100]),
    answerMs: () => at.between([1000, 5000]),
  });

describe('ten processes on one key', () => {
  it.each([1, 2, 3])(
    'have no 429, use 97 in a hundred, share fairly, and ask the store once a call (seed %i)',
    async (seed) => {
      const at = scene({ seed });
      const server = slow(at);
      const { done, end } = work(at, { processes: at.limiters(10), server });
      await end();
      expect(server.refused).toBe(0);
      expect(server.use()).toBeGreaterThan(0.97);
      expect(Math.min(...done)).toBeGreaterThan((0.6 * server.allowed) / 10);
      expect(at.asks.length).toBeLessThan(1.1 * server.allowed);
    },
  );

  it('would have 429s without the store', async () => {
    const at = scene();
    const server = slow(at);
    const { end } = work(at, { processes: at.limiters(10, { store: undefined }), server });
    await end();
    expect(server.refused).toBeGreaterThan(5);
  });

  it('of which one has all the work use 90 in a hundred', async () => {
    const at = scene();
    const server = slow(at);
    const [busy] = at.limiters(10);
    const { end } = work(at, { processes: busy ? [busy] : [], server, callers: 120 });
    await end();
    expect(server.refused).toBe(0);
    expect(server.use()).toBeGreaterThan(0.9);
  });

  it('keep to a lower limit that the headers name', async () => {
    const at = scene();
    const server = slow(at, { perMinute: 50, burst: 120 });
    const { end } = work(at, { processes: at.limiters(10), server });
    await end();
    expect(server.refused).toBe(0);
    expect(server.use()).toBeGreaterThan(0.9);
  });

  it('go on with a tenth each while the store is away, and back together when it is back empty', async () => {
    const at = scene();
    const server = slow(at);
    const processes = at.limiters(10);
    const { end } = work(at, { processes, server });
    const start = at.clock.now();
    await at.clock.run(start + 60_000);
    at.state.isAway = true;
    await at.clock.run(start + 100_000);
    expect(processes.map((limiter) => limiter.stats().store?.state)).toEqual(Array(10).fill('local'));
    expect(processes[0]?.stats().store).toEqual({ state: 'local', processes: 10, lastError: 'ECONNREFUSED' });
    const before = server.allowed;
    await at.clock.run(start + 120_000);
    expect(server.allowed - before).toBeGreaterThan(20);
    at.state.isAway = false;
    at.forget();
    await end();
    expect(processes[0]?.stats().store).toMatchObject({ state: 'shared', processes: 10 });
    expect(server.refused).toBeLessThan(0.015 * server.allowed);
    expect(server.use()).toBeGreaterThan(0.93);
  });
});

describe('two processes in step', () => {
  it('are given the tokens of one bucket in turns, to the millisecond', async () => {
    const at = scene({ tripMs: 0 });
    const limits = { execute: { perMinute: 60, burst: 11 } };
    const [one, two] = at.limiters(2, { limits });
    const start = at.clock.now();
    const sentAt: Record<string, number[]> = { one: [], two: [] };
    for (const [name, limiter] of Object.entries({ one, two })) {
      for (let caller = 0; caller < 8; caller++) {
        void limiter?.acquire('execute').then(async (lease) => {
          sentAt[name]?.push(at.clock.now() - start);
          await at.clock.sleep(100);
          // It tells nothing but that the server is there.
          lease.observe({ status: 200, ...nothing });
          lease.release();
        });
      }
    }
    await at.clock.run(start + 60_000);
    // Cold: four, two and a quarter of the burst. Then what is left of nine and three quarters, less those under way.
    const all = [...(sentAt.one ?? []), ...(sentAt.two ?? [])].sort((a, b) => a - b);
    expect(all.filter((ms) => ms === 0)).toHaveLength(4);
    expect(all).toHaveLength(16);
    for (const [index, ms] of all.entries()) expect(index + 1).toBeLessThanOrEqual(11 + ms / 1000);
    expect(sentAt.one).toHaveLength(8);
    expect(sentAt.two).toHaveLength(8);
  });

  it.each([1, 2, 3])(
    'get no more than a burst of %i from a server whose answers say nothing and come at once',
    async (burst) => {
      const at = scene({ tripMs: 0 });
      const [limiter] = at.limiters(1, { limits: { execute: { perMinute: 60, burst } } });
      const start = at.clock.now();
      const sentAt: number[] = [];
      for (let caller = 0; caller < 8; caller++) {
        void limiter?.acquire('execute').then((lease) => {
          sentAt.push(at.clock.now() - start);
          lease.observe({ status: 200, ...nothing });
          lease.release();
        });
      }
      await at.clock.run(start + 20_000);
      expect(sentAt).toHaveLength(8);
      for (const [index, ms] of sentAt.entries()) expect(index + 1).toBeLessThanOrEqual(burst + ms / 1000);
    },
  );

  it('know how many they are', async () => {
    const at = scene();
    const [one, two] = at.limiters(2);
    void one?.acquire('execute');
    void two?.acquire('execute');
    await at.clock.run(at.clock.now() + 100);
    void one?.acquire('execute');
    await at.clock.run(at.clock.now() + 100);
    expect(one?.stats().store).toEqual({ state: 'shared', processes: 2 });
  });
});

describe('asking the store', () => {
  it('is one trip for a burst of 12', async () => {
    const at = scene();
    const [limiter] = at.limiters(1);
    for (let caller = 0; caller < 12; caller++) void limiter?.acquire('execute');
    await at.clock.run(at.clock.now() + 100);
    expect(limiter?.stats().inFlight).toBe(12);
    expect(at.asks.map(({ want }) => want)).toEqual([12]);
  });

  it('is not done by those who have nothing to do', async () => {
    const at = scene();
    const idle = at.limiters(100);
    await at.clock.run(at.clock.now() + 3_600_000);
    expect(idle.map((limiter) => limiter.stats().queued)).toEqual(Array(100).fill(0));
    expect(at.asks).toEqual([]);
    expect(at.clock.pending).toBe(0);
  });

  it('is done for the total where it was given', async () => {
    const at = scene();
    const [one, two] = at.limiters(2, { limits: { total: { perMinute: 60, burst: 6 } } });
    const sent: string[] = [];
    for (const scope of ['execute', 'read', 'write'] as const) {
      void one?.acquire(scope).then(() => sent.push(scope));
      void two?.acquire(scope).then(() => sent.push(scope));
    }
    await at.clock.run(at.clock.now() + 100);
    // Before the first answer: two and a quarter of the burst.
    expect(sent).toHaveLength(3);
    expect(at.asks.filter(({ scope }) => scope === 'total').length).toBeGreaterThan(0);
  });

  it('wants no more tokens than there are places', async () => {
    const at = scene();
    const [limiter] = at.limiters(1, { concurrency: 3 });
    for (let caller = 0; caller < 50; caller++) void limiter?.acquire('execute');
    await at.clock.run(at.clock.now() + 100);
    expect(limiter?.stats().inFlight).toBe(3);
    expect(at.asks.map(({ want }) => want)).toEqual([3]);
  });

  it('gives back the token of a caller that a signal took out', async () => {
    const at = scene();
    const [limiter] = at.limiters(1);
    const stop = new AbortController();
    const left = rejection(limiter?.acquire('execute', { signal: stop.signal }) ?? Promise.resolve());
    await at.clock.run(at.clock.now() + 1.5);
    stop.abort(new Error('enough'));
    expect(await left).toEqual(new Error('enough'));
    await at.clock.run(at.clock.now() + 100);
    expect(at.asks.map(({ want, back, flying }) => ({ want, back, flying }))).toEqual([
      { want: 1, back: 0, flying: 0 },
      { want: 0, back: 1, flying: 0 },
    ]);
  });

  it.each<RateLimiterOptions>([{ maxWaitMs: 2000 }, { maxQueue: 5 }])(
    'sends nobody away with %o who waits for the first answer alone',
    async (options) => {
      const at = scene();
      const [limiter] = at.limiters(1, options);
      let sent = 0;
      const callers = (): void => {
        for (let caller = 0; caller < 40; caller++) {
          void limiter?.acquire('execute').then(async (lease) => {
            sent++;
            await at.clock.sleep(500);
            lease.observe({ status: 200, ...nothing });
            lease.release();
          });
        }
      };
      callers();
      await at.clock.run(at.clock.now() + 100);
      expect(sent).toBe(32);
      expect(limiter?.stats().scopes.execute.available).toBe(0);
      callers();
      await at.clock.run(at.clock.now() + 3000);
      expect(sent).toBe(80);
    },
  );

  it('lets high go before low', async () => {
    const at = scene();
    const [limiter] = at.limiters(1, { limits: { execute: { perMinute: 60, burst: 4 } } });
    const order: string[] = [];
    for (const priority of ['low', 'normal', 'high'] as const) {
      for (let caller = 0; caller < 2; caller++) {
        void limiter?.acquire('execute', { priority }).then((lease) => {
          order.push(priority);
          lease.observe({ status: 200, ...nothing });
          lease.release();
        });
      }
    }
    await at.clock.run(at.clock.now() + 60_000);
    expect(order).toEqual(['high', 'high', 'normal', 'normal', 'low', 'low']);
  });
});

describe('a 429 in one process', () => {
  it('stops all within a second, and nobody of another scope', async () => {
    const at = scene();
    const processes = at.limiters(3);
    const start = at.clock.now();
    const leases = await Promise.all([
      ...processes.map((limiter) => limiter.acquire('execute')),
      at.clock.run(start + 50),
    ]).then((all) => all.flatMap((lease) => lease ?? []));
    leases[0]?.observe({ status: 429, ...nothing, retryAfterMs: 30_000 });
    leases[0]?.release();
    await at.clock.run(start + 1050);
    const sentAt: number[] = [];
    let others = 0;
    for (const limiter of processes) {
      for (let caller = 0; caller < 5; caller++) {
        void limiter.acquire('execute').then(() => sentAt.push(at.clock.now() - start));
        void limiter.acquire('read').then(() => others++);
      }
    }
    await at.clock.run(start + 29_000);
    expect(sentAt).toEqual([]);
    expect(others).toBe(15);
    await at.clock.run(start + 120_000);
    expect(sentAt).toHaveLength(15);
  });

  it('names its end in the stats of the one that got it', async () => {
    const at = scene();
    const [limiter] = at.limiters(1);
    const start = at.clock.now();
    const [lease] = await Promise.all([limiter?.acquire('execute'), at.clock.run(start + 50)]);
    lease?.observe({ status: 429, ...nothing, retryAfterMs: 10_000 });
    const { available, pausedUntil } = limiter?.stats().scopes.execute ?? {};
    expect(available).toBe(0);
    expect(Number(pausedUntil) - start).toBeGreaterThanOrEqual(10_000);
  });
});

describe('a store that is away', () => {
  it('is asked once a second, by calls alone', async () => {
    const at = scene();
    at.state.isAway = true;
    const [limiter] = at.limiters(1, { limits: { execute: { perMinute: 6000, burst: 100 } } });
    const start = at.clock.now();
    const callers = async (): Promise<void> => {
      while (at.clock.now() < start + 10_000) {
        (await limiter?.acquire('execute'))?.release();
        await at.clock.sleep(20);
      }
    };
    void callers();
    await at.clock.run(start + 20_000);
    expect(at.asks.length).toBeGreaterThanOrEqual(9);
    expect(at.asks.length).toBeLessThanOrEqual(11);
    expect(limiter?.stats().store).toEqual({ state: 'local', processes: 10, lastError: 'ECONNREFUSED' });
  });

  it('that says nothing holds a call no longer than storeTimeoutMs', async () => {
    const at = scene();
    at.state.isSilent = true;
    const [limiter] = at.limiters(1, { storeTimeoutMs: 300 });
    const start = at.clock.now();
    let sentAt = 0;
    void limiter?.acquire('execute').then(() => {
      sentAt = at.clock.now() - start;
    });
    await at.clock.run(start + 5000);
    expect(sentAt).toBe(300);
    expect(at.asks[0]?.validMs).toBe(300);
    expect(limiter?.stats().store?.lastError).toContain('storeTimeoutMs (300 ms)');
  });

  it('leaves each process the part that the option processes names, one token first', async () => {
    const at = scene();
    at.state.isAway = true;
    const [limiter] = at.limiters(1, { processes: 4, limits: { execute: { perMinute: 240, burst: 40 } } });
    const start = at.clock.now();
    const sentAt: number[] = [];
    for (let caller = 0; caller < 4; caller++) {
      void limiter?.acquire('execute').then(() => sentAt.push(Math.floor((at.clock.now() - start) / 1000)));
    }
    await at.clock.run(start + 20_000);
    expect(sentAt).toEqual([0, 1, 2, 3]);
  });

  it("holds all with ifStoreFails 'wait', and lets them go when it is back", async () => {
    const at = scene();
    at.state.isAway = true;
    const [limiter] = at.limiters(1, { ifStoreFails: 'wait' });
    let sent = 0;
    for (let caller = 0; caller < 5; caller++) void limiter?.acquire('execute').then(() => sent++);
    await at.clock.run(at.clock.now() + 10_000);
    expect(sent).toBe(0);
    expect(limiter?.stats().queued).toBe(5);
    at.state.isAway = false;
    await at.clock.run(at.clock.now() + 1100);
    expect(sent).toBe(5);
  });

  it('lets them go as soon when a total is shared, too, however long it was away', async () => {
    const at = scene();
    at.state.isAway = true;
    const limits = { total: { perMinute: 1000, burst: 1000 } };
    const [limiter] = at.limiters(1, { ifStoreFails: 'wait', limits });
    let sent = 0;
    for (let caller = 0; caller < 5; caller++) void limiter?.acquire('execute').then(() => sent++);
    await at.clock.run(at.clock.now() + 70_000);
    expect(sent).toBe(0);
    at.state.isAway = false;
    await at.clock.run(at.clock.now() + 1100);
    expect(sent).toBe(5);
  });

  it("lets maxWaitMs and signals end a wait with ifStoreFails 'wait'", async () => {
    const at = scene();
    at.state.isAway = true;
    const [limiter] = at.limiters(1, { ifStoreFails: 'wait', maxWaitMs: 3000 });
    const stop = new AbortController();
    const tooLong = rejection(limiter?.acquire('execute') ?? Promise.resolve());
    const left = rejection(limiter?.acquire('execute', { signal: stop.signal }) ?? Promise.resolve());
    await at.clock.run(at.clock.now() + 1000);
    stop.abort(new Error('enough'));
    expect(await left).toEqual(new Error('enough'));
    await at.clock.run(at.clock.now() + 2500);
    expect(await tooLong).toMatchObject({ code: 'wait_too_long' });
  });

  it("refuses all with ifStoreFails 'reject', those that come later at once, and none when it is back", async () => {
    const at = scene();
    at.state.isAway = true;
    const [limiter] = at.limiters(1, { ifStoreFails: 'reject' });
    const acquire = () => rejection(limiter?.acquire('execute') ?? Promise.resolve());
    const first = [acquire(), acquire()];
    await at.clock.run(at.clock.now() + 10);
    for (const error of await Promise.all(first)) {
      expect(error).toMatchObject({ name: 'TwigRateLimiterError', code: 'store_unavailable', isRetryable: true });
      expect(String(error)).toContain('ECONNREFUSED');
    }
    expect(await acquire()).toMatchObject({ code: 'store_unavailable' });
    expect(at.asks).toHaveLength(1);
    at.state.isAway = false;
    await at.clock.run(at.clock.now() + 1000);
    const [lease] = await Promise.all([limiter?.acquire('execute'), at.clock.run(at.clock.now() + 10)]);
    expect(lease).toBeDefined();
    expect(limiter?.stats().store?.state).toBe('shared');
  });

  it('that throws, or is wrongly made, does no more than one that rejects', async () => {
    const at = scene();
    const broken: LimiterStore = {
      exchange() {
        throw new TypeError('no such command');
      },
    };
    const [limiter] = at.limiters(1, { store: broken });
    const [lease] = await Promise.all([limiter?.acquire('execute'), at.clock.run(at.clock.now() + 10)]);
    expect(lease).toBeDefined();
    expect(limiter?.stats().store?.lastError).toBe('no such command');
  });

  it.each([
    {},
    undefined,
    { tokens: [0], processes: 1, available: 3, isCold: false },
    { tokens: [Number.NaN], againMs: 0, processes: 1, available: 1, isCold: false },
    { tokens: [], againMs: 0, processes: 0, available: 1, isCold: false },
  ])('that replies with %o has failed: it lets nobody go', async (reply) => {
    const at = scene();
    const store = { exchange: async () => reply } as unknown as LimiterStore;
    const [limiter] = at.limiters(1, { store });
    let sent = 0;
    for (let caller = 0; caller < 50; caller++) void limiter?.acquire('execute').then(() => sent++);
    await at.clock.run(at.clock.now() + 100);
    expect(sent).toBe(1);
    expect(limiter?.stats().store?.state).toBe('local');
  });

  it('forgets everything without an error or a 429', async () => {
    const at = scene();
    const server = slow(at);
    const { end } = work(at, { processes: at.limiters(10), server });
    await at.clock.run(at.clock.now() + 60_000);
    at.forget();
    await end();
    expect(server.refused).toBeLessThanOrEqual(1);
    expect(server.use()).toBeGreaterThan(0.93);
  });
});

it('is not moved by clocks that are wrong and jump', async () => {
  const at = scene();
  const server = slow(at);
  const skewed = (aheadMs: number) => {
    let ms = aheadMs;
    const clock = { ...at.clock, now: () => at.clock.now() + ms, sleep: at.clock.sleep, random: at.clock.random };
    const jump = (by: number): void => {
      ms += by;
    };
    return { limiter: new RateLimiter({ clock, store: at.store }), jump };
  };
  const processes = Array.from({ length: 10 }, (_, index) => skewed((index - 5) * 60_000));
  const { done, end } = work(at, { processes: processes.map(({ limiter }) => limiter), server });
  const start = at.clock.now();
  await at.clock.run(start + 60_000);
  for (const [index, { jump }] of processes.entries()) jump(index % 2 ? 3_600_000 : -3_600_000);
  await end();
  expect(server.refused).toBe(0);
  expect(server.use()).toBeGreaterThan(0.95);
  expect(Math.min(...done)).toBeGreaterThan((0.5 * server.allowed) / 10);
});

it('holds nothing for a process that has died', async () => {
  const at = scene();
  const limits = { execute: { perMinute: 60, burst: 20 } };
  const [dead, alive] = at.limiters(2, { limits });
  for (let caller = 0; caller < 7; caller++) void dead?.acquire('execute');
  await at.clock.run(at.clock.now() + 100);
  expect(dead?.stats().inFlight).toBe(7);
  await at.clock.run(at.clock.now() + 61_000);
  let sent = 0;
  for (let caller = 0; caller < 17; caller++) {
    void alive?.acquire('execute').then((lease) => {
      sent++;
      lease.observe({ status: 200, ...nothing, rateLimit: { limit: 60, remaining: 19, resetAt: undefined } });
    });
  }
  await at.clock.run(at.clock.now() + 100);
  expect(sent).toBe(17);
  expect(alive?.stats().store?.processes).toBe(1);
});
