/** How long a server asks to wait. */

import type { Clock } from '../clock.ts';
import type { RateLimit } from '../meta.ts';
import type { HeadersLike } from '../platform.ts';
import { readServerTime } from './rate-limit.ts';

/** A wait in milliseconds from a number of `unit` milliseconds; `undefined` for what is no wait (negative, NaN, no number). */
function wait(value: unknown, unit: number): number | undefined {
  if (typeof value === 'string' ? !/^\s*\d*\.?\d+\s*$/.test(value) : typeof value !== 'number') return undefined;
  const ms = Number(value) * unit;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/**
 * Reads, in this order: `retry-after-ms`, `Retry-After` (seconds, also with a fraction, or an HTTP date: RFC 9110,
 * section 10.2.3), `retryAfter` of the body (seconds), and for a 429 `X-RateLimit-Reset`. Dates are counted from the
 * server's own clock where it tells it; one that has passed means now.
 */
export function readRetryAfter(
  headers: HeadersLike,
  bodySeconds: unknown,
  status: number,
  rateLimit: RateLimit | undefined,
  clock: Clock,
): number | undefined {
  const header = headers.get('retry-after');
  const serverNow = readServerTime(headers) ?? clock.now();
  // Only a date has letters: `Date.parse` also reads "-5", as a month.
  const date = header && /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  const until = (time: number | undefined): number | undefined =>
    time === undefined || Number.isNaN(time) ? undefined : Math.max(0, time - serverNow);
  return (
    wait(headers.get('retry-after-ms'), 1) ??
    wait(header, 1000) ??
    until(date) ??
    wait(bodySeconds, 1000) ??
    (status === 429 ? until(rateLimit?.resetAt?.getTime()) : undefined)
  );
}
