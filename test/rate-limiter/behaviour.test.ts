import { type LimiterLease, RateLimiter, TwigConfigError, TwigRateLimiterError } from '@twig/sdk/rate-limiter';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { VirtualClock } from './simulation.ts';

const one = { perMinute: 60, burst: 1 }; // one at once, then one a second
const limits = { execute: one, read: one };
const answered = (lease: LimiterLease, status = 200, retryAfterMs?: number): void => {
  lease.observe({ status, rateLimit: undefined, retryAfterMs, serverTimeMs: undefined });
  lease.release();
};

/** Acquires and notes when and in which order. */
function queue(limiter: RateLimiter, clock: VirtualClock) {
  const start = clock.now();
  const log: string[] = [];
  const go = (name: string, options: Parameters<RateLimiter['acquire']>[1] = {}): Promise<void> =>
    limiter.acquire('execute', options).then((lease) => {
      log.push(`${name}@${Math.round((clock.now() - start) / 1000)}`);
      answered(lease);
    });
  return { log, go };
}

describe('the order of a queue', () => {
  it('is first come, first served', async () => {
    const clock = new VirtualClock();
    const { log, go } = queue(new RateLimiter({ limits, clock }), clock);
    const all = Promise.all(['a', 'b', 'c', 'd'].map((name) => go(name)));
    await clock.run();
    await all;
    expect(log).toEqual(['a@0', 'b@1', 'c@2', 'd@3']);
  });

  it('puts high priority before normal, and normal before low', async () => {
    const clock = new VirtualClock();
    const { log, go } = queue(new RateLimiter({ limits, clock }), clock);
    const all = Promise.all([
      go('first'),
      go('low', { priority: 'low' }),
      go('normal'),
      go('high 1', { priority: 'high' }),
      go('high 2', { priority: 'high' }),
    ]);
    await clock.run();
    await all;
    expect(log.map((entry) => entry.split('@')[0])).toEqual(['first', 'high 1', 'high 2', 'normal', 'low']);
  });

  it('lets an aborted waiter leave at once and gives its place to the next', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock });
    const { log, go } = queue(limiter, clock);
    const stop = new AbortController();
    const reason = { why: 'changed my mind' };
    const first = go('a');
    const aborted = rejection(go('b', { signal: stop.signal }));
    const last = go('c');
    expect(limiter.stats().queued).toBe(2);
    stop.abort(reason);
    expect(limiter.stats().queued).toBe(1);
    expect(await aborted).toBe(reason);
    await clock.run();
    await Promise.all([first, last]);
    expect(log).toEqual(['a@0', 'c@1']);
  });

  it('gives back what was granted when the signal aborts in the same moment', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ concurrency: 1, clock });
    const first = await limiter.acquire('execute');
    const stop = new AbortController();
    const second = rejection(limiter.acquire('execute', { signal: stop.signal }));
    await Promise.resolve();
    first.release();
    expect(limiter.stats().inFlight).toBe(1);
    stop.abort('too late');
    expect(await second).toBe('too late');
    expect(limiter.stats().inFlight).toBe(0);
  });

  it('lets high priority of one scope go before normal of another when places are scarce', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ concurrency: 1, clock });
    const first = await limiter.acquire('execute');
    const order: string[] = [];
    const go = (scope: 'read' | 'write', priority: 'normal' | 'high') =>
      limiter.acquire(scope, { priority }).then((lease) => {
        order.push(priority);
        lease.release();
      });
    const all = [go('read', 'normal'), go('write', 'high')];
    first.release();
    await Promise.all(all);
    expect(order).toEqual(['high', 'normal']);
  });

  it('refuses a signal that is aborted already without taking a token', async () => {
    const limiter = new RateLimiter({ limits, clock: new VirtualClock() });
    expect(await rejection(limiter.acquire('execute', { signal: AbortSignal.abort('no') }))).toBe('no');
    expect(limiter.stats().scopes.execute.available).toBe(1);
  });
});

