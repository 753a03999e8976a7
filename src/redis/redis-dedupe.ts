/** Webhook deliveries that were handled, or are being handled, kept in Redis. */

import { startTimer, systemClock, uuid } from '../clock.ts';
import { TwigConfigError, TwigError } from '../errors.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import type { Claimed, WebhookDedupe } from '../webhooks/dedupe.ts';
import { dedupeOf } from '../webhooks/keyed-claims.ts';
import { type RedisCommand, type RedisLike, scriptRunner } from './scripts.ts';

/** Where deliveries are kept, and how long. */
export interface RedisDedupeOptions {
  /** Begins the keys in Redis: endpoints with different ones do not meet. Default `'twig'`. */
  prefix?: string | undefined;
  /**
   * How long a delivery may be handled before another may try: beyond the longest run of a handler. What a process that
   * died was handling is held no longer than that. At least 0.001. Default 300.
   */
  claimSeconds?: number | undefined;
  /** How long each that was handled is remembered. At least 0.001. Default 86,400: a day. */
  ttlSeconds?: number | undefined;
}

const OPTIONS: KnownNames = { prefix: true, claimSeconds: true, ttlSeconds: true } satisfies Record<
  keyof RedisDedupeOptions,
  true
>;

/** Clients wait for a database that is away, some for more than a minute: the sender shall have its answer before. */
const LONGEST_MS = 5000;

/**
 * `done` if it was handled, `busy` if it is claimed; otherwise it is the caller's (ARGV: its token, for how long), also
 * where the client sends the claim again because the connection broke before the reply.
 */
const CLAIM = `local state = redis.call('GET', KEYS[1])
if state == 'done' then return 'done' end
if state and state ~= ARGV[1] then return 'busy' end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 'claimed'
`;

/** It was handled, whosever claim it is by now (ARGV: for how long that is remembered). */
const DONE = `redis.call('SET', KEYS[1], 'done', 'PX', ARGV[1])
return 'ok'
`;

/** It was not handled. A claim that has run out may be somebody else's by now: that one stays (ARGV: the token). */
const FORGET = `if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 'ok'
`;

/** The milliseconds of an option. */
function milliseconds(name: string, seconds: number): string {
  if (!(seconds >= 0.001 && seconds < Infinity)) {
    throw new TwigConfigError(`redisDedupe: ${name} must be a number of at least 0.001, and is ${String(seconds)}.`);
  }
  return String(Math.ceil(seconds * 1000));
}

/** What `work` gives, unless it takes too long. */
const inTime = <Result>(work: Promise<Result>): Promise<Result> =>
  new Promise((resolve, reject) => {
    const stopTimer = startTimer(systemClock, LONGEST_MS, () =>
      reject(
        new TwigError(`Redis gave no answer within ${LONGEST_MS} ms.`, {
          code: 'store_unavailable',
          isRetryable: true,
        }),
      ),
    );
    work.then(resolve, reject).finally(stopTimer);
  });

/**
 * Remembers deliveries in Redis, for handlers on several machines: each is handled by one of them. While it is handled,
 * the others answer 503, and a run that fails lets the next one try. A store that is not reached within 5 s answers 500.
 *
 * At least once: what is handled when a process dies, or when Redis loses what it was told last, may be handled again.
 *
 * Throws `TwigConfigError` for what is no client, and for options out of range or of an unknown name.
 *
 * @example
 * ```ts
 * import { type RedisLike, redisDedupe } from '@twig/sdk/redis';
 * import { createWebhookHandler, type WebhookHandler } from '@twig/sdk/webhooks';
 *
 * export const handlerOver = (redis: RedisLike): WebhookHandler =>
 *   createWebhookHandler({
 *     secret: 'the secret of the endpoint',
 *     dedupe: redisDedupe(redis),
 *     fallback: (event) => console.log(event.event),
 *   });
 * ```
 */
export function redisDedupe(redis: RedisLike | RedisCommand, options: RedisDedupeOptions = {}): WebhookDedupe {
  refuseUnknown('redisDedupe: the option', options, OPTIONS);
  const { prefix = 'twig', claimSeconds = 300, ttlSeconds = 86_400 } = options;
  const claimMs = milliseconds('claimSeconds', claimSeconds);
  const ttlMs = milliseconds('ttlSeconds', ttlSeconds);
  const run = scriptRunner(redis);
  const send = (script: string, key: string, ...args: string[]): Promise<unknown> =>
    run(script, [`${prefix}:webhook:${key}`], args);
  const done = async (key: string): Promise<void> => void (await inTime(send(DONE, key, ttlMs)));
  const claim = async (key: string): Promise<Claimed> => {
    // Two claims of one delivery in one process are told apart by it.
    const token = uuid();
    const forget = async (): Promise<void> => void (await inTime(send(FORGET, key, token)));
    const claimed = send(CLAIM, key, token, claimMs);
    try {
      const state = String(await inTime(claimed));
      if (state === 'done') return true;
      return state === 'busy' ? state : { done: () => done(key), forget };
    } catch (error) {
      // It may have come to Redis all the same, or come there late: nobody handles the delivery for it.
      void claimed.then(forget, forget).catch(() => {});
      throw error;
    }
  };
  return dedupeOf(claim, done);
}
