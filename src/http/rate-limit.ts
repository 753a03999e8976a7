/** What the `X-RateLimit-*` headers say, and the port through which a call meets a rate limiter. */

import type { Clock } from '../clock.ts';
import type { RateLimit } from '../meta.ts';
import type { RateLimitScope } from '../operations.ts';
import type { AbortSignalLike } from '../platform.ts';
import type { HeaderReader } from './foreign-headers.ts';

/** Who goes first when calls queue for the limiter. */
export type Priority = 'high' | 'normal' | 'low';

/** What an answer tells a limiter. */
export interface LimiterObservation {
  status: number;
  rateLimit: RateLimit | undefined;
  /** The wait that the server asked for, in milliseconds. */
  retryAfterMs: number | undefined;
  /** The server's clock (its `Date` header), milliseconds since the epoch. */
  serverTimeMs: number | undefined;
}

/** A place that a limiter gave. */
export interface LimiterLease {
  /** Corrects the limiter by what the server answered. */
  observe(observation: LimiterObservation): void;
  /** Gives the place back. Calling it again does nothing. */
  release(): void;
}

/** What a client needs of a limiter. `RateLimiter` of `@twig/sdk/rate-limiter` is one. */
export interface LimiterLike {
  /** Resolves when a request of this scope may be sent; rejects with the signal's reason when the signal aborts first. */
  acquire(
    scope: RateLimitScope,
    options?: { priority?: Priority | undefined; signal?: AbortSignalLike | undefined },
  ): Promise<LimiterLease>;
}

/**
 * An amount, in units of `unit`. Broken gateways send nothing, negative numbers or words: what cannot be an amount counts
 * as not said.
 */
export function amount(value: unknown, unit = 1): number | undefined {
  const [, digits] = /^\s*(\d*\.?\d+)\s*$/.exec(typeof value === 'object' ? '' : String(value)) ?? [];
  const number = Number(digits) * unit;
  return Number.isFinite(number) ? number : undefined;
}

/** A moment in words, in milliseconds. It has a time of day: `Date.parse` also reads "-5", as a month. */
export function moment(text: string | null): number | undefined {
  const time = text && /\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The furthest that a reset may be ahead: quotas of a month exist, of a year hardly. */
export const FURTHEST_RESET_MS: number = 366 * 86_400_000;

/** Between these, a number is a date of an API's life, and cannot be a time from now: 2001-09-09 and 2100-01-01. */
const EARLIEST_DATE = 1e12;
const LATEST_DATE = Date.UTC(2100, 0);

/**
 * When a limit resets. The API documents seconds since 1970; gateways before it send milliseconds since 1970 or seconds
 * from now. The three lie so far apart that one of them at most is plausible by the server's clock. Without its `Date`
 * header the size alone decides, so that no clock is asked where none is needed. Nothing plausible is no reset.
 */
export function resetTime(value: number, headers: HeaderReader, clock: Clock): number | undefined {
  const serverTime = readServerTime(headers);
  const latest = serverTime === undefined ? LATEST_DATE : serverTime + FURTHEST_RESET_MS;
  const earliest = Math.min(EARLIEST_DATE, serverTime ?? EARLIEST_DATE);
  for (const time of [value * 1000, value]) {
    if (time >= earliest && time <= latest) return time;
  }
  const fromNow = value * 1000;
  if (fromNow <= 0 || fromNow > FURTHEST_RESET_MS) return undefined;
  return (serverTime ?? clock.now()) + fromNow;
}

/** Reads `X-RateLimit-Limit`, `-Remaining`, `-Reset` and `-Used`; `undefined` when none of them is there. */
export function readRateLimit(headers: HeaderReader, clock: Clock): RateLimit | undefined {
  const said = (name: string): string | null => headers.get(`x-ratelimit-${name}`);
  const limit = amount(said('limit'));
  const remaining = amount(said('remaining'));
  const reset = amount(said('reset')) ?? moment(said('reset'));
  const used = amount(said('used'));
  if (limit === undefined && remaining === undefined && reset === undefined && used === undefined) return undefined;
  const resetAt = reset === undefined ? undefined : resetTime(reset, headers, clock);
  return {
    limit,
    remaining,
    resetAt: resetAt === undefined ? undefined : new Date(resetAt),
    ...(used === undefined ? {} : { used }),
  };
}

/** The server's clock by its `Date` header (RFC 9110, section 6.6.1), in milliseconds; `undefined` when missing or broken. */
export const readServerTime = (headers: HeaderReader): number | undefined => moment(headers.get('date'));