describe('bounds', () => {
  it('refuses whoever comes when maxQueue wait already', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock, maxQueue: 1 });
    const { go } = queue(limiter, clock);
    const taken = [go('a'), go('b')];
    const error = await rejection(limiter.acquire('execute'));
    expect(error).toBeInstanceOf(TwigRateLimiterError);
    expect(error).toMatchObject({ code: 'queue_full' });
    await clock.run();
    await Promise.all(taken);
  });

  it('refuses at once whoever would wait longer than maxWaitMs', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock, maxWaitMs: 1500 });
    const { go } = queue(limiter, clock);
    const taken = [go('a'), go('b')];
    expect(await rejection(limiter.acquire('execute'))).toMatchObject({ code: 'wait_too_long' });
    await clock.run();
    await Promise.all(taken);
  });

  it('refuses a waiter whose wait has become longer than maxWaitMs', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock, maxWaitMs: 1500 });
    const first = await limiter.acquire('execute');
    const waiting = rejection(limiter.acquire('execute'));
    answered(first, 429, 60_000);
    const start = clock.now();
    await clock.run(start + 1500);
    expect(await waiting).toMatchObject({ code: 'wait_too_long' });
  });

  it('keeps no more than `concurrency` under way, and a place until its holder releases it', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ concurrency: 2, clock });
    const [a, b] = await Promise.all([limiter.acquire('execute'), limiter.acquire('read')]);
    let isThrough = false;
    const third = limiter.acquire('execute').then((lease) => {
      isThrough = true;
      return lease;
    });
    await clock.run(clock.now() + 3_600_000);
    expect(isThrough).toBe(false);
    a.release();
    a.release(); // again does nothing
    (await third).release();
    b.release();
    expect(limiter.stats()).toMatchObject({ queued: 0, inFlight: 0 });
  });

  it('lets a burst through at once, and the next when there is a token', async () => {
    const clock = new VirtualClock();
    const { log, go } = queue(new RateLimiter({ limits: { execute: { perMinute: 60, burst: 4 } }, clock }), clock);
    const all = Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => go(name)));
    await clock.run();
    await all;
    expect(log).toEqual(['a@0', 'b@0', 'c@0', 'd@0', 'e@1']);
  });

  it('empties a full bucket slowly until the first answer comes', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ clock });
    const leases: LimiterLease[] = [];
    for (let i = 0; i < 120; i++) limiter.acquire('execute').then((lease) => leases.push(lease));
    await clock.run(clock.now());
    expect(leases.length).toBeLessThan(50);
    (leases[0] as LimiterLease).observe({
      status: 200,
      rateLimit: undefined,
      retryAfterMs: undefined,
      serverTimeMs: 0,
    });
    await clock.run(clock.now());
    expect(leases.length).toBe(120);
  });

  it('refuses numbers that are out of range', () => {
    for (const options of [
      { concurrency: 0 },
      { maxQueue: -1 },
      { maxWaitMs: Number.NaN },
      { limits: { execute: { perMinute: 0, burst: 1 } } },
      { limits: { read: { perMinute: 1, burst: 0 } } },
      { limits: { execute: { perMinute: 100 } as never } },
      { limits: { execute: { perMinute: 100, burst: Number.POSITIVE_INFINITY } } },
      { limits: { execute: 5 as never } },
      { limits: { executes: { perMinute: 1, burst: 1 } } as never },
    ]) {
      expect(() => new RateLimiter(options)).toThrow(TwigConfigError);
    }
    for (const name of ['gold', 'constructor']) expect(() => RateLimiter.plan(name as 'pro')).toThrow(TwigConfigError);
  });

  it('takes undefined for what was not given: the documented limit, and the bounds of the plan', async () => {
    expect(new RateLimiter({ limits: { execute: undefined } }).stats().scopes.execute.available).toBe(120);
    const limiter = RateLimiter.plan('free', { concurrency: undefined });
    for (let i = 0; i < 3; i++) void limiter.acquire('read');
    await Promise.resolve();
    expect(limiter.stats()).toMatchObject({ inFlight: 2, queued: 1 });
  });

  it('has the documented limits, and those of the plans', () => {
    const available = ({ scopes }: ReturnType<RateLimiter['stats']>): number[] =>
      [scopes.execute, scopes.write, scopes.read, scopes.admin].map((scope) => scope.available);
    expect(available(new RateLimiter().stats())).toEqual([120, 15, 250, 60]);
    expect(available(RateLimiter.plan('pro').stats())).toEqual([100, 15, 100, 60]);
    expect(available(RateLimiter.plan('free').stats())).toEqual([20, 15, 20, 20]);
  });

  it.each([
    ['nope', {}],
    ['execute', { priority: 'urgent' }],
  ])('knows no scope or priority of another name: %s %o', async (scope, options) => {
    const error = await rejection(new RateLimiter().acquire(scope as 'read', options as never));
    expect(error).toBeInstanceOf(TwigConfigError);
  });
});

