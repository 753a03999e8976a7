/** The store on a real Redis: what it keeps there, what it asks, and what follows when scripts, keys or the server go. */

import { inspect } from 'node:util';
import { RateLimiter, type StoreAsk, TwigConfigError } from '@twig/sdk/rate-limiter';
import { type RedisCommand, type RedisLike, redisStore } from '@twig/sdk/redis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rejection } from '../support/client.ts';
import { connect, hasRedis, startRedis, type TestConnection, type TestRedis } from '../support/redis.ts';
import { turn, until } from '../support/turns.ts';

const apiKey = 'twigsk_live_aVerySecretKey0123456789';
const answered = { status: 200, retryAfterMs: undefined, serverTimeMs: undefined };

const askFor = (want: number, more: Partial<StoreAsk> = {}): StoreAsk => ({
  scope: 'execute',
  limit: { perMinute: 100, burst: 120 },
  want,
  aheadMs: 1000,
  validMs: 1000,
  back: 0,
  flying: 0,
  answered: 0,
  others: 1,
  ...more,
});

describe.runIf(hasRedis)('redisStore', () => {
  let redis: TestRedis;
  let connection: TestConnection;
  let command: RedisCommand;
  beforeEach(async () => {
    redis = await startRedis();
    connection = await connect(redis.port);
    command = connection.command;
  });
  afterEach(async () => {
    connection.close();
    await redis.kill();
  });
  const keys = async (): Promise<string[]> => ((await command(['KEYS', '*'])) as string[]).sort();

  it('gives tokens, at first a part of the burst, and all that are left when an answer has shown that they are there', async () => {
    const store = redisStore(command, { apiKey });
    const first = await store.exchange(askFor(500));
    expect(first).toMatchObject({ isCold: true, processes: 1 });
    expect(first.tokens).toEqual(Array(32).fill(0));
    expect(first.againMs).toBeGreaterThan(0);
    const news = { status: 200, limit: 100, remaining: 119, ageMs: 10, pauseMs: 0 };
    const second = await store.exchange(askFor(500, { flying: 31, answered: 1, news }));
    expect(second.isCold).toBe(false);
    // 119, less 31 that are under way, and the one or two that fall due within a second.
    expect(second.tokens.length).toBeGreaterThanOrEqual(88 - 2);
    expect(second.tokens.length).toBeLessThanOrEqual(88 + 2);
  });

  it('names its keys by a digest of the key, in one slot of a cluster, and lets them expire', async () => {
    await redisStore(command, { apiKey }).exchange(askFor(1));
    const [bucket = '', members] = await keys();
    expect(bucket).toMatch(/^twig:\{[\w-]{22}\}:execute$/);
    expect(members).toBe(`${bucket}:m`);
    for (const key of [bucket, members]) {
      const ttl = Number(await command(['PTTL', String(key)]));
      expect(ttl).toBeGreaterThan(100_000);
      expect(ttl).toBeLessThanOrEqual(144_000);
    }
  });

  it('shows no part of the key in Redis, in what is sent there, in errors, or when it is inspected', async () => {
    const watcher = await connect(redis.port);
    await watcher.command(['MONITOR']);
    const store = redisStore(command, { apiKey });
    await store.exchange(askFor(1));
    const limiter = new RateLimiter({ store });
    (await limiter.acquire('execute')).release();
    const dump = (await keys()).map((key) => command(['HGETALL', key]));
    const failing = redisStore(() => Promise.reject(new Error('away')), { apiKey });
    const error = await rejection(failing.exchange(askFor(1)));
    const everything = [
      ...[connection.sent, await keys(), await Promise.all(dump), limiter.stats()].map((what) => JSON.stringify(what)),
      ...[store, limiter, error].map((what) => inspect(what, { depth: 20, showHidden: true })),
      String(error),
    ].join('\n');
    for (let at = 0; at + 6 <= apiKey.length; at++) expect(everything).not.toContain(apiKey.slice(at, at + 6));
    watcher.close();
  });

  it('keeps applications with another prefix, other keys and other names apart, and gives one limit to the same', async () => {
    const stores = [
      redisStore(command, { apiKey }),
      redisStore(command, { apiKey, prefix: 'app' }),
      redisStore(command, { apiKey: 'another' }),
      redisStore(command, { apiKey, name: 'nightly' }),
      redisStore(command, { name: 'nightly' }),
    ];
    for (const store of stores) await store.exchange(askFor(1));
    const before = await keys();
    expect(before).toHaveLength(stores.length * 2);
    expect(before.filter((key) => key.startsWith('app:'))).toHaveLength(2);
    const { processes } = await redisStore(command, { apiKey }).exchange(askFor(1));
    expect(processes).toBe(2);
    expect(await keys()).toEqual(before);
  });

  it('takes the key from TWIG_API_KEY when it is first asked', async () => {
    const store = redisStore(command);
    vi.stubEnv('TWIG_API_KEY', apiKey);
    await store.exchange(askFor(1));
    const before = await keys();
    await redisStore(command, { apiKey }).exchange(askFor(1));
    expect(await keys()).toEqual(before);
  });

  it('does without its script in Redis: after a restart, a SCRIPT FLUSH, a FLUSHALL', async () => {
    const store = redisStore(command, { apiKey });
    await store.exchange(askFor(1));
    const names = () => connection.sent.map(([name]) => name);
    expect(names()).toEqual(['EVALSHA', 'EVAL']);
    await store.exchange(askFor(1));
    expect(names()).toEqual(['EVALSHA', 'EVAL', 'EVALSHA']);
    await command(['SCRIPT', 'FLUSH']);
    expect((await store.exchange(askFor(1))).tokens).toEqual([0]);
    await command(['FLUSHALL']);
    expect(await store.exchange(askFor(1))).toMatchObject({ tokens: [0], isCold: true });
  });

  it('takes no token for an ask that lay in the client until nobody waited for it', async () => {
    const store = redisStore(command, { apiKey });
    await store.exchange(askFor(1));
    const held: (() => void)[] = [];
    const lazy: RedisCommand = (parts) =>
      new Promise((resolve, reject) => held.push(() => void command(parts).then(resolve, reject)));
    const late = redisStore(lazy, { apiKey });
    const ask = rejection(late.exchange(askFor(20, { validMs: 5 })));
    await until(() => held.length === 1);
    const [bucket = ''] = await keys();
    const before = await command(['HGETALL', bucket]);
    // Redis's own clock says that the time is over.
    const over = Date.now() + 30;
    while (Date.now() < over) await turn();
    held.shift()?.();
    expect(await ask).toMatchObject({ message: expect.stringContaining('too late') });
    expect(await command(['HGETALL', bucket])).toEqual(before);
  });

  it.each([-300_000, 300_000])('asks in vain at most once with a clock that is wrong by %i ms', async (wrong) => {
    const clock = vi.spyOn(Date, 'now').mockImplementation(() => performance.timeOrigin + performance.now() + wrong);
    const store = redisStore(command, { apiKey });
    expect((await store.exchange(askFor(3))).tokens).toEqual([0, 0, 0]);
    const before = connection.sent.length;
    expect(before).toBeLessThanOrEqual(3);
    expect((await store.exchange(askFor(3))).tokens).toEqual([0, 0, 0]);
    expect(connection.sent).toHaveLength(before + 1);
    clock.mockRestore();
  });

  it('is one trip for a burst of 12, once Redis has the script', async () => {
    const store = redisStore(command, { apiKey });
    await store.exchange(askFor(0));
    const before = connection.sent.length;
    const limiter = new RateLimiter({ store });
    const leases = await Promise.all(Array.from({ length: 12 }, () => limiter.acquire('execute')));
    expect(leases).toHaveLength(12);
    expect(connection.sent).toHaveLength(before + 1);
    for (const lease of leases) lease.release();
  });

  it('lets calls go on while Redis is killed, and meets the others there when it is back and empty', async () => {
    const lost: RedisCommand = (parts) => connection.command(parts);
    const limiter = new RateLimiter({ store: redisStore(lost, { apiKey }), processes: 1 });
    const one = async (): Promise<void> => {
      const lease = await limiter.acquire('execute');
      lease.observe({ ...answered, rateLimit: { limit: 100, remaining: 100, resetAt: undefined } });
      lease.release();
    };
    await one();
    expect(limiter.stats().store).toEqual({ state: 'shared', processes: 1 });
    await redis.kill();
    await one();
    await one();
    expect(limiter.stats().store?.state).toBe('local');
    await redis.start();
    connection = await connect(redis.port);
    while (limiter.stats().store?.state === 'local') await one();
    const ask = connection.sent.findLast(([name]) => name === 'EVAL' || name === 'EVALSHA');
    // It tells what was last heard, so that nobody takes an empty Redis for a full bucket.
    expect(ask?.slice(3 + 2)[11]).toBe('100');
  });

  it('goes on after Redis stood still', async () => {
    const limiter = new RateLimiter({ store: redisStore(command, { apiKey }), storeTimeoutMs: 50 });
    redis.process().kill('SIGSTOP');
    (await limiter.acquire('execute')).release();
    expect(limiter.stats().store?.lastError).toContain('storeTimeoutMs (50 ms)');
    redis.process().kill('SIGCONT');
    while (limiter.stats().store?.state === 'local') (await limiter.acquire('read')).release();
  });
});

