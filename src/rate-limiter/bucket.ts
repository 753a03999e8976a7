/**
 * One scope's token bucket as the client sees it: filled by the configured rate, corrected by what each answer says is
 * left, and never emptied quite, so that a late answer or another consumer of the same limit does not end in a 429.
 */

import type { LimiterObservation } from '../core/rate-limit.ts';

/** The numbers of a limit. */
export interface BucketLimit {
  /** Requests a minute in the long run. */
  perMinute: number;
  /** Requests at once after a quiet time. */
  burst: number;
}

/** As many as are sent before the first answer has told what is really left. */
const BLIND = 10;
/** The first pause after a 429 that names no time; each further one doubles it. */
const BLIND_PAUSE_MS = 1000;
const LONGEST_BLIND_PAUSE_MS = 60_000;

export class Bucket {
  /** Until when nobody of this scope is let through; 0 when not paused. */
  pausedUntil = 0;
  private readonly _limit: BucketLimit;
  /** Tokens a millisecond. */
  private _rate: number;
  /** What the server is thought to have left for requests not yet sent. */
  private _tokens: number;
  private _at: number;
  /** How many tokens are left alone. Tripled by a 429: then somebody else draws on the limit, or it is not as told. */
  private _reserve: number;
  private _isBlind: boolean;
  private _blindPauses = 0;
  private _granted = 0;
  /** How many are not answered yet. */
  private _open = 0;

  /** `isTold` says whether answers will tell what is left. */
  constructor(limit: BucketLimit, now: number, isTold = true) {
    this._limit = limit;
    this._rate = limit.perMinute / 60_000;
    this._tokens = limit.burst;
    this._at = now;
    this._isBlind = isTold;
    this._reserve = this._leastReserve;
  }

  /** How many may be sent now. */
  available(now: number): number {
    this._fill(now);
    const tokens = Math.floor(this._tokens - this._reserve + 1e-9);
    return now < this.pausedUntil ? 0 : Math.max(0, this._isBlind ? Math.min(tokens, BLIND - this._open) : tokens);
  }

  /** Whether only an answer can let the next one through: time alone does not. */
  get needsAnswer(): boolean {
    return this._isBlind && this._open >= BLIND;
  }

  /** When the `count`-th from now may be sent, as far as can be told. */
  readyAt(now: number, count = 1): number {
    this._fill(now);
    const lacking = count + this._reserve - this._tokens;
    return Math.max(this.pausedUntil, lacking > 1e-9 ? now + Math.ceil(lacking / this._rate) : now);
  }

  /** Takes a token. The result reads what the answer to this request says; without an argument, that none came. */
  take(sentAt: number): (now: number, jitter: number, answer?: LimiterObservation) => void {
    this._tokens--;
    const number = ++this._granted;
    const openThen = this._open++;
    let isOpen = true;
    return (now, jitter, answer) => {
      if (!isOpen) return;
      isOpen = false;
      this._open--;
      this._fill(now);
      if (answer?.status === 429) this._refused(answer, now, jitter);
      else if (answer) this._correct(answer, now, jitter, sentAt, openThen + this._granted - number);
    };
  }

  /** `around` is how many requests the server may or may not have counted when it counted this one. */
  private _correct(answer: LimiterObservation, now: number, jitter: number, sentAt: number, around: number): void {
    const { limit, remaining } = answer.rateLimit ?? {};
    this._blindPauses = 0;
    this._reserve = Math.max(this._leastReserve, this._reserve * 0.9995);
    if (limit !== undefined && limit > 0) this._rate = Math.min(limit, this._limit.perMinute) / 60_000;
    if (remaining === undefined) return;
    // Whole numbers are told, and the bucket fills while the answer travels. Until the first answer nothing had been
    // answered, so that all open ones are yet to be counted; later some of those around are and some are not.
    const most = this._isBlind ? remaining - this._open : remaining + 1 + (now - sentAt) * this._rate;
    this._isBlind = false;
    this._tokens = Math.min(this._limit.burst, most, Math.max(this._tokens, remaining - around));
    const reset = untilReset(answer, now);
    if (remaining <= 0 && reset > 0) this._pause(now, Math.min(reset, 60_000), jitter);
  }

  private _refused(answer: LimiterObservation, now: number, jitter: number): void {
    const reset = untilReset(answer, now);
    const blind = Math.min(LONGEST_BLIND_PAUSE_MS, BLIND_PAUSE_MS * 2 ** this._blindPauses);
    const asked = answer.retryAfterMs ?? (reset > 0 ? reset : undefined);
    if (asked === undefined) this._blindPauses++;
    // One emptying refuses many at once: it counts once.
    if (now >= this.pausedUntil) {
      this._reserve = Math.max(this._leastReserve, Math.min(this._limit.burst / 4, this._reserve * 3 + 2));
    }
    this._isBlind = false;
    this._tokens = Math.min(this._tokens, 0);
    this._pause(now, asked ?? blind, jitter);
  }

  private get _leastReserve(): number {
    return Math.min(1, this._limit.burst - 1);
  }

  private _pause(now: number, ms: number, jitter: number): void {
    // Up to a tenth of a second more, so that several processes do not come back in the same moment.
    this.pausedUntil = Math.max(this.pausedUntil, now + ms + Math.min(100, ms / 10) * jitter);
  }

  private _fill(now: number): void {
    if (now > this._at) this._tokens = Math.min(this._limit.burst, this._tokens + (now - this._at) * this._rate);
    this._at = Math.max(this._at, now);
  }
}

/** Milliseconds until the reset. The server's clock may be wrong by minutes: its times are compared with its own. */
function untilReset({ rateLimit, serverTimeMs }: LimiterObservation, now: number): number {
  return rateLimit?.resetAt ? rateLimit.resetAt.getTime() - (serverTimeMs ?? now) : 0;
}
