/** What a store of shared limits has to do: one exchange, in which a process asks, tells, and is answered. */

import type { RateLimitScope } from '../operations.ts';
import type { BucketLimit } from './bucket-limit.ts';

/** What an answer of the API said, told to all by the process that got it. */
export interface StoreNews {
  /** The status of the answer: 429, or any other. */
  status: number;
  /** Requests a minute by the header; missing when not said. */
  limit?: number | undefined;
  /** Requests that the server had left; missing when not said. */
  remaining?: number | undefined;
  /** How long ago the request was sent that `remaining` is about, in milliseconds. */
  ageMs: number;
  /** How long nothing is to be sent, in milliseconds from now; 0 when nothing is paused. */
  pauseMs: number;
}

/** What one process asks of a bucket, and tells of itself. */
export interface StoreAsk {
  /** Which bucket. */
  scope: RateLimitScope | 'total';
  /** The configured numbers of the bucket. */
  limit: BucketLimit;
  /** Who asks, and has `flying` under way: an id that the limiter drew. Default: a store object stands for one process. */
  process?: string | undefined;
  /** How many tokens are wanted: from 0 to 500. */
  want: number;
  /** Tokens are given that fall due within so many milliseconds. */
  aheadMs: number;
  /**
   * How long the ask counts from now, in milliseconds. Clients of databases keep commands while they are not connected,
   * and send them minutes later: what comes too late must take no token.
   */
  validMs: number;
  /** How many tokens were given before and not used. */
  back: number;
  /** How many requests of this process are under way or hold a token: all, not the difference. */
  flying: number;
  /** How many answers came since the last ask. */
  answered: number;
  /** How many processes there were when the store was last reached; 1 when it never was. */
  others: number;
  /** What answers said since the last ask; missing when they said nothing. */
  news?: StoreNews | undefined;
}

/** The answer to an ask. All times are milliseconds from now, so that no clock of a process matters. */
export interface StoreReply {
  /** When each of the given tokens may be used, in order; at most as many as were wanted. */
  tokens: number[];
  /** When to ask for the rest; 0 when all were given. */
  againMs: number;
  /** How many processes use the bucket, this one included. */
  processes: number;
  /** Whole tokens that are left; below zero when more is under way than the server has. */
  available: number;
  /** Whether no answer has shown yet what the server has: the next one is to be told at once. */
  isCold: boolean;
}

/**
 * Where several processes share their limits. `redisStore` and `memoryStore` of `@twig/sdk/redis` make one.
 *
 * An exchange is atomic: of two at once, one sees what the other did. It rejects when the store is not reached.
 */
export interface LimiterStore {
  exchange(ask: StoreAsk): Promise<StoreReply>;
}
