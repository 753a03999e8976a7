/**
 * What the reset header means. Some servers name the moment at which one may go on, others the one at which their bucket
 * is full again, when most of it could have been used long ago. Documents do not say, so it is found out, once.
 */

/** Both the reset and the server's `Date` are whole seconds: their difference may be too large by so much. */
export const RESET_ERROR_MS = 2000;

/** What is known, for all buckets of one server. */
export class ResetMeaning {
  /** What resets name: when to go on, or a moment later than that; `undefined` until one request was sent before it. */
  private _names: 'when to go on' | 'full bucket' | undefined;

  /** Whether it is yet to be found out. */
  get isUnknown(): boolean {
    return this._names === undefined;
  }

  /** Whether one may go on before the reset, by one's own count. */
  get isFullBucket(): boolean {
    return this._names === 'full bucket';
  }

  /** What came of a request that was sent before the reset. The first one decides. */
  learn(isAllowed: boolean): void {
    this._names ??= isAllowed ? 'full bucket' : 'when to go on';
  }
}
