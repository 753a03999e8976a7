/**
 * Early arrival: a bucket of few tokens refuses a request that travelled quicker than those before it, though the count
 * is right. That is no lower limit, as long as it stays rare.
 */

import type { BucketLimit } from './bucket-limit.ts';

/** Travel times differ by seconds at most: a bucket that takes longer to fill has tokens enough for the difference. */
const LONGEST_DIFFERENCE_MS = 5000;
/** How many in a row may be explained by it, */
const MOST_REFUSALS = 5;
/** and what part of all requests in the long run. */
const SHARE = 1 / 20;

/** Refusals that nothing but an early arrival explains. */
export class EarlyArrival {
  /** A bucket of one token has none to keep as a distance: there every refusal counts. */
  private readonly _isPossible: boolean;
  /** Refusals, less those that may be expected among the requests that were let through. Never below zero. */
  private _excess = 0;

  constructor({ perMinute, burst }: BucketLimit) {
    this._isPossible = burst >= 2 && (burst / perMinute) * 60_000 < LONGEST_DIFFERENCE_MS;
  }

  /**
   * Learns from an answer. Says whether it refused a request that only came too early.
   *
   * @param least The tokens that the server must have had by the count: with one it could not have refused.
   */
  explains(isRefused: boolean, least: number): boolean {
    this._excess = Math.max(0, this._excess + (isRefused ? 1 : -SHARE));
    return this._isPossible && isRefused && least < 1 && this._excess <= MOST_REFUSALS;
  }
}
