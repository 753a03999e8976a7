/** What the `X-RateLimit-*` headers say, and the port through which a call meets a rate limiter. */

import type { RateLimit } from '../meta.ts';
import type { RateLimitScope } from '../operations.ts';
import type { AbortSignalLike, HeadersLike } from '../platform.ts';

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

function count(headers: HeadersLike, name: string): number | undefined {
  const text = headers.get(name);
  if (text === null || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** Reads `X-RateLimit-Limit`, `-Remaining`, `-Reset` (Unix seconds) and `-Used`; `undefined` when none of them is there. */
export function readRateLimit(headers: HeadersLike): RateLimit | undefined {
  const limit = count(headers, 'x-ratelimit-limit');
  const remaining = count(headers, 'x-ratelimit-remaining');
  const reset = count(headers, 'x-ratelimit-reset');
  const used = count(headers, 'x-ratelimit-used');
  if (limit === undefined && remaining === undefined && reset === undefined && used === undefined) return undefined;
  const resetAt = reset === undefined ? undefined : new Date(reset * 1000);
  return {
    limit,
    remaining,
    // A number beyond the range of dates (ECMA-262, 8.64e15 ms) makes an invalid Date, which is worse than none.
    resetAt: resetAt && Number.isNaN(resetAt.getTime()) ? undefined : resetAt,
    ...(used === undefined ? {} : { used }),
  };
}

/** The server's clock by its `Date` header (RFC 9110, section 6.6.1), in milliseconds; `undefined` when missing or broken. */
export function readServerTime(headers: HeadersLike): number | undefined {
  const time = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(time) ? undefined : time;
}
