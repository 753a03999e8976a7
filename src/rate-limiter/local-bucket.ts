/**
 * The token bucket of one process. It counts by itself, and lets what the server says correct the count downwards.
 *
 * Its rules, each in a file of its own: cold start, lower limit, early arrival, pause (with jitter), meaning of the
 * reset.
 */

import type { Clock } from '../clock.ts';
import type { LimiterObservation } from '../http/rate-limit.ts';
import type { BucketLimit } from './bucket-limit.ts';
import { ColdStart } from './cold-start.ts';
import { EarlyArrival } from './early-arrival.ts';
import { LowerLimit } from './lower-limit.ts';
import { readObservation, type Statement } from './observation.ts';
import { Pause, type Probe } from './pause.ts';
import { RESET_ERROR_MS, type ResetMeaning } from './reset-meaning.ts';
import type { Time } from './time.ts';
import type { BucketState, Token, TokenBucket } from './token-bucket.ts';

const PER_MS = 1 / 60_000;

/** A quiet time: what was heard within the API's minute still holds. */
const QUIET_MS = 60_000;

/** A bucket, full in the beginning unless told otherwise. */
export class LocalBucket implements TokenBucket {
  private readonly _limit: BucketLimit;
  private readonly _clock: Clock;
  private readonly _time: Time;
  private readonly _coldStart: ColdStart;
  private readonly _lowerLimit = new LowerLimit();
  private readonly _earlyArrival: EarlyArrival;
  private readonly _pause: Pause;
  /** Tokens a millisecond: as configured, or fewer if the last answer said so. */
  private _ratePerMs: number;
  /** Tokens at `_countedAt`. Never more than the burst; below zero when the server had less than was sent. */
  private _tokens: number;
  private _countedAt: number;
  /** Requests that took a token and of which nothing was heard yet. Never below zero. */
  private _unanswered = 0;
  /** When the last answer came. */
  private _heardAt = -Infinity;
  /** Whether the bucket was full when a request was sent, and no answer has come since. */
  private _isSentFromFull = false;

  constructor(limit: BucketLimit, clock: Clock, time: Time, meaning: ResetMeaning, tokens: number = limit.burst) {
    this._limit = limit;
    this._clock = clock;
    this._time = time;
    this._ratePerMs = limit.perMinute * PER_MS;
    this._tokens = tokens;
    this._countedAt = time();
    this._coldStart = new ColdStart(limit.burst);
    this._earlyArrival = new EarlyArrival(limit);
    this._pause = new Pause(clock, meaning, limit.burst / this._ratePerMs < RESET_ERROR_MS);
  }

  readyAt(count: number): number {
    return Math.max(this._pause.until, this._countedFor(count));
  }

  nextAt(): number {
    if (this._unanswered >= this._lowerLimit.most) return Infinity;
    const started = this._coldStart.nextAt(this._unanswered, this._ratePerMs);
    return Math.max(this._countedFor(1), started, this._pause.nextAt());
  }

  acquire(): Token {
    const sentAt = this._count();
    if (this._tokens > this._limit.burst - 1 && !this._unanswered) {
      this._isSentFromFull = true;
      if (sentAt - this._heardAt >= QUIET_MS) {
        this._coldStart.begin(sentAt);
        this._lowerLimit.forget();
      }
    }
    this._tokens--;
    this._unanswered++;
    const probe = this._pause.send(sentAt);
    return {
      observe: (answer) => {
        this._unanswered--;
        if (answer) this._observe(answer, sentAt, probe);
      },
      giveBack: () => {
        this._unanswered--;
        this._tokens = Math.min(this._limit.burst, this._tokens + 1);
      },
    };
  }

  state(): BucketState {
    const now = this._count();
    const pausedUntil = this._pause.endAfter(now);
    if (pausedUntil) return { available: 0, counted: 0, held: 0, pausedUntil };
    const most = Math.min(this._lowerLimit.most, this._coldStart.most(now, this._ratePerMs));
    const whole = (tokens: number): number => Math.max(0, Math.floor(tokens));
    const available = whole(Math.min(this._tokens, most - this._unanswered));
    return { available, counted: whole(this._tokens), held: available };
  }

  refusal(): undefined {}

  private _observe(answer: Partial<LimiterObservation>, sentAt: number, probe: Probe | undefined): void {
    const now = this._count();
    const statement = readObservation(answer, this._clock);
    const { perMinute } = this._limit;
    this._ratePerMs = Math.min(perMinute, statement.limit ?? perMinute) * PER_MS;
    if (this._isSentFromFull) this._delayFilling();
    this._isSentFromFull = false;
    this._heardAt = now;
    this._coldStart.end();
    const filledSince = (now - sentAt) * this._ratePerMs;
    const least = this._tokens - filledSince;
    if (this._earlyArrival.explains(statement.isRefused, least)) this._tokens--;
    else this._learnLimit(statement, least);
    // Those under way may be counted before, and one more leaves time for what is not known.
    this._pause.observe(now, sentAt, statement, (this._unanswered + 2) / this._ratePerMs, probe);
  }

  private _learnLimit({ left, isRefused }: Statement, least: number): void {
    const room = this._lowerLimit.observe(left, least, isRefused);
    this._tokens = Math.min(this._tokens, room - this._unanswered);
  }

  /**
   * A full bucket does not fill: the server's began to when it got the first request, just now at the latest. Counting
   * as if it was so keeps a distance, which also makes up for requests that travel quicker than the first one did; a
   * fifth of the burst is enough of it.
   */
  private _delayFilling(): void {
    const { burst } = this._limit;
    const atLeast = this._tokens - Math.max(1, burst / 5);
    if (this._lowerLimit.isSeen) return;
    this._tokens = Math.min(this._tokens, Math.max(burst - 1 - this._unanswered, atLeast));
  }

  /** Lets the bucket fill up to now. */
  private _count(): number {
    const now = this._time();
    this._tokens = Math.min(this._limit.burst, this._tokens + (now - this._countedAt) * this._ratePerMs);
    this._countedAt = now;
    return now;
  }

  /** When there will be so many tokens; the past if there are. Whoever asks read the clock before: `now` is late for him. */
  private _countedFor(tokens: number): number {
    const now = this._count();
    if (this._tokens >= tokens) return -Infinity;
    return now + Math.ceil((tokens - this._tokens) / this._ratePerMs);
  }
}
