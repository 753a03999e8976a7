/** The store of shared limits in Redis. */

import { elapsed, timeOf, uuid } from '../clock.ts';
import { TwigConfigError, TwigError } from '../errors.ts';
import { env } from '../node.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import type { LimiterStore, StoreAsk, StoreReply } from '../rate-limiter/store.ts';
import { digest } from './digest.ts';
import { LIMIT_SCRIPT } from './limit-script.ts';
import { type RedisCommand, type RedisLike, scriptRunner } from './scripts.ts';

/** Whose limit it is, and where it is kept. */
export interface RedisStoreOptions {
  /**
   * The API key whose limit is shared. Only a digest of it reaches Redis: processes with the same key meet there. Default:
   * the environment variable `TWIG_API_KEY`, read with the first call; without key and `name` that call rejects with
   * `TwigConfigError`.
   */
  apiKey?: string | undefined;
  /**
   * A name of the limit: in the place of a key that is not there, or that is changed from time to time. Beside `apiKey` it
   * keeps several limits of one key apart.
   */
  name?: string | undefined;
  /** Begins the keys in Redis: applications with different ones do not meet. Default `'twig'`. */
  prefix?: string | undefined;
}

const OPTIONS: KnownNames = { apiKey: true, name: true, prefix: true } satisfies Record<keyof RedisStoreOptions, true>;

/** What the script gives first for an ask that came too late. */
const TOO_LATE = -1;

/** As many bytes of the digest name the limit. */
const ID_BYTES = 16;

/** The name of the limit in Redis, which tells nothing of the key. */
async function idOf({ apiKey, name }: RedisStoreOptions): Promise<string> {
  const key = apiKey ?? (name === undefined ? env('TWIG_API_KEY') : undefined);
  if (!key && !name) {
    throw new TwigConfigError(
      'redisStore: whose limit is it? Set TWIG_API_KEY, or give apiKey (a digest of it is used), or a name.',
    );
  }
  const text = ['twig-limit', key ?? '', ...(name === undefined ? [] : [name])].join('\0');
  const bytes = (await digest('SHA-256', text)).slice(0, ID_BYTES);
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}

/** The arguments of the script, in its order. */
function argumentsOf(ask: StoreAsk, validUntil: number, me = ''): string[] {
  const { limit, news } = ask;
  const numbers = [
    ...[limit.perMinute, limit.burst, ask.want, ask.aheadMs],
    ...[validUntil, ask.flying, ask.others, ask.back, ask.answered],
    ...[news?.status ?? 0, news?.limit ?? -1, news?.remaining ?? -1, news?.ageMs ?? 0, news?.pauseMs ?? 0],
  ];
  return [...numbers.map(String), me];
}

/**
 * Shares the limits of a `RateLimiter` over Redis 5 and later, Valkey, or what speaks like them. The key never gets there,
 * nor any part of it.
 *
 * Throws `TwigConfigError` for what is no client and for an option of an unknown name.
 *
 * @param redis A client of ioredis, node-redis, Valkey GLIDE, Bun or Upstash, or a function that sends a command.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { RateLimiter } from '@twig/sdk/rate-limiter';
 * import { type RedisLike, redisStore } from '@twig/sdk/redis';
 *
 * export function clientOver(redis: RedisLike): TwigClient {
 *   return new TwigClient({ rateLimiter: new RateLimiter({ store: redisStore(redis) }) });
 * }
 * ```
 */
export function redisStore(redis: RedisLike | RedisCommand, options: RedisStoreOptions = {}): LimiterStore {
  refuseUnknown('redisStore: the option', options, OPTIONS);
  const run = scriptRunner(redis);
  const { prefix = 'twig' } = options;
  let id: string | undefined;
  let ownId: string | undefined;
  /** How far the time of Redis is ahead of ours: by the time of day at first, and as the last reply said from then on. */
  let redisAheadMs: number | undefined;

  async function attempt(ask: StoreAsk, startedAt: number): Promise<number[]> {
    // The braces keep both keys in one slot of a cluster.
    const bucket = `${prefix}:{${id}}:${ask.scope}`;
    const sentAt = elapsed();
    redisAheadMs ??= timeOf(undefined) - sentAt;
    const validUntil = startedAt + redisAheadMs + ask.validMs;
    const reply = await run(LIMIT_SCRIPT, [bucket, `${bucket}:m`], argumentsOf(ask, validUntil, ask.process ?? ownId));
    // Some clients give integers as text.
    const numbers = Array.isArray(reply) ? reply.map(Number) : [];
    const [first = Number.NaN, second = Number.NaN] = numbers;
    const redisNow = first === TOO_LATE ? second : first;
    if (!Number.isFinite(redisNow)) throw new TwigError('Redis gave no reply that the script would give.');
    // When it was sent, not when the reply came: Redis may have run it at once or only now, and no ask is refused for that.
    redisAheadMs = redisNow - sentAt;
    return numbers;
  }

  return {
    async exchange(ask): Promise<StoreReply> {
      id ??= await idOf(options);
      ownId ??= uuid();
      const startedAt = elapsed();
      let reply = await attempt(ask, startedAt);
      // Refused by a clock that was guessed wrong. The right one is known now.
      if (reply[0] === TOO_LATE && elapsed() - startedAt < ask.validMs) reply = await attempt(ask, startedAt);
      if (reply[0] === TOO_LATE) throw new TwigError('The ask reached Redis too late to count.');
      const [, againMs = 0, processes = 1, available = 0, isCold, ...tokens] = reply;
      return { tokens, againMs, processes, available, isCold: isCold === 1 };
    },
  };
}
