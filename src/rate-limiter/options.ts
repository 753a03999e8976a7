/** What a limiter is made of, and what it tells of itself: the public interfaces. */

import type { Clock } from '../clock.ts';
import type { RateLimitScope } from '../operations.ts';
import type { BucketLimit } from './bucket-limit.ts';
import type { LimiterStore } from './store.ts';

/** The limits of a limiter. Answers can only lower them. */
export interface LimiterLimits extends Record<RateLimitScope, BucketLimit> {
  /** One more bucket, from which the calls of all scopes draw: the limit of an organisation. */
  total: BucketLimit;
}

/** Options of a limiter, each optional. A name that is not among them is refused. */
export interface RateLimiterOptions {
  /** A scope that is left out has the documented numbers; `total` that is left out does not limit. */
  limits?: { [Name in keyof LimiterLimits]?: LimiterLimits[Name] | undefined } | undefined;
  /**
   * How many calls may be under way at once, over all scopes: a whole number. A stream is under way until it has ended.
   * Default: unlimited.
   */
  concurrency?: number | undefined;
  /**
   * How many callers may wait for a token or a place, over all scopes: a whole number; the next one gets `queue_full`.
   * Who waits only for the first answer after a quiet time is not counted. Default: unlimited.
   */
  maxQueue?: number | undefined;
  /**
   * How long one may wait, in milliseconds. Who would wait longer gets `wait_too_long` at once, and who has waited so
   * long gets it then. Counted anew for each attempt. Default: unlimited.
   */
  maxWaitMs?: number | undefined;
  /**
   * Where several processes share the limits: `redisStore` of `@twig/sdk/redis`. `total` is shared where it was given;
   * `concurrency`, `maxQueue` and priorities stay those of each process. Default: each process counts by itself.
   */
  store?: LimiterStore | undefined;
  /**
   * What happens while the store is not reached. `'share'`: each process goes on alone with its part of the limit (see
   * `processes`). `'wait'`: calls wait until it is back. `'reject'`: calls reject with `store_unavailable`. The store is
   * asked again once a second, with a call that comes or waits. Default `'share'`.
   */
  ifStoreFails?: IfStoreFails | undefined;
  /** Among how many the limit is parted while the store was never reached: a whole number. Default 10. */
  processes?: number | undefined;
  /** How long the store may take to answer, in milliseconds: at least 1. It then counts as failed. Default 1,000. */
  storeTimeoutMs?: number | undefined;
  /** Time and chance, for tests. Default: the platform's. */
  clock?: Clock | undefined;
}

/** What a limiter does while its store is not reached. */
export type IfStoreFails = 'share' | 'wait' | 'reject';

/** The documented plans. `free`: 20 requests a minute and 2 at once; `pro`: 100 a minute and 10 at once. */
export type RateLimiterPlan = 'free' | 'pro';

/** The state of one scope. */
export interface ScopeStats {
  /** How many callers wait. */
  queued: number;
  /** How many calls are under way. */
  inFlight: number;
  /** How many requests may be sent now; 0 while paused. */
  available: number;
  /** Until when the scope stands still, after a 429 or when the server had nothing left; missing when it does not. */
  pausedUntil?: Date;
}

/** The state of a shared limit. */
export interface StoreStats {
  /** `local` while the store is not reached, until an ask of it succeeds. */
  state: 'shared' | 'local';
  /** How many processes share the limit, as the store last said; what the option `processes` says if it never did. */
  processes: number;
  /** Why it was not reached, if it ever was not. */
  lastError?: string;
}

/** The state of a limiter. */
export interface RateLimiterStats {
  /** How many callers wait. */
  queued: number;
  /** How many calls are under way. */
  inFlight: number;
  /** The same by scope, and more. */
  scopes: Record<RateLimitScope, ScopeStats>;
  /** The state of the store; missing where there is none. */
  store?: StoreStats;
}
