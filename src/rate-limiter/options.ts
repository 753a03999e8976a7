/** What a limiter is made of, and what it tells of itself: the public interfaces. */

import type { Clock } from '../clock.ts';
import type { RateLimitScope } from '../operations.ts';

/** The numbers of a limit; both are needed, and at most a billion. */
export interface BucketLimit {
  /** Requests a minute in the long run; more than 0. */
  perMinute: number;
  /** Requests at once after a quiet time; at least 1. */
  burst: number;
}

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
  /** Time and chance, for tests. Default: the platform's. */
  clock?: Clock | undefined;
}

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

/** The state of a limiter. */
export interface RateLimiterStats {
  /** How many callers wait. */
  queued: number;
  /** How many calls are under way. */
  inFlight: number;
  /** The same by scope, and more. */
  scopes: Record<RateLimitScope, ScopeStats>;
}
