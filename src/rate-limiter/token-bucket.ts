/**
 * The seam between the scheduler, which decides who goes, and the tokens, which decide when. Queues, priorities and
 * places know nothing else of a bucket, so another kind (one that many processes share, say) takes the place of
 * `LocalBucket` by being this.
 */

import type { LimiterObservation } from '../http/rate-limit.ts';

/** What there is in a bucket at the moment. */
export interface BucketState {
  /** Whole tokens that may be taken now; 0 while paused. */
  available: number;
  /** Whole tokens that are there, those included that wait for an answer to show that the server has them too. */
  counted: number;
  /** Whole tokens that nobody else can take any more, those included that may only be used a little later. */
  held: number;
  /** Until when nothing may be sent, as the time of day; missing when nothing is paused. */
  pausedUntil?: Date;
}

/** A token that was taken for one request. One of its ends is told, once. */
export interface Token {
  /** What the answer said; `undefined` when the request may have been sent and no answer came. */
  observe(answer: Partial<LimiterObservation> | undefined): void;
  /** The request was not sent. */
  giveBack(): void;
}

/** Where the tokens of a scope come from. All times are those of the limiter's `Time`. */
export interface TokenBucket {
  /**
   * When the next request may be sent, now or in the past if at once; `Infinity` if an answer has to come first. To be
   * asked on behalf of somebody who waits: tokens that come from elsewhere are then ordered.
   */
  nextAt(): number;
  /** When there will be a token for the `count`-th request from now, as far as one can tell. */
  readyAt(count: number): number;
  /** Takes a token. To be called when `nextAt()` has come. */
  acquire(): Token;
  state(): BucketState;
  /** Why nobody will get a token for now; `undefined` as long as waiting makes sense. */
  refusal(): Error | undefined;
}

/** What a bucket whose tokens come from elsewhere has to know of those who wait for them. */
export interface Demand {
  /** How many of those who wait could go if there were tokens. */
  count(): number;
  /** Something has changed: whoever can go goes. */
  dispatch(): void;
}
