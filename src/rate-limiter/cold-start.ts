/**
 * Cold start: after a quiet time nobody knows what the server has left. A part of the burst goes ahead, the rest follows
 * when the first answer has shown that it is there.
 */

/** The requests that may be under way before the first answer. */
export class ColdStart {
  /** A quarter of the burst: what is lost if the server has nothing, against what is used if it has all. */
  private readonly _quarter: number;
  /** When the first request went out; `undefined` from the first answer on. */
  private _startedAt: number | undefined;

  constructor(burst: number) {
    this._quarter = Math.ceil(2 + burst / 4);
  }

  /** The first request after a quiet time is sent. */
  begin(now: number): void {
    this._startedAt = now;
  }

  /** An answer has come. */
  end(): void {
    this._startedAt = undefined;
  }

  /** How many requests may be unanswered: a quarter, or what an empty bucket would have got since the first one. */
  most(now: number, ratePerMs: number): number {
    if (this._startedAt === undefined) return Infinity;
    return Math.max(this._quarter, (now - this._startedAt) * ratePerMs);
  }

  /** When one more than these may be sent; the past if at once. */
  nextAt(unanswered: number, ratePerMs: number): number {
    if (this._startedAt === undefined || unanswered < this._quarter) return -Infinity;
    return this._startedAt + Math.ceil((unanswered + 1) / ratePerMs);
  }
}
