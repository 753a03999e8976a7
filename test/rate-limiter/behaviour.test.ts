/** Who goes when: the order of a queue, its bounds, pauses, and timers. */

import { type LimiterLease, type LimiterObservation, RateLimiter, TwigRateLimiterError } from '@twig/sdk/rate-limiter';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { VirtualClock } from './simulation.ts';

const one = { perMinute: 60, burst: 1 }; // one at once, then one a second
const limits = { execute: one, read: one };
const answer = (status = 200, retryAfterMs?: number, remaining?: number): LimiterObservation => {
  const rateLimit = remaining === undefined ? undefined : { limit: undefined, remaining, resetAt: undefined };
  return { status, rateLimit, retryAfterMs, serverTimeMs: undefined };
};
const answered = (lease: LimiterLease, ...what: Parameters<typeof answer>): void => {
  lease.observe(answer(...what));
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
    await go('a');
    const aborted = rejection(go('b', { signal: stop.signal }));
    const last = go('c');
    expect(limiter.stats().queued).toBe(2);
    stop.abort(reason);
    expect(limiter.stats().queued).toBe(1);
    expect(await aborted).toBe(reason);
    await clock.run();
    await last;
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

  it('is first come, first served between scopes that are ready together', async () => {
    const limiter = new RateLimiter({ concurrency: 1, clock: new VirtualClock() });
    const first = await limiter.acquire('execute');
    const order: string[] = [];
    const all = (['write', 'admin', 'execute', 'read'] as const).map((scope) =>
      limiter.acquire(scope).then((lease) => {
        order.push(scope);
        lease.release();
      }),
    );
    first.release();
    await Promise.all(all);
    expect(order).toEqual(['write', 'admin', 'execute', 'read']);
  });

  it('leaves nothing on a signal that many calls share', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock });
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = {
      aborted: false,
      reason: undefined,
      addEventListener: (...args: Parameters<typeof signal.addEventListener>) => {
        listeners++;
        signal.addEventListener(...args);
      },
      removeEventListener: (...args: Parameters<typeof signal.removeEventListener>) => {
        listeners--;
        signal.removeEventListener(...args);
      },
    };
    const all = [1, 2, 3].map(() => limiter.acquire('execute', { signal: counted }).then((lease) => answered(lease)));
    await clock.run();
    await Promise.all(all);
    expect(listeners).toBe(0);
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
    // Over all scopes: nobody waits for a read yet.
    answered(await limiter.acquire('read'));
    const error = await rejection(limiter.acquire('read'));
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

  it.each([
    ['a scope', {}],
    ['the total of all scopes', { execute: { perMinute: 500, burst: 600 }, total: { perMinute: 100, burst: 120 } }],
  ])('sends a part of the burst of %s ahead, and all of it once an answer has come', async (_of, limits) => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ clock, limits });
    const leases: LimiterLease[] = [];
    for (let i = 0; i < 120; i++) limiter.acquire('execute').then((lease) => leases.push(lease));
    await clock.run(clock.now() + 1000);
    expect(leases.length).toBeGreaterThanOrEqual(30);
    expect(leases.length).toBeLessThanOrEqual(60);
    expect(limiter.stats().scopes.execute.available).toBe(0);
    // One that failed without an answer makes room for one more.
    const sent = leases.length;
    leases[1]?.release();
    await clock.run(clock.now());
    expect(leases.length).toBe(sent + 1);
    leases[0]?.observe(answer());
    await clock.run(clock.now());
    expect(leases.length).toBe(120);
  });

  it('does not count those behind one against its maxWaitMs', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock, maxWaitMs: 2500 });
    const { log, go } = queue(limiter, clock);
    const all = [
      go('first'),
      go('low 1', { priority: 'low' }),
      go('low 2', { priority: 'low' }),
      go('high', { priority: 'high' }),
    ];
    await clock.run();
    const failed = (await Promise.allSettled(all)).filter(({ status }) => status === 'rejected');
    expect(failed.length).toBe(1);
    expect(log.slice(0, 2)).toEqual(['first@0', 'high@1']);
  });

  it('refuses at once whoever would wait longer than maxWaitMs for the total of all scopes', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits: { total: one }, clock, maxWaitMs: 1500 });
    const all = [limiter.acquire('execute'), limiter.acquire('execute')];
    expect(await rejection(limiter.acquire('execute'))).toMatchObject({ code: 'wait_too_long' });
    expect(clock.pending).toBe(1);
    await clock.run();
    await Promise.all(all);
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