describe('a 429', () => {
  it('stops every caller of its scope until the server is ready, and nobody of another', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const limiter = new RateLimiter({ clock });
    const lease = await limiter.acquire('execute');
    answered(lease, 429, 30_000);
    const at: Record<string, number> = {};
    const go = (scope: 'execute' | 'read', name: string) =>
      limiter.acquire(scope).then((held) => {
        at[name] = clock.now() - start;
        answered(held);
      });
    const all = Promise.all([go('execute', 'same'), go('execute', 'same too'), go('read', 'other')]);
    expect(limiter.stats().scopes.execute.pausedUntil?.getTime()).toBeGreaterThanOrEqual(start + 30_000);
    await clock.run();
    await all;
    expect(at.other).toBe(0);
    expect(at.same).toBeGreaterThanOrEqual(30_000);
    expect(at['same too']).toBeGreaterThanOrEqual(30_000);
  });

  it('that names no time pauses for a second, and twice as long each further time', async () => {
    const clock = new VirtualClock(undefined, () => 0);
    const limiter = new RateLimiter({ clock });
    for (const seconds of [1, 2, 4]) {
      const held = limiter.acquire('read');
      await clock.run();
      const before = clock.now();
      answered(await held, 429);
      expect(limiter.stats().scopes.read.pausedUntil?.getTime()).toBe(before + seconds * 1000);
    }
  });
});

describe('the plan', () => {
  it('counts the calls of all scopes together and bounds those under way', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const limiter = RateLimiter.plan('free', { clock });
    let underWay = 0;
    let most = 0;
    const work = async (scope: 'read' | 'execute') => {
      const lease = await limiter.acquire(scope);
      most = Math.max(most, ++underWay);
      await clock.sleep(100);
      underWay--;
      answered(lease);
    };
    const all = Promise.all(Array.from({ length: 60 }, (_, i) => work(i % 2 ? 'read' : 'execute')));
    await clock.run();
    await all;
    expect(most).toBe(2);
    // 20 as fast as two at once go, and one in 3 s from then on.
    expect(clock.now() - start).toBeGreaterThan(39 * 3000);
    expect(clock.now() - start).toBeLessThan(41 * 3000);
  });
});

describe('timers', () => {
  it('run while somebody waits, and never otherwise', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock });
    answered(await limiter.acquire('execute'));
    expect(clock.pending).toBe(0);
    const stop = new AbortController();
    const aborted = rejection(limiter.acquire('execute', { signal: stop.signal }));
    const waiting = limiter.acquire('execute').then((lease) => answered(lease));
    expect(clock.pending).toBeGreaterThan(0);
    stop.abort();
    await aborted;
    await clock.run();
    await waiting;
    expect(clock.pending).toBe(0);
  });

  it('of one caller that are lost with its request keep nobody else waiting', async () => {
    const clock = new VirtualClock();
    let isLost = false;
    const sleep: VirtualClock['sleep'] = (ms, signal) => (isLost ? new Promise(() => {}) : clock.sleep(ms, signal));
    const limiter = new RateLimiter({ limits, clock: { now: clock.now, random: clock.random, sleep } });
    answered(await limiter.acquire('execute'));
    const start = clock.now();
    isLost = true;
    limiter.acquire('execute');
    await Promise.resolve();
    isLost = false;
    const second = limiter.acquire('execute');
    await clock.run(start + 5000);
    answered(await second);
    expect(limiter.stats().queued).toBe(0);
  });

  it('come from a clock that may be an object of any class', async () => {
    class Clock {
      private readonly _time = 5;
      now(): number {
        return this._time;
      }
      random(): number {
        return this._time / 10;
      }
      sleep(): Promise<void> {
        return new Promise(() => {});
      }
    }
    const limiter = new RateLimiter({ clock: new Clock() });
    answered(await limiter.acquire('read'), 429, 1000);
    expect(limiter.stats().scopes.read.pausedUntil?.getTime()).toBe(5 + 1000 + 50);
  });
});

it('costs the same for each of 100,000 queued calls as for each of 10,000', async () => {
  const measure = async (count: number): Promise<number> => {
    // One at a time, and tokens enough: what is measured is the queue, and no timer fires.
    const limits = { execute: { perMinute: 1e9, burst: 1e9 } };
    const limiter = new RateLimiter({ limits, concurrency: 1, clock: new VirtualClock() });
    const start = performance.now();
    await Promise.all(Array.from({ length: count }, () => limiter.acquire('execute').then((lease) => answered(lease))));
    return (performance.now() - start) / count;
  };
  await measure(2000);
  const few: number[] = [];
  const many: number[] = [];
  for (let round = 0; round < 3; round++) {
    few.push(await measure(10_000));
    many.push(await measure(100_000));
  }
  // A queue that is searched or copied for each call would make it ten.
  expect(Math.min(...many) / Math.min(...few)).toBeLessThan(5);
});
