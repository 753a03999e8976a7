/** What a limiter is made of and what it tells: its options, checked, and its statistics. */

import type { Clock } from '../core/clock.ts';
import type { RateLimitScope } from '../core/rate-limit.ts';
import { TwigConfigError } from '../errors.ts';

/** The numbers of a limit. */
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

/** Options of a limiter, each optional. */
export interface RateLimiterOptions {
  /** A scope that is left out has the documented numbers; `total` that is left out does not limit. */
  limits?: { [Name in keyof LimiterLimits]?: LimiterLimits[Name] | undefined } | undefined;
  /** How many calls may be under way at once, over all scopes. A stream is under way until it has ended. Default: unlimited. */
  concurrency?: number | undefined;
  /** How many callers may wait, over all scopes; the next one gets `queue_full`. Default: unlimited. */
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
  /** How many requests the server is thought to take now; 0 while paused. */
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

/** Makes something of each member. */
export const mapValues = <Name extends string, In, Out>(
  record: Record<Name, In>,
  make: (of: In, name: string) => Out,
): Record<Name, Out> =>
  // The cast: the names stay.
  Object.fromEntries(Object.entries<In>(record).map(([name, of]) => [name, make(of, name)])) as Record<Name, Out>;

/** The documented limits (API reference, "Rate Limits"), and for `total` none that would ever be met. */
const documented = (): LimiterLimits => ({
  execute: { perMinute: 100, burst: 120 },
  write: { perMinute: 10, burst: 15 },
  read: { perMinute: 200, burst: 250 },
  admin: { perMinute: 50, burst: 60 },
  total: { perMinute: 1e9, burst: 1e9 },
});

/** `value` if it is a number of at least `least`; unlimited if it was not given. */
export function atLeast(least: number, name: string, value: number = 1 / 0): number {
  if (value >= least) return value;
  throw new TwigConfigError(`${name} must be at least ${least}.`);
}

/** The limits of all buckets: the given ones, and the documented ones for what was left out. */
export function allLimits(given: RateLimiterOptions['limits'] = {}): LimiterLimits {
  const limits = documented();
  for (const [name, limit] of Object.entries(given)) {
    if (limit === undefined) continue;
    const { perMinute = 0, burst = 0 } = limit ?? {};
    // What is left out, or is no number, must not mean that nothing is limited.
    if (!Object.hasOwn(limits, name) || !(perMinute > 0 && perMinute < 1 / 0 && burst >= 1 && burst < 1 / 0)) {
      throw new TwigConfigError(
        `limits.${name}: needs a scope's name, a perMinute above 0, and a burst of at least 1.`,
      );
    }
    limits[name as keyof LimiterLimits] = limit;
  }
  return limits;
}

/** What a plan bounds. */
export function planOptions(name: RateLimiterPlan, options: RateLimiterOptions = {}): RateLimiterOptions {
  const [perMinute, most] = name === 'free' ? [20, 2] : name === 'pro' ? [100, 10] : [];
  if (!perMinute) throw new TwigConfigError("The plans are 'free' and 'pro'.");
  const { concurrency = most, limits } = options;
  return { ...options, concurrency, limits: { total: { perMinute, burst: perMinute }, ...limits } };
}
