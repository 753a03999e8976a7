/**
 * The pause: after a 429 nothing is sent until the server is ready, and neither when an answer says that nothing is left.
 */

import type { Clock } from '../clock.ts';
import type { Statement } from './observation.ts';
import { RESET_ERROR_MS, type ResetMeaning } from './reset-meaning.ts';

/** The first pause after a 429 that names no time; each further one doubles it. */
const UNTIMED_MS = 1000;
/** How often it is doubled. */
const DOUBLINGS = 6;
/** The longest pause: a reset in the far future, a mistake or a day's quota, is asked about every hour. */
const LONGEST_MS = 3_600_000;

/** One request that is sent before a reset, to find out what resets mean. */
export interface Probe {
  /** When the server will have reached its reset at the earliest: who is let through then has shown nothing. */
  resetFrom: number;
}

/** The pauses of one bucket. */
export class Pause {
  /** Until when a 429 stops all. */
  private _refusedUntil = -Infinity;
  /** Until when an answer that had nothing left stops all but a probe. */
  private _emptyUntil = -Infinity;
  /** 429s in a row that named no time. */
  private _untimedRefusals = 0;
  /** When a probe may go, and what for; `undefined` when none is planned. */
  private _plan: (Probe & { at: number }) | undefined;

  private readonly _clock: Clock;
  private readonly _meaning: ResetMeaning;
  private readonly _isQuick: boolean;

  /** @param isQuick Whether the bucket fills so quickly that its own count is truer than a reset in whole seconds. */
  constructor(clock: Clock, meaning: ResetMeaning, isQuick: boolean) {
    this._clock = clock;
    this._meaning = meaning;
    this._isQuick = isQuick;
  }

  /** When it ends; the past when there is none. */
  get until(): number {
    return Math.max(this._refusedUntil, this._emptyUntil);
  }

  /** When it ends, as the time of day; `undefined` when there is none. */
  endAfter(now: number): Date | undefined {
    // Rounded: the time of day has no fractions of a millisecond.
    return this.until > now ? new Date(Math.round(this._clock.now() + this.until - now)) : undefined;
  }

  /** When the next request may go: at the end, or before it as a probe. */
  nextAt(): number {
    return Math.max(this._refusedUntil, Math.min(this._emptyUntil, this._plan?.at ?? Infinity));
  }

  /** A request is sent. It is a probe if it goes before the end; no second one goes until its answer has planned one. */
  send(now: number): Probe | undefined {
    const probe = now < this.until ? this._plan : undefined;
    this._plan = undefined;
    return probe;
  }

  /**
   * Learns from an answer.
   *
   * @param ownEstimateMs When the server will have a token again by one's own count, from now.
   */
  observe(now: number, sentAt: number, statement: Statement, ownEstimateMs: number, probe: Probe | undefined): void {
    const { isAllowed, isRefused, left, retryAfterMs } = statement;
    if (probe && now < probe.resetFrom && (isAllowed || isRefused)) this._learn(isAllowed);
    if (isRefused) this._refusedUntil = Math.max(this._refusedUntil, now + this._jittered(this._refusalMs(statement)));
    else this._untimedRefusals = 0;
    if (isRefused || left !== 0) return;
    const untilResetMs = this._meaning.isFullBucket || this._isQuick ? 0 : statement.untilResetMs;
    this._emptyUntil = Math.max(this._emptyUntil, now + this._jittered(Math.max(untilResetMs, retryAfterMs)));
    const resetFrom = sentAt + untilResetMs - RESET_ERROR_MS;
    const at = now + ownEstimateMs;
    this._plan = this._meaning.isUnknown && at < resetFrom ? { at, resetFrom } : undefined;
  }

  private _learn(isAllowed: boolean): void {
    this._meaning.learn(isAllowed);
    if (this._meaning.isFullBucket) this._emptyUntil = -Infinity;
  }

  /** What a 429 asks for: the longest of its times, or, where it names none, longer each time. */
  private _refusalMs({ retryAfterMs, untilResetMs }: Statement): number {
    // A client that finds no other wait takes it from the reset, whose meaning it cannot know.
    const isReset = Math.abs(retryAfterMs - untilResetMs) < 1000;
    const named = !this._meaning.isFullBucket ? Math.max(untilResetMs, retryAfterMs) : isReset ? 0 : retryAfterMs;
    return named || UNTIMED_MS * 2 ** Math.min(this._untimedRefusals++, DOUBLINGS);
  }

  /** Jitter: up to a tenth more, so that several processes do not come back in the same moment. */
  private _jittered(ms: number): number {
    return Math.min(ms, LONGEST_MS) * (1 + this._clock.random() / 10);
  }
}
