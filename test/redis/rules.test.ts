/** The script in Redis and the rules in TypeScript, asked the same at the same times, answer the same. */

import type { StoreAsk } from '@twig/sdk/rate-limiter';
import { createTestClock } from '@twig/sdk/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Buckets, exchange } from '../../src/redis/limit-rules.ts';
import { LIMIT_SCRIPT } from '../../src/redis/limit-script.ts';
import { connect, hasRedis, startRedis, type TestConnection, type TestRedis } from '../support/redis.ts';

/** The same script, but the time is an argument, and how long the bucket is kept is said instead of done. */
const timed = LIMIT_SCRIPT.replace("redis.call('TIME')", '{ARGV[16], ARGV[17]}').replace(
  "redis.call('PEXPIRE', bucket, keep)",
  "redis.call('HSET', bucket, 'keep', keep)",
);

const limits = [
  { perMinute: 100, burst: 120 },
  { perMinute: 6000, burst: 120 },
  { perMinute: 10, burst: 15 },
  { perMinute: 60, burst: 1 },
  { perMinute: 8, burst: 2.5 },
];

it('wait for nothing when the clock is set back', () => {
  const buckets: Buckets = new Map();
  const ask: StoreAsk = {
    scope: 'execute',
    limit: { perMinute: 60, burst: 20 },
    want: 1,
    aheadMs: 1000,
    validMs: 1000,
    back: 0,
    flying: 0,
    answered: 1,
    others: 1,
  };
  const now = 1_705_314_600_000;
  for (const at of [now, now + 1, now - 3_600_000]) expect(exchange(buckets, ask, at).tokens).toEqual([0]);
});

describe.runIf(hasRedis)('random sequences', () => {
  let redis: TestRedis;
  let connection: TestConnection;
  beforeAll(async () => {
    redis = await startRedis();
    connection = await connect(redis.port);
  });
  afterAll(async () => {
    connection.close();
    await redis.kill();
  });

  it('are of a script whose time can be given', () => {
    expect(timed).toContain('ARGV[17]');
    expect(timed).toContain("'keep'");
  });

  it.each(limits.flatMap((limit) => [1, 2, 3].map((seed) => ({ ...limit, seed }))))(
    '%o',
    async ({ seed, ...limit }) => {
      const { random } = createTestClock({ seed });
      const whole = (most: number): number => Math.floor(random() * (most + 1));
      const chance = (of: number): boolean => random() < of;
      const buckets: Buckets = new Map();
      const key = `rules:{${seed}}:${limit.perMinute}`;
      let expiresAt = Number.POSITIVE_INFINITY;
      // Microseconds, as Redis counts them.
      let at = 1_705_314_600_000_000 + whole(1e6);
      for (let step = 0; step < 300; step++) {
        // Another server takes over whose clock is behind.
        if (chance(0.02)) at -= whole(5e6);
        at += chance(0.02) ? whole(200e6) : chance(0.3) ? 0 : whole(chance(0.5) ? 5000 : 2e6);
        const news = chance(0.6)
          ? {
              status: chance(0.08) ? 429 : 200,
              limit: chance(0.1) ? 1 + whole(limit.perMinute) : undefined,
              remaining: chance(0.7) ? whole(limit.burst) : undefined,
              ageMs: whole(3000),
              pauseMs: chance(0.05) ? whole(20_000) : 0,
            }
          : undefined;
        const ask: StoreAsk = {
          scope: 'execute',
          limit,
          process: `p${whole(7)}`,
          want: whole(12),
          aheadMs: 1000,
          validMs: 1000,
          back: chance(0.1) ? whole(3) : 0,
          flying: whole(8),
          answered: whole(4),
          others: 1 + whole(9),
          news,
        };
        const nowMs = Math.floor(at / 1e6) * 1000 + (at % 1e6) / 1000;
        if (nowMs >= expiresAt) await connection.command(['DEL', key, `${key}:m`]);
        const expected = exchange(buckets, ask, nowMs);
        const numbers = [
          ...[limit.perMinute, limit.burst, ask.want, 1000, 0, ask.flying, ask.others, ask.back, ask.answered],
          ...[news?.status ?? 0, news?.limit ?? -1, news?.remaining ?? -1, news?.ageMs ?? 0, news?.pauseMs ?? 0],
        ].map(String);
        const time = [String(Math.floor(at / 1e6)), String(at % 1e6)];
        const args = [...numbers, ask.process ?? '', ...time];
        const reply = await connection.command(['EVAL', timed, '2', key, `${key}:m`, ...args]);
        expiresAt = nowMs + Number(await connection.command(['HGET', key, 'keep']));
        const [, againMs, processes, available, cold, ...tokens] = reply as number[];
        expect({ step, tokens, againMs, processes, available, isCold: cold === 1 }).toEqual({ step, ...expected });
      }
    },
  );
});
