/**
 * The scheduler: lets those who wait go, as tokens and places allow. Fair: by priority, then in the order of coming, and
 * between scopes whoever can go first.
 */

import type { LimiterLease, LimiterObservation } from '../http/rate-limit.ts';
import type { PriorityQueue } from './queue.ts';
import type { Time } from './time.ts';
import type { Token, TokenBucket } from './token-bucket.ts';

/** Where calls of one scope wait, and what they wait for. */
export interface ScopeQueue {
  readonly bucket: TokenBucket;
  readonly waiting: PriorityQueue<Waiter>;
  /** Leases that were given and not released. */
  inFlight: number;
}

/** A call that waits. */
export interface Waiter {
  readonly scope: ScopeQueue;
  /** Its place among the priorities; the lower goes first. */
  readonly rank: number;
  /** Its number in the order of coming. */
  readonly arrival: number;
  /** When it will look again by itself. */
  alarmAt: number;
  /** Makes it look at once. */
  wake(): void;
  /** Given when its turn has come. */
  lease?: Lease;
  /** Given when its turn will not come. */
  refusal?: Error;
}

/** A lease that can also be given back unused. */
export interface Lease extends LimiterLease {
  /** Nothing was sent: the tokens are there for others. */
  giveBack(): void;
}

/** Somebody who is next in a scope, and when. */
interface Candidate {
  readonly waiter: Waiter;
  readonly at: number;
}

const isBefore = (a: Candidate, b: Candidate): boolean =>
  (a.at - b.at || a.waiter.rank - b.waiter.rank || a.waiter.arrival - b.waiter.arrival) < 0;

/** Those who wait, of all scopes, and what is under way. */
export class Scheduler {
  /** Leases that were given and not released, of all scopes; never more than `concurrency`. */
  inFlight = 0;
  private readonly _time: Time;
  private readonly _scopes: readonly ScopeQueue[];
  private readonly _total: TokenBucket;
  private readonly _concurrency: number;

  /** @param total From which the calls of all scopes draw as well. */
  constructor(time: Time, scopes: readonly ScopeQueue[], total: TokenBucket, concurrency: number) {
    this._time = time;
    this._scopes = scopes;
    this._total = total;
    this._concurrency = concurrency;
  }

  get queued(): number {
    return this._scopes.reduce((sum, { waiting }) => sum + waiting.size, 0);
  }

  /**
   * How many wait for whom there is neither a token nor a place. The others wait only for the first answer to show that
   * the server has their tokens too: they stand in nobody's way.
   */
  get overflow(): number {
    const tokens = this._scopes.reduce(
      (sum, { waiting, bucket }) => sum + Math.min(waiting.size, bucket.state().counted),
      0,
    );
    return this.queued - Math.min(tokens, this._total.state().counted, this._concurrency - this.inFlight);
  }

  /** How many of those who wait for a token of the bucket could go if it had them: there must be a place, too. */
  demandFor(bucket: TokenBucket): number {
    const waiting = this._scopes.reduce((sum, scope) => {
      // Of the total as many are wanted as are of use: those who wait for a token of their scope cannot go yet.
      const most = bucket === this._total ? scope.bucket.state().held : bucket === scope.bucket ? Infinity : 0;
      return sum + Math.min(scope.waiting.size, most);
    }, 0);
    return Math.min(waiting, this._concurrency - this.inFlight);
  }

  /** Lets go whoever can, and sees to it that the next one looks again when it can. */
  dispatch(): void {
    this._refuse();
    const now = this._time();
    while (this.inFlight < this._concurrency) {
      const next = this._next(now);
      if (!next) return;
      const { at, waiter } = next;
      if (at > now) {
        if (at >= waiter.alarmAt) return;
        waiter.alarmAt = at;
        waiter.wake();
        return;
      }
      waiter.scope.waiting.delete(waiter, waiter.rank);
      waiter.lease = this._lease(waiter.scope);
      waiter.wake();
    }
  }

  /** Sends away those who would wait in vain. */
  private _refuse(): void {
    for (const { bucket, waiting } of this._scopes) {
      const refusal = bucket.refusal() ?? this._total.refusal();
      for (let waiter = refusal && waiting.first(); refusal && waiter; waiter = waiting.first()) {
        waiting.delete(waiter, waiter.rank);
        waiter.refusal = refusal;
        waiter.wake();
      }
    }
  }

  /** Who can go first. */
  private _next(now: number): Candidate | undefined {
    let next: Candidate | undefined;
    for (const { bucket, waiting } of this._scopes) {
      const waiter = waiting.first();
      if (!waiter) continue;
      const candidate = { waiter, at: Math.max(now, bucket.nextAt(), this._total.nextAt()) };
      if (!next || isBefore(candidate, next)) next = candidate;
    }
    return next;
  }

  private _lease(scope: ScopeQueue): Lease {
    const token = scope.bucket.acquire();
    const totalToken = this._total.acquire();
    let hasToken = true;
    let hasPlace = true;
    scope.inFlight++;
    this.inFlight++;
    const end = (tell: (token: Token, ofTotal: boolean) => void): void => {
      if (!hasToken) return;
      hasToken = false;
      tell(token, false);
      tell(totalToken, true);
    };
    const leave = (): void => {
      if (!hasPlace) return;
      hasPlace = false;
      scope.inFlight--;
      this.inFlight--;
    };
    return {
      observe: (answer: LimiterObservation) => {
        // What the headers say is said of the scope; of all together nothing is told.
        end((one, ofTotal) => one.observe(ofTotal ? {} : answer));
        this.dispatch();
      },
      release: () => {
        end((one) => one.observe(undefined));
        leave();
        this.dispatch();
      },
      giveBack: () => {
        end((one) => one.giveBack());
        leave();
        this.dispatch();
      },
    };
  }
}