describe('the shape of a client', () => {
  const reply = [Date.now(), 0, 1, 5, 0, 0];
  const sent: unknown[] = [];
  const record = (given: unknown): Promise<unknown> => {
    sent.push(given);
    return Promise.resolve(reply);
  };
  beforeEach(() => sent.splice(0));
  const whole = ['EVALSHA', expect.stringMatching(/^[0-9a-f]{40}$/), '2', expect.anything()];
  const shapes: [string, RedisLike | RedisCommand, unknown][] = [
    ['GLIDE', { customCommand: (...given) => record(given) }, [expect.arrayContaining(whole)]],
    ['ioredis', { call: (...given: string[]) => record(given) }, expect.arrayContaining(whole)],
    ['Bun', { send: (...given) => record(given) }, ['EVALSHA', expect.arrayContaining(whole.slice(1))]],
    ['node-redis', { sendCommand: (...given: [string[]]) => record(given) }, [expect.arrayContaining(whole)]],
    [
      'a cluster of node-redis',
      { masters: [], sendCommand: (...given: [string, boolean, string[]]) => record(given) },
      [expect.stringContaining('twig:{'), false, expect.arrayContaining(whole)],
    ],
    [
      'Upstash',
      { evalsha: (...given: unknown[]) => record(given), eval: (...given: unknown[]) => record(given) },
      [whole[1], expect.arrayContaining([expect.stringContaining('twig:{')]), expect.anything()],
    ],
    ['a function', (...given: [readonly string[]]) => record(given), [expect.arrayContaining(whole)]],
  ];

  it.each(shapes)('of %s', async (_name, client, expected) => {
    expect((await redisStore(client, { apiKey }).exchange(askFor(1))).tokens).toEqual([0]);
    expect(sent).toEqual([expected]);
  });

  it('may be ambiguous: the first that is known counts', async () => {
    const client = {
      sendCommand: () => Promise.reject(new TypeError('no')),
      call: (...given: string[]) => record(given),
    };
    await redisStore(client, { apiKey }).exchange(askFor(1));
    expect(sent).toHaveLength(1);
  });

  it('may give integers as texts', async () => {
    const texts = { call: () => Promise.resolve(['1705314600000', '7', '3', '-4', '1', '12']) };
    expect(await redisStore(texts, { apiKey }).exchange(askFor(2))).toEqual({
      tokens: [12],
      againMs: 7,
      processes: 3,
      available: -4,
      isCold: true,
    });
  });

  it.each([[{}], [null], ['redis://localhost'], [undefined]])('is not %o', (client) => {
    expect(() => redisStore(client as unknown as RedisLike)).toThrow(TwigConfigError);
  });

  it('sends the script where it is missing in the words of each client', async () => {
    for (const word of ['NOSCRIPT No matching script.', 'NoScriptError: it is not there']) {
      const names: string[] = [];
      const client = {
        call: (name: string) => {
          names.push(name);
          return name === 'EVAL' ? Promise.resolve(reply) : Promise.reject(new Error(word));
        },
      };
      await redisStore(client, { apiKey }).exchange(askFor(1));
      expect(names).toEqual(['EVALSHA', 'EVAL']);
    }
  });
});

describe('the options', () => {
  const never: RedisCommand = () => new Promise(() => {});

  it('without a key and a name are told by the first call, whatever is to happen when the store fails', async () => {
    vi.stubEnv('TWIG_API_KEY', '');
    for (const ifStoreFails of ['share', 'wait', 'reject'] as const) {
      const limiter = new RateLimiter({ store: redisStore(never), ifStoreFails });
      const error = await rejection(limiter.acquire('execute'));
      expect(error).toBeInstanceOf(TwigConfigError);
      expect(String(error)).toContain('TWIG_API_KEY');
    }
  });

  it('of an unknown name are refused, with the nearest one named', () => {
    expect(() => redisStore(never, { keyPrefix: 'x' } as object)).toThrow(/did you mean prefix/);
  });
});

it('leaves nothing behind of a client that never answers', async () => {
  const limiter = new RateLimiter({ store: redisStore(() => new Promise(() => {}), { apiKey }), storeTimeoutMs: 5 });
  (await limiter.acquire('execute')).release();
  expect(limiter.stats().inFlight).toBe(0);
});
