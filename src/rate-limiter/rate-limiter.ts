/** The limiter: callers queue by scope and priority and are let through as tokens and places allow. */

import { type Clock, startTimer, systemClock } from '../core/clock.ts';
import type { AbortSignalLike } from '../core/platform.ts';
import type { LimiterLease, LimiterLike, LimiterObservation, Priority, RateLimitScope } from '../core/rate-limit.ts';
import { type RateLimiterErrorCode, TwigConfigError, TwigRateLimiterError } from '../errors.ts';
import { Bucket, type BucketLimit } from './bucket.ts';
import { type Place, Queue } from './queue.ts';

/** Options of a limiter, each optional. */
export interface RateLimiterOptions {
  /** By scope; a scope that is left out has the documented numbers. */
  limits?: Partial<Record<RateLimitScope, BucketLimit>> | undefined;
  /** How many calls may be under way at once, over all scopes. A stream is under way until it has ended. Default: unlimited. */
  concurrency?: number | undefined;
  /** How many callers may wait; the next one gets `queue_full`. Default: unlimited. */
  maxQueue?: number | undefined;
  /** How long one may wait, in milliseconds; who would wait longer gets `wait_too_long`. Default: unlimited. */
  maxWaitMs?: number | undefined;
  /** Time and chance, for tests. Default: the platform's. */
  clock?: Clock | undefined;
}

/** The state of one scope. */
export interface ScopeStats {
  queued: number;
  inFlight: number;
  /** How many could be let through now. */
  available: number;
  /** Until when the scope stands still, after a 429 or an empty bucket. */
  pausedUntil?: Date;
}

/** The state of a limiter. */
export interface RateLimiterStats {
  queued: number;
  inFlight: number;
  scopes: Record<RateLimitScope, ScopeStats>;
}

/** The documented plans: requests a minute of the whole organisation, and calls at once. */
export type RateLimiterPlan = 'free' | 'pro';

const SCOPES = ['execute', 'write', 'read', 'admin'] as const;
const PRIORITIES = ['high', 'normal', 'low'] as const;

/** The documented limits (API reference, "Rate Limits"). */
const documented = (): Record<RateLimitScope, BucketLimit> => ({
  execute: { perMinute: 100, burst: 120 },
  write: { perMinute: 10, burst: 15 },
  read: { perMinute: 200, burst: 250 },
  admin: { perMinute: 50, burst: 60 },
});

interface Waiter {
  /** When it came, and as which one. */
  since: number;
  order: number;
  scope: ScopeState;
  grant: () => void;
  refuse: (error: unknown) => void;
}

interface ScopeState {
  bucket: Bucket;
  /** One queue for each priority, highest first. */
  queues: Queue<Waiter>[];
  inFlight: number;
}

/**
 * Keeps calls under the API's limits: instead of being refused with 429, they wait their turn. Pass one to as many
 * clients as share the limit.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { RateLimiter } from '@twig/sdk/rate-limiter';
 *
 * const client = new TwigClient({ rateLimiter: new RateLimiter({ concurrency: 10 }) });
 * const questions = ['What is pricing?', 'How do I cancel?'];
 * const answers = await Promise.all(questions.map((query) => client.query({ agentId: 'agent_abc123', query })));
 * console.log(answers.length);
 * ```
 */
export class RateLimiter implements LimiterLike {
  private readonly _clock: Clock;
  private readonly _scopes: Record<RateLimitScope, ScopeState>;
  private readonly _concurrency: number;
  private readonly _maxQueue: number;
  private readonly _maxWaitMs: number;
  private _organisation: Bucket | undefined;
  private _order = 0;
  private _queued = 0;
  private _inFlight = 0;
  private _wakeAt = Number.POSITIVE_INFINITY;
  private _stopTimer: (() => void) | undefined;

  /** Throws `TwigConfigError` when a number is out of range. */
  constructor(options: RateLimiterOptions = {}) {
    const { limits, concurrency, maxQueue, maxWaitMs, clock = systemClock } = options;
    const bounded = (name: string, value: number | undefined, least: number): number => {
      if (value === undefined) return Number.POSITIVE_INFINITY;
      if (typeof value === 'number' && value >= least) return value;
      throw new TwigConfigError(`RateLimiter: ${name} must be a number of at least ${least}.`);
    };
    this._clock = clock;
    this._concurrency = bounded('concurrency', concurrency, 1);
    this._maxQueue = bounded('maxQueue', maxQueue, 0);
    this._maxWaitMs = bounded('maxWaitMs', maxWaitMs, 0);
    const all = { ...documented(), ...limits };
    const state = (scope: RateLimitScope): ScopeState => {
      const { perMinute, burst } = all[scope] ?? documented()[scope];
      bounded(`limits.${scope}.perMinute`, perMinute ?? 0, 0.001);
      bounded(`limits.${scope}.burst`, burst ?? 0, 1);
      return {
        bucket: new Bucket({ perMinute, burst }, clock.now()),
        queues: PRIORITIES.map(() => new Queue()),
        inFlight: 0,
      };
    };
    this._scopes = { execute: state('execute'), write: state('write'), read: state('read'), admin: state('admin') };
  }

  /**
   * A limiter for a plan: beside the scopes it counts all calls of the organisation together, and bounds those under
   * way. `free`: 20 a minute, 2 at once; `pro`: 100 a minute, 10 at once.
   */
  static plan(name: RateLimiterPlan, options: RateLimiterOptions = {}): RateLimiter {
    const [perMinute, concurrency] = name === 'free' ? [20, 2] : [100, 10];
    if (name !== 'free' && name !== 'pro') throw new TwigConfigError("RateLimiter.plan knows 'free' and 'pro'.");
    const limiter = new RateLimiter({ concurrency, ...options });
    limiter._organisation = new Bucket({ perMinute, burst: perMinute }, limiter._clock.now(), false);
    return limiter;
  }

