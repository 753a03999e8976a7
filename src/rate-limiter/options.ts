/** What a limiter is made of and what it tells: its options, checked, and its statistics. */

import type { Clock } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';
import type { RateLimitScope } from '../operations.ts';

/** The bounds of the numbers of a limit. */
const LEAST = 0.001;
const MOST = 1e9;

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

/** Makes something of each member. */
export const mapValues = <Name extends string, In, Out>(
  record: Record<Name, In>,
  make: (of: In, name: Name) => Out,
): Record<Name, Out> =>
  // The casts: the names stay.
  Object.fromEntries(Object.entries<In>(record).map(([name, of]) => [name, make(of, name as Name)])) as Record<
    Name,
    Out
  >;

const limit = (perMinute: number, burst: number): BucketLimit => ({ perMinute, burst });

/** The documented limits (API reference, "Rate Limits"), and for `total` none that would ever be met. */
const documented = (): LimiterLimits => ({
  execute: limit(100, 120),
  write: limit(10, 15),
  read: limit(200, 250),
  admin: limit(50, 60),
  total: limit(MOST, MOST),
});

/** `value` if it is a number in its bounds; endless if it was not given. */
export function checked(name: string, least: number, most: number, value: number = 1 / 0): number {
  if (typeof value === 'number' && value >= least && value <= most) return value;
  throw new TwigConfigError(`RateLimiter: ${name} must be a number from ${least} to ${most}.`);
}

/** The limits of all buckets: the given ones, and the documented ones for what was left out. */
export function allLimits(limits: RateLimiterOptions['limits'] = {}): LimiterLimits {
  const known = documented();
  const stray = Object.keys(limits).find((name) => !(name in known));
  if (stray) throw new TwigConfigError(`RateLimiter: there is no scope ${stray}.`);
  return mapValues(known, (preset, name) => {
    const { perMinute, burst } = limits[name] ?? preset;
    return limit(
      checked(`limits.${name}.perMinute`, LEAST, MOST, perMinute),
      checked(`limits.${name}.burst`, 1, MOST, burst),
    );
  });
}

/** What a plan bounds. */
export function planOptions(name: RateLimiterPlan, options: RateLimiterOptions = {}): RateLimiterOptions {
  const plans = { free: [20, 2], pro: [100, 10] } as const;
  if (!Object.hasOwn(plans, name)) throw new TwigConfigError(`RateLimiter: there is no plan ${name}.`);
  const [perMinute, concurrency] = plans[name];
  const { limits } = options;
  return {
    ...options,
    concurrency: options.concurrency ?? concurrency,
    limits: { ...limits, total: limits?.total ?? limit(perMinute, perMinute) },
  };
}
