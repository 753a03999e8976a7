/**
 * One scope's token bucket as the client sees it: it fills by the configured rate, is corrected by what the server says
 * is left, and learns the real rate where that is lower, because the limit is, or because somebody else draws on it.
 */

import type { LimiterObservation } from '../core/rate-limit.ts';

/** The numbers of a limit. */
export interface BucketLimit {
  /** Requests a minute in the long run. */
  perMinute: number;
  /** Requests at once after a quiet time. */
  burst: number;
}

/** Filling a little more slowly than the server does, so that a rounding never asks for a token that is not there yet. */
const MARGIN = 0.995;
/** The first pause after a 429 that names no time; each further one doubles it. */
const BLIND_PAUSE_MS = 1000;
const LONGEST_BLIND_PAUSE_MS = 60_000;
/** How many tokens must have flowed before the real rate is worth an estimate: the server tells whole numbers only. */
const SAMPLE = 20;

export class Bucket {
  /** Until when nobody of this scope is let through; 0 when not paused. */
  pausedUntil = 0;
  private readonly _limit: BucketLimit;
  /** Tokens a millisecond. */
  private _rate: number;
  private _tokens: number;
  private _at: number;
  /** How many were let through so far: tells which requests an answer has not counted yet. */
  private _granted = 0;
  private _blindPauses = 0;
  private _anchor: { at: number; remaining: number; granted: number } | undefined;

  constructor(limit: BucketLimit, now: number) {
    this._limit = limit;
    this._rate = (limit.perMinute / 60_000) * MARGIN;
    this._tokens = limit.burst;
    this._at = now;
  }

  /** Whole tokens that are there now. */
  available(now: number): number {
    this._fill(now);
    return now < this.pausedUntil ? 0 : Math.max(0, Math.floor(this._tokens + 1e-9));
  }

  /** When `count` tokens will be there. */
  readyAt(now: number, count = 1): number {
    this._fill(now);
    const lacking = count - this._tokens;
    return Math.max(this.pausedUntil, lacking > 1e-9 ? now + Math.ceil(lacking / this._rate) : now);
  }

  /** Takes a token; gives the number of this request. */
  take(): number {
    this._tokens--;
    return ++this._granted;
  }

  /** Corrects the bucket by an answer to request `number`, which was sent at `sentAt`. */
  observe(
    { status, rateLimit, retryAfterMs, serverTimeMs }: LimiterObservation,
    number: number,
    sentAt: number,
    now: number,
    jitter: number,
  ): void {
    this._fill(now);
    // The server's clock may be wrong by minutes: only its own times are compared with its times.
    const reset = rateLimit?.resetAt && rateLimit.resetAt.getTime() - (serverTimeMs ?? now);
    if (status === 429) {
      const blind = Math.min(LONGEST_BLIND_PAUSE_MS, BLIND_PAUSE_MS * 2 ** this._blindPauses);
      const wait = retryAfterMs ?? (reset !== undefined && reset > 0 ? reset : blind);
      if (retryAfterMs === undefined && reset === undefined) this._blindPauses++;
      this._pause(now, wait, jitter);
      this._tokens = Math.min(this._tokens, 0);
      this._anchor = undefined;
      return;
    }
    this._blindPauses = 0;
    const remaining = rateLimit?.remaining;
    if (remaining === undefined) return;
    const later = this._granted - number;
    const left = remaining - later;
    // Whole numbers are told, and the bucket fills while the answer travels: within that, our own count is as good.
    const most = left + 1 + (now - sentAt) * this._rate;
    if (this._tokens > most) this._tokens = most;
    else if (this._tokens < left - 1) this._tokens = Math.min(this._limit.burst, left);
    if (remaining <= 0 && later === 0 && reset !== undefined && reset > 0)
      this._pause(now, Math.min(reset, 60_000), jitter);
    this._learn(remaining, number, sentAt);
  }

  private _pause(now: number, ms: number, jitter: number): void {
    // Up to a tenth of a second more, so that several processes do not come back in the same moment.
    this.pausedUntil = Math.max(this.pausedUntil, now + ms + Math.min(100, ms / 10) * jitter);
  }

  /** What flowed into the server's bucket between two answers is the rate that is really ours. */
  private _learn(remaining: number, granted: number, at: number): void {
    const anchor = this._anchor;
    // A bucket that is nearly full may have overflowed: nothing can be told from it.
    if (!anchor || remaining >= this._limit.burst - 1) {
      this._anchor = { at, remaining, granted };
      return;
    }
    const sent = granted - anchor.granted;
    if (sent < SAMPLE || at <= anchor.at) return;
    const flowed = (remaining - anchor.remaining + sent) / (at - anchor.at);
    const most = (this._limit.perMinute / 60_000) * MARGIN;
    this._rate = Math.max(most / 50, Math.min(most, flowed * 1.02));
    this._anchor = { at, remaining, granted };
  }

  private _fill(now: number): void {
    if (now > this._at) this._tokens = Math.min(this._limit.burst, this._tokens + (now - this._at) * this._rate);
    this._at = Math.max(this._at, now);
  }
}