  /** Waits for a token of the scope and a place. The client calls it before each attempt. */
  acquire(
    scope: RateLimitScope,
    { priority = 'normal', signal }: { priority?: Priority | undefined; signal?: AbortSignalLike | undefined } = {},
  ): Promise<LimiterLease> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    const state = this._scopes[scope];
    const now = this._clock.now();
    const rank = PRIORITIES.indexOf(priority);
    const ahead = state.queues.slice(0, rank + 1).reduce((sum, { size }) => sum + size, 0);
    if (!ahead && this._isFree(state, now)) return Promise.resolve(this._let(state, now));
    const refuse = (code: RateLimiterErrorCode, message: string): Promise<never> =>
      Promise.reject(new TwigRateLimiterError(message, { code }));
    if (this._queued >= this._maxQueue) return refuse('queue_full', `${this._queued} callers wait already: maxQueue.`);
    const wait = state.bucket.readyAt(now, ahead + 1) - now;
    if (wait > this._maxWaitMs)
      return refuse('wait_too_long', `The wait would be about ${wait} ms: maxWaitMs is shorter.`);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        signal?.removeEventListener('abort', onAbort);
        place.leave();
        this._queued--;
      };
      const onAbort = (): void => {
        leave();
        reject(signal?.reason);
        this._plan(this._clock.now());
      };
      const waiter: Waiter = {
        since: now,
        order: this._order++,
        scope: state,
        grant: () => {
          leave();
          resolve(this._let(state, this._clock.now()));
        },
        refuse: (error) => {
          leave();
          reject(error);
        },
      };
      const place: Place<Waiter> = (state.queues[rank] as Queue<Waiter>).join(waiter);
      this._queued++;
      signal?.addEventListener('abort', onAbort, { once: true });
      this._plan(now);
    });
  }

  /** What is queued, under way, and waiting until when. */
  stats(): RateLimiterStats {
    const now = this._clock.now();
    const of = ({ bucket, queues, inFlight }: ScopeState): ScopeStats => ({
      queued: queues.reduce((sum, { size }) => sum + size, 0),
      inFlight,
      available: bucket.available(now),
      ...(bucket.pausedUntil > now && { pausedUntil: new Date(bucket.pausedUntil) }),
    });
    const { execute, write, read, admin } = this._scopes;
    const scopes = { execute: of(execute), write: of(write), read: of(read), admin: of(admin) };
    return { queued: this._queued, inFlight: this._inFlight, scopes };
  }

  private _isFree({ bucket }: ScopeState, now: number): boolean {
    return (
      this._inFlight < this._concurrency &&
      bucket.available(now) > 0 &&
      (this._organisation === undefined || this._organisation.available(now) > 0)
    );
  }

  /** Lets one through. */
  private _let(state: ScopeState, sentAt: number): LimiterLease {
    const settle = state.bucket.take(sentAt);
    const settleAll = this._organisation?.take(sentAt);
    state.inFlight++;
    this._inFlight++;
    let isOut = false;
    const end = (observation?: LimiterObservation): void => {
      const now = this._clock.now();
      settle(now, this._clock.random(), observation);
      // What the headers say is said of the scope; of the organisation nothing is told.
      settleAll?.(now, 0);
      if (this._queued) this._drain();
    };
    return {
      observe: end,
      release: () => {
        if (isOut) return;
        isOut = true;
        state.inFlight--;
        this._inFlight--;
        end();
      },
    };
  }

  /** Lets through whoever can go, by priority and then by order, and plans the next look. */
  private _drain(): void {
    const now = this._clock.now();
    for (let next = this._next(now); next; next = this._next(now)) next.grant();
    for (const { queues } of this._all()) {
      for (const queue of queues) {
        while (queue.first && now - queue.first.since >= this._maxWaitMs) {
          const message = `Nobody was let through for ${this._maxWaitMs} ms: maxWaitMs.`;
          queue.first.refuse(new TwigRateLimiterError(message, { code: 'wait_too_long' }));
        }
      }
    }
    this._plan(now);
  }

  private _next(now: number): Waiter | undefined {
    for (const rank of PRIORITIES.keys()) {
      let next: Waiter | undefined;
      for (const state of this._all()) {
        const first = state.queues[rank]?.first;
        if (first && first.order < (next?.order ?? Number.POSITIVE_INFINITY) && this._isFree(state, now)) next = first;
      }
      if (next) return next;
    }
    return undefined;
  }

  /** Sets the one timer for when somebody may go; without anybody waiting there is none. */
  private _plan(now: number): void {
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const { bucket, queues } of this._all()) {
      for (const { first } of queues) {
        if (!first) continue;
        wakeAt = Math.min(wakeAt, first.since + this._maxWaitMs);
        if (this._inFlight >= this._concurrency || bucket.needsAnswer) continue;
        wakeAt = Math.min(wakeAt, Math.max(bucket.readyAt(now), this._organisation?.readyAt(now) ?? 0));
      }
    }
    if (wakeAt === this._wakeAt) return;
    this._stopTimer?.();
    this._wakeAt = wakeAt;
    this._stopTimer = undefined;
    if (wakeAt === Number.POSITIVE_INFINITY) return;
    this._stopTimer = startTimer(this._clock, Math.max(0, wakeAt - now), () => {
      this._wakeAt = Number.POSITIVE_INFINITY;
      this._stopTimer = undefined;
      this._drain();
    });
  }

  private _all(): ScopeState[] {
    return SCOPES.map((scope) => this._scopes[scope]);
  }
}
