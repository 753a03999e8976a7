/** Deliveries over a real Redis: each handled once, whoever gets it, whatever fails. */

import { type RedisCommand, redisDedupe } from '@twig/sdk/redis';
import { createWebhookHandler, TwigConfigError, type WebhookDedupe, Webhooks } from '@twig/sdk/webhooks';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connect, hasRedis, startRedis, type TestConnection, type TestRedis } from '../support/redis.ts';
import { turn, until } from '../support/turns.ts';

const secret = 'the secret';
const body = JSON.stringify({ event: 'interaction.completed', data: {} });
const signature = await new Webhooks({ secret }).sign(body);
const delivery = (): Request =>
  new Request('http://localhost/hook', { method: 'POST', body, headers: { 'x-twig-signature': signature } });

describe.runIf(hasRedis)('redisDedupe', () => {
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

  it('has one winner of two at once; the other is busy, and afterwards it was handled', async () => {
    const [one, two] = [redisDedupe(command), redisDedupe(command)];
    expect((await Promise.all([one.seen('a'), two.seen('a')])).sort()).toEqual(['busy', false]);
    await one.done?.('a');
    await two.done?.('a');
    expect(await Promise.all([one.seen('a'), two.seen('a')])).toEqual([true, true]);
  });

  it('handles one of a hundred copies that reach two machines', async () => {
    let handled = 0;
    const handlers = [1, 2].map(() =>
      createWebhookHandler({
        secret,
        dedupe: redisDedupe(command),
        fallback: async () => {
          for (let turns = 0; turns < 20; turns++) await turn();
          handled++;
        },
      }),
    );
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => (await handlers[index % 2]?.(delivery()))?.status),
    );
    expect(handled).toBe(1);
    expect(new Set(answers)).toEqual(new Set([200, 503]));
    expect((await handlers[1]?.(delivery()))?.status).toBe(200);
    expect(handled).toBe(1);
  });

  it('lets another machine try what failed', async () => {
    let runs = 0;
    const make = (fails: boolean) =>
      createWebhookHandler({
        secret,
        dedupe: redisDedupe(command),
        fallback: () => {
          runs++;
          if (fails) throw new Error('no');
        },
      });
    expect((await make(true)(delivery())).status).toBe(500);
    expect((await make(false)(delivery())).status).toBe(200);
    expect(runs).toBe(2);
  });

  const ranOut = async (key: string): Promise<void> => {
    while (await command(['EXISTS', `twig:webhook:${key}`])) await turn();
  };

  it('lets the claim of a process that died run out', async () => {
    const [dead, alive] = [redisDedupe(command, { claimSeconds: 0.05 }), redisDedupe(command)];
    expect(await dead.seen('a')).toBe(false);
    await ranOut('a');
    expect(await alive.seen('a')).toBe(false);
  });

  it.each<[string, (dedupe: WebhookDedupe) => WebhookDedupe]>([
    ['of another machine', () => redisDedupe(command)],
    ['in the same process', (dedupe) => dedupe],
  ])('leaves the second claim %s where the first one is given up late', async (_where, secondOf) => {
    const first = redisDedupe(command, { claimSeconds: 0.05 });
    expect(await first.seen('a')).toBe(false);
    await ranOut('a');
    const second = secondOf(first);
    expect(await second.seen('a')).toBe(false);
    await first.forget?.('a');
    expect(await redisDedupe(command).seen('a')).toBe('busy');
  });

  it('gives up a claim that gets to Redis when the handler has answered already', async () => {
    const held: (() => void)[] = [];
    const waiting: RedisCommand = (parts) =>
      new Promise((resolve, reject) => held.push(() => void command(parts).then(resolve, reject)));
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const claim = Promise.allSettled([redisDedupe(waiting).seen('a')]);
    await until(() => held.length === 1);
    await vi.advanceTimersByTimeAsync(5000);
    vi.useRealTimers();
    expect(await claim).toMatchObject([{ status: 'rejected', reason: { code: 'store_unavailable' } }]);
    const names = (): unknown[] => connection.sent.map(([name]) => name);
    // The client is connected again: it sends the claim, by digest and by text, and then what gives it up.
    for (const sent of [1, 2, 3, 4]) {
      await until(() => held.length > 0);
      held.shift()?.();
      await until(() => names().length === sent);
    }
    expect(names()).toEqual(['EVALSHA', 'EVAL', 'EVALSHA', 'EVAL']);
    expect(await redisDedupe(command).seen('a')).toBe(false);
  });

  it('gives up a claim whose reply is lost', async () => {
    let isLost = true;
    const losing: RedisCommand = async (parts) => {
      const reply = await command(parts);
      if (reply !== 'claimed' || !isLost) return reply;
      isLost = false;
      throw new Error('the connection is closed');
    };
    const dedupe = redisDedupe(losing);
    await expect(Promise.resolve(dedupe.seen('a'))).rejects.toThrow('closed');
    await ranOut('a');
    expect(await dedupe.seen('a')).toBe(false);
  });

  it('is not kept from a delivery by its own claim, which the client sends twice', async () => {
    const twice: RedisCommand = async (parts) => {
      await command(parts);
      return command(parts);
    };
    expect(await redisDedupe(twice).seen('a')).toBe(false);
    expect(await redisDedupe(twice).seen('a')).toBe('busy');
  });

  it('takes the word of whoever says that it was handled', async () => {
    const [web, worker] = [redisDedupe(command), redisDedupe(command)];
    expect(await web.seen('a')).toBe(false);
    await worker.done?.('a');
    expect(await web.seen('a')).toBe(true);
  });

  it('remembers for a day what was handled, and claims for five minutes', async () => {
    const dedupe = redisDedupe(command, { prefix: 'app' });
    await dedupe.seen('a');
    expect(Number(await command(['PTTL', 'app:webhook:a']))).toBeGreaterThan(290_000);
    expect(Number(await command(['PTTL', 'app:webhook:a']))).toBeLessThanOrEqual(300_000);
    await dedupe.done?.('a');
    expect(Number(await command(['PTTL', 'app:webhook:a']))).toBeGreaterThan(86_000_000);
    expect(await command(['GET', 'app:webhook:a'])).toBe('done');
  });

  it('sends scripts alone, which any client and any cluster can send', async () => {
    const dedupe = redisDedupe(command);
    await dedupe.seen('a');
    await dedupe.done?.('a');
    await dedupe.seen('b');
    await dedupe.forget?.('b');
    const names = new Set(connection.sent.map(([name]) => name));
    expect(names).toEqual(new Set(['EVALSHA', 'EVAL']));
    expect(new Set(connection.sent.map((parts) => parts[2]))).toEqual(new Set(['1']));
  });

  it('answers 500 when Redis is gone, and tells why', async () => {
    const told: unknown[] = [];
    const handler = createWebhookHandler({
      secret,
      dedupe: redisDedupe(command),
      onError: (error) => void told.push(error),
      fallback: () => {},
    });
    await redis.kill();
    expect((await handler(delivery())).status).toBe(500);
    expect(told).toEqual([new Error('the connection is closed')]);
  });
});

it('answers 500 within seconds when the client waits for a Redis that is away', async () => {
  const told: unknown[] = [];
  const handler = createWebhookHandler({
    secret,
    dedupe: redisDedupe(() => new Promise(() => {})),
    onError: (error) => void told.push(error),
    fallback: () => {},
  });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const answer = handler(delivery());
  await until(() => vi.getTimerCount() > 0);
  await vi.advanceTimersByTimeAsync(5000);
  expect((await answer).status).toBe(500);
  vi.useRealTimers();
  expect(told).toEqual([
    expect.objectContaining({ code: 'store_unavailable', message: expect.stringContaining('5000 ms') }),
  ]);
});

it.each([{ claimSeconds: 0 }, { ttlSeconds: Number.NaN }, { ttlSeconds: Number.POSITIVE_INFINITY }])(
  'refuses %o',
  (options) => {
    expect(() => redisDedupe(() => Promise.resolve('done'), options)).toThrow(TwigConfigError);
  },
);

it('refuses options of an unknown name', () => {
  expect(() => redisDedupe(() => Promise.resolve('done'), { ttlMs: 5 } as object)).toThrow(/ttlMs is unknown/);
});
