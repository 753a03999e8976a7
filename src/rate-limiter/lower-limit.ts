/**
 * A lower limit is learnt: a server that has less left than was counted has a lower limit than configured, or somebody
 * else draws on it. From then on what it says is the truth, until a quiet time has passed.
 */

/** What is known of a limit below the configured one. */
export class LowerLimit {
  /** Whether the server had less than was counted. */
  private _isSeen = false;
  /** The most that the server had left since the last quiet time. */
  private _peak = 0;
  /** How many requests may be unanswered: whatever is under way may not be counted by the server yet. */
  private _most = Infinity;

  get isSeen(): boolean {
    return this._isSeen;
  }

  /** How many requests may be unanswered. */
  get most(): number {
    return this._most;
  }

  /** A quiet time has passed: what was seen before it is not true any more. */
  forget(): void {
    this._isSeen = false;
    this._peak = 0;
    this._most = Infinity;
  }

  /**
   * Learns from an answer. Gives how many tokens there are at most, those of all unanswered requests included.
   *
   * @param left What the server had left; `undefined` when not said.
   * @param least What it must have had left by the count, even if it had taken everything that was sent until now.
   */
  observe(left: number | undefined, least: number, isRefused: boolean): number {
    if (isRefused || (left !== undefined && left + 1 < least)) this._isSeen = true;
    if (left !== undefined) this._peak = Math.max(this._peak, left);
    if (!this._isSeen || left === undefined) {
      this._most = Infinity;
      return Infinity;
    }
    // What somebody else draws strays by about its square root: so much is left to him.
    const room = Math.floor(left - Math.sqrt(this._peak));
    // One request must be under way, or nothing would be learnt any more.
    this._most = Math.max(1, room);
    return room;
  }
}
