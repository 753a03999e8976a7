/** How long a server asks to wait. */

import type { Clock } from '../clock.ts';
import type { RateLimit } from '../meta.ts';
import type { HeaderReader } from './foreign-headers.ts';
import { amount, FURTHEST_RESET_MS, moment, readServerTime, resetTime } from './rate-limit.ts';

/** A reset that passed longer ago tells of a stale header, or of clocks that differ, and not of a window that is open. */
const STALE_MS = 60_000;

/**
 * Reads, in this order: `retry-after-ms`, `Retry-After` (seconds, also with a fraction, or an HTTP date: RFC 9110,
 * section 10.2.3; gateways send the moment as a number, too), `retryAfter` of the body (seconds), and for a 429
 * `X-RateLimit-Reset`. Dates are counted from the server's own clock where it tells it; one that has passed means now, a
 * reset only if it has just passed.
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
  // Of one that came twice (RFC 9110, section 5.3) the first counts.
  const wait = amount(header?.replace(/, .*/, ''), 1000);
  // A number of years is a moment, if it is one that lies ahead.
  const named = wait !== undefined && wait > FURTHEST_RESET_MS ? resetTime(wait / 1000, headers, clock) : undefined;
  const until = named !== undefined && named >= serverNow - STALE_MS ? named : moment(header);
  const untilReset = (rateLimit?.resetAt?.getTime() ?? Number.NaN) - serverNow;
  const isPlausible = untilReset >= -STALE_MS && untilReset <= FURTHEST_RESET_MS;
  return (
    amount(headers.get('retry-after-ms')) ??
    (until === undefined ? undefined : Math.max(0, until - serverNow)) ??
    wait ??
    amount(bodySeconds, 1000) ??
    (status === 429 && isPlausible ? Math.max(0, untilReset) : undefined)
  );
}
