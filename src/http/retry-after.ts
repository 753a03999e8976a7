/** How long a server asks to wait. */

import type { Clock } from '../clock.ts';
import type { RateLimit } from '../meta.ts';
import type { HeaderReader } from './foreign-headers.ts';
import { FURTHEST_RESET_MS, readServerTime } from './rate-limit.ts';

/** A reset that passed longer ago tells of a stale header, or of clocks that differ, and not of a window that is open. */
const STALE_MS = 60_000;

/** A wait in milliseconds from a number of `unit` milliseconds; `undefined` for what is no wait (negative, NaN, no number). */
function wait(value: unknown, unit: number): number | undefined {
  if (typeof value === 'string' ? !/^\s*\d*\.?\d+\s*$/.test(value) : typeof value !== 'number') return undefined;
  const ms = Number(value) * unit;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/**
 * Reads, in this order: `retry-after-ms`, `Retry-After` (seconds, also with a fraction, or an HTTP date: RFC 9110,
 * section 10.2.3), `retryAfter` of the body (seconds), and for a 429 `X-RateLimit-Reset`. Dates are counted from the
 * server's own clock where it tells it; one that has passed means now, a reset only if it has just passed.
 */
export function readRetryAfter(
  headers: HeaderReader,
  bodySeconds: unknown,
  status: number,
  rateLimit: RateLimit | undefined,
  clock: Clock,
): number | undefined {
  const header = headers.get('retry-after');
  const serverNow = readServerTime(headers) ?? clock.now();
  // Only a date has letters: `Date.parse` also reads "-5", as a month.
  const date = header && /[a-z]/i.test(header) ? Date.parse(header) : Number.NaN;
  const untilDate = Number.isNaN(date) ? undefined : Math.max(0, date - serverNow);
  const untilReset = (rateLimit?.resetAt?.getTime() ?? Number.NaN) - serverNow;
  const isPlausible = untilReset >= -STALE_MS && untilReset <= FURTHEST_RESET_MS;
  return (
    wait(headers.get('retry-after-ms'), 1) ??
    wait(header, 1000) ??
    untilDate ??
    wait(bodySeconds, 1000) ??
    (status === 429 && isPlausible ? Math.max(0, untilReset) : undefined)
  );
}