describe('what an answer says', () => {
  it('counts once, however often it is told', async () => {
    const clock = new VirtualClock(undefined, () => 0);
    const limiter = new RateLimiter({ clock });
    const lease = await limiter.acquire('read');
    lease.observe(answer(429));
    lease.observe(answer(429));
    lease.release();
    const held = limiter.acquire('read');
    await clock.run();
    const before = clock.now();
    answered(await held, 429);
    expect(limiter.stats().scopes.read.pausedUntil?.getTime()).toBe(before + 2000);
  });

  it('pauses for an hour at most, and for about a minute when no time was named', async () => {
    const clock = new VirtualClock(undefined, () => 0);
    const limiter = new RateLimiter({ clock });
    const pause = async (...what: Parameters<typeof answer>) => {
      const held = limiter.acquire('read');
      await clock.run();
      answered(await held, ...what);
      return (limiter.stats().scopes.read.pausedUntil?.getTime() ?? 0) - clock.now();
    };
    expect(await pause(429, 7 * 86_400_000)).toBe(3_600_000);
    for (let i = 0; i < 10; i++) await pause(429);
    expect(await pause(429)).toBe(64_000);
    expect(await pause(200)).toBeLessThanOrEqual(0);
    // Those that named a time or came before a success are not counted.
    expect(await pause(429)).toBe(1000);
  });

  it('lets one go ahead after a 429, and the others when it was answered', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ clock });
    answered(await limiter.acquire('read'), 429, 30_000);
    const leases: LimiterLease[] = [];
    for (let i = 0; i < 5; i++) limiter.acquire('read').then((lease) => leases.push(lease));
    await clock.run(clock.now() + 60_000);
    expect(leases.length).toBe(1);
    leases[0]?.observe(answer());
    await clock.run(clock.now());
    expect(leases.length).toBe(5);
  });

  it('cannot hold the scope up longer than it says: less than nothing is nothing', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const limiter = new RateLimiter({ clock });
    answered(await limiter.acquire('read'), 200, undefined, -1e9);
    const next = limiter.acquire('read');
    await clock.run();
    await next;
    expect(clock.now() - start).toBeLessThan(60_000);
  });

  it('is forgotten after a quiet time, when the bucket is full again', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ clock });
    const seen: number[] = [];
    for (const remaining of [249, 16, 249, 16]) {
      answered(await limiter.acquire('read'), 200, undefined, remaining);
      seen.push(limiter.stats().scopes.read.available);
      await clock.run(clock.now() + 120_000);
    }
    // Where there is less than was counted, the root of it is left to whoever else draws on it.
    expect(seen).toEqual([249, 12, 249, 12]);
  });

  it('is not taken for a lower limit when the answer is old, and the bucket has filled since', async () => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ clock });
    const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => limiter.acquire('execute')));
    first?.observe(answer(200, undefined, 100));
    await clock.run(clock.now() + 12_000);
    for (const lease of others) lease.observe(answer(200, undefined, 100));
    expect(limiter.stats().scopes.execute.available).toBe(120);
  });

  it('does not shorten a pause that another one asked for', async () => {
    const clock = new VirtualClock(undefined, () => 0);
    const limiter = new RateLimiter({ clock });
    const leases = [await limiter.acquire('read'), await limiter.acquire('read')];
    for (const [i, lease] of leases.entries()) lease.observe(answer(429, [30_000, 5000][i]));
    expect(limiter.stats().scopes.read.pausedUntil?.getTime()).toBe(clock.now() + 30_000);
  });

  it.each([0, -1])('is no limit when it is %i', async (limit) => {
    const clock = new VirtualClock();
    const limiter = new RateLimiter({ limits, clock });
    const lease = await limiter.acquire('read');
    lease.observe({ ...answer(), rateLimit: { limit, remaining: undefined, resetAt: undefined } });
    const start = clock.now();
    const next = limiter.acquire('read');
    await clock.run();
    await next;
    expect(clock.now() - start).toBe(1000);
  });
});

describe('a clock that is set back by an hour', () => {
  it('prolongs a pause by no more than its own length, and takes no token away', async () => {
    const clock = new VirtualClock(undefined, () => 0);
    let back = 0;
    const now = () => clock.now() - back;
    const limiter = new RateLimiter({ clock: { now, random: clock.random, sleep: clock.sleep } });
    answered(await limiter.acquire('execute'), 429, 30_000);
    const [tokens, start] = [limiter.stats().scopes.read.available, clock.now()];
    back = 3_600_000;
    expect(limiter.stats().scopes.read.available).toBe(tokens);
    const next = limiter.acquire('execute');
    await clock.run();
    await next;
    expect(clock.now() - start).toBe(30_000);
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

  it('become rarer while a caller waits for a place', async () => {
    const clock = new VirtualClock();
    let timers = 0;
    const sleep: VirtualClock['sleep'] = (ms, signal) => {
      timers++;
      return clock.sleep(ms, signal);
    };
    const limiter = new RateLimiter({ concurrency: 1, clock: { now: clock.now, random: clock.random, sleep } });
    await limiter.acquire('execute');
    limiter.acquire('execute');
    await clock.run(clock.now() + 3_600_000);
    expect(timers).toBeGreaterThan(1);
    expect(timers).toBeLessThan(20);
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
