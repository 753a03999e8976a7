/** What a store of deliveries has to do: a repeated one is not handled again, and none is taken for handled before it is. */

/** A value, or a promise of it. */
export type Awaitable<T> = T | Promise<T>;

/**
 * A store of deliveries: in memory, or in a database for several processes. The handler asks `seen` of each delivery,
 * and says `done` or `forget` of those for which the answer was `false`.
 */
export interface WebhookDedupe {
  /**
   * `false` for a delivery that is new: it now is the caller's to handle. `true` for one that was handled, `'busy'` for
   * one that somebody is handling. Must be atomic: of two at once, one gets `false`.
   *
   * What a process that died was handling must not stay `'busy'` for ever: let its claim run out.
   */
  seen(key: string): boolean | 'busy' | Promise<boolean | 'busy'>;
  /** Notes that a delivery was handled. A store without it has to take each for handled as soon as it was `seen`. */
  done?(key: string): void | Promise<void>;
  /** Gives up a delivery whose handler failed, so that its repetition is handled. Without it, only this process knows. */
  forget?(key: string): void | Promise<void>;
}

/** The right to handle a delivery. It settles itself alone, never a later claim of the same delivery. */
export interface Claim {
  /** The delivery was handled; that counts also when the claim has run out meanwhile. */
  done(): Awaitable<void>;
  /** It was not: whoever comes next may. */
  forget(): Awaitable<void>;
}

/** A claim, `true` for what has been handled, or `'busy'` for what somebody is handling. */
export type Claimed = Claim | true | 'busy';

/** Claims a delivery. */
export type Claiming = (key: string) => Awaitable<Claimed>;
