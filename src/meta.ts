/** What is known of a call besides its data: on results, pages, streams and errors alike. */

import type { PlatformHeaders } from './platform.ts';

/** The state of one scope's limit, as the last response told it. A member is `undefined` when its header was missing. */
export interface RateLimit {
  /** Requests allowed per window. */
  limit: number | undefined;
  /** Requests left in this window. */
  remaining: number | undefined;
  /**
   * When the window starts anew, by the server's clock; `undefined` where the header names no plausible time. Seconds and
   * milliseconds since 1970 and seconds from now are told apart.
   */
  resetAt: Date | undefined;
  /** Requests used in this window; seen on some servers only. */
  used?: number;
}

/** One attempt of a call. */
export interface CallAttempt {
  /** The HTTP status, when there was an answer. */
  status?: number;
  /** The `code` of the error in which it ended, when it did. */
  error?: string;
  /** How long was waited before it, in milliseconds; 0 for the first. */
  delayMs: number;
  /** The request id of its answer. */
  requestId?: string | undefined;
}

/** What is known of a call besides its data. */
export interface CallMeta {
  /** The id to name to support: the body's `request_id`, else the header `x-request-id`. */
  requestId?: string | undefined;
  /** The last HTTP status; missing when no answer came. */
  status?: number;
  /** The headers of the last answer; missing when no answer came. */
  headers?: PlatformHeaders;
  /** What the rate-limit headers said; `undefined` when there were none. */
  rateLimit?: RateLimit | undefined;
  /** Every attempt, the last one included. */
  attempts: CallAttempt[];
  /** From the call to its result, in milliseconds; for a stream, to its headers. */
  durationMs: number;
}

/** What is known of a call that was answered. */
export interface ResponseMeta extends CallMeta {
  status: number;
  headers: PlatformHeaders;
}
