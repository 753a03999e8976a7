/** What an answer says of a bucket. Headers that say nothing sensible count as not sent. */

import type { Clock } from '../clock.ts';
import type { LimiterObservation } from '../http/rate-limit.ts';

/** An answer, read. */
export interface Statement {
  /** The server answered 429. */
  isRefused: boolean;
  /** The server let the request through: it was counted, and there was a token for it. */
  isAllowed: boolean;
  /** Requests a minute by the header; `undefined` when not said. */
  limit: number | undefined;
  /** Requests that the server had left; 0 after a 429, `undefined` when not said. */
  left: number | undefined;
  /** How long it is to the reset that the header names, in milliseconds; 0 when not said or over. */
  untilResetMs: number;
  /** The wait that the server asked for, in milliseconds; 0 when it asked for none. */
  retryAfterMs: number;
}

/** A number that may stand for an amount: a header of a broken gateway gives negative ones, `NaN` and worse. */
const amount = (value: number | undefined): number | undefined =>
  value !== undefined && value >= 0 && value < Infinity ? value : undefined;

/** Reads an answer that came just now. The time of day is asked for only where it is needed, which a prerenderer may forbid. */
export function readObservation(answer: Partial<LimiterObservation>, clock: Clock): Statement {
  const { status = 0, rateLimit, retryAfterMs, serverTimeMs } = answer;
  const limit = amount(rateLimit?.limit);
  const isRefused = status === 429;
  return {
    isRefused,
    isAllowed: status >= 200 && status < 300,
    // A limit of nothing is none, and what is left of it says nothing.
    limit: limit === 0 ? undefined : limit,
    left: isRefused ? 0 : limit === 0 ? undefined : amount(rateLimit?.remaining),
    // The server's clock may be wrong by minutes: its times are compared with its own.
    get untilResetMs() {
      return amount(Number(rateLimit?.resetAt) - (serverTimeMs ?? clock.now())) ?? 0;
    },
    retryAfterMs: amount(retryAfterMs) ?? 0,
  };
}
