/** News: what answers said since the store was last asked. They travel with the next ask. */

import type { Statement } from './observation.ts';
import type { StoreNews } from './store.ts';

/** What was heard so long ago says nothing any more. */
const LASTING_MS = 60_000;
/** Of what was heard within this time the lowest counts; later news replace it. */
const SAME_MOMENT_MS = 1000;

/** What is told of answers in one ask. */
export interface Told {
  answered: number;
  news: StoreNews | undefined;
}

/** What was heard and not told yet. */
export class News {
  private _answered = 0;
  private _isRefused = false;
  private _limit: number | undefined;
  private _left: { count: number; sentAt: number; heardAt: number } | undefined;

  /** Learns from the answer to a request that was sent at `sentAt`. */
  hear(now: number, sentAt: number, { isRefused, left, limit }: Statement): void {
    this._answered++;
    if (isRefused) this._isRefused = true;
    this._limit = limit ?? this._limit;
    // After a 429 that is not told yet, whatever else was heard is of less weight.
    if (left === undefined || isRefused) return;
    if (this._left && left > this._left.count && now - this._left.heardAt < SAME_MOMENT_MS) return;
    this._left = { count: left, sentAt, heardAt: now };
  }

  /** What is to be told now. */
  take(now: number, pauseMs: number): Told & { putBack(): void } {
    const answered = this._answered;
    const isRefused = this._isRefused;
    const limit = this._limit;
    const left = this._left && now - this._left.sentAt < LASTING_MS ? this._left : undefined;
    this._answered = 0;
    this._isRefused = false;
    this._limit = undefined;
    this._left = undefined;
    const isSomething = isRefused || limit !== undefined || left || pauseMs > 0;
    const news = isSomething && {
      status: isRefused ? 429 : 200,
      limit,
      remaining: left?.count,
      // From the sending: the server counted the request some time between it and the answer.
      ageMs: left ? now - left.sentAt : 0,
      pauseMs,
    };
    return {
      answered,
      news: news || undefined,
      /** It was not told: newer news are truer. */
      putBack: () => {
        this._answered += answered;
        this._isRefused ||= isRefused;
        this._limit ??= limit;
        this._left ??= left;
      },
    };
  }
}
