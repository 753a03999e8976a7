/** The limiter as the user sees it. */

import { type Clock, startTimer, systemClock, timeBy } from '../clock.ts';
import { TwigConfigError, TwigRateLimiterError } from '../errors.ts';
import type { LimiterLease, LimiterLike, Priority } from '../http/rate-limit.ts';
import type { RateLimitScope } from '../operations.ts';
import type { AbortSignalLike } from '../platform.ts';
import { isBounding, mapValues, planOptions, resolveBounds, resolveSharing } from './limits.ts';
import { LocalBucket } from './local-bucket.ts';
import type { RateLimiterOptions, RateLimiterPlan, RateLimiterStats } from './options.ts';
import { PRIORITIES, PriorityQueue } from './queue.ts';
import { ResetMeaning } from './reset-meaning.ts';
import { Scheduler, type ScopeQueue, type Waiter } from './scheduler.ts';
import { SharedBucket } from './shared-bucket.ts';
import { StoreLink } from './store-link.ts';
import type { Time } from './time.ts';
import type { TokenBucket } from './token-bucket.ts';

/** Who should have been woken looks by itself so long after its time; each further look comes after twice the time. */
const LOOK_MS = 1000;

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
  private readonly _time: Time;
  private readonly _maxQueue: number;
  private readonly _maxWaitMs: number;
  private readonly _scopes: Record<RateLimitScope, ScopeQueue>;
  private readonly _total: TokenBucket;
  private readonly _scheduler: Scheduler;
  private readonly _link: StoreLink | undefined;
  /** How many callers have come. */
  private _arrivals = 0;

  /** Throws `TwigConfigError` when a number is out of range or a name is unknown. */
  constructor(options: RateLimiterOptions = {}) {
    const { limits, concurrency, maxQueue, maxWaitMs } = resolveBounds(options);
    const clock = options.clock ?? systemClock;
    const time = timeBy(clock);
    const meaning = new ResetMeaning();
    const sharing = resolveSharing(options);
    const link = sharing && new StoreLink(sharing, clock, time);
    const { total, ...scopes } = mapValues(limits, (limit, scope): TokenBucket => {
      if (!link || !isBounding(limit)) return new LocalBucket(limit, clock, time, meaning);
      const bucket: TokenBucket = new SharedBucket(
        { scope, limit, link, clock, time, meaning },
        {
          count: () => this._scheduler.demandFor(bucket),
          dispatch: () => this._scheduler.dispatch(),
        },
      );
      return bucket;
    });
    this._link = link;
    this._clock = clock;
    this._time = time;
    this._maxQueue = maxQueue;
    this._maxWaitMs = maxWaitMs;
    this._total = total;
    this._scopes = mapValues(scopes, (bucket) => ({ bucket, waiting: new PriorityQueue<Waiter>(), inFlight: 0 }));
    this._scheduler = new Scheduler(time, Object.values(this._scopes), total, concurrency);
  }

  /**
   * A limiter for a plan: beside the scopes it counts all calls of the organisation together, and bounds those under
   * way. Throws `TwigConfigError` for a plan that it does not know.
   */
  static plan(name: RateLimiterPlan, options: RateLimiterOptions = {}): RateLimiter {
    return new RateLimiter(planOptions(name, options));
  }

  /** What is queued, under way, and waiting until when. */
  stats(): RateLimiterStats {
    const most = this._total.state().available;
    return {
      queued: this._scheduler.queued,
      inFlight: this._scheduler.inFlight,
      scopes: mapValues(this._scopes, ({ bucket, inFlight, waiting }) => {
        const { available, pausedUntil } = bucket.state();
        return {
          queued: waiting.size,
          inFlight,
          available: Math.min(available, most),
          ...(pausedUntil && { pausedUntil }),
        };
      }),
      ...(this._link && { store: this._link.stats() }),
    };
  }

  /**
   * Waits for a token of the scope and a place. The client calls it before each attempt.
   *
   * Rejects with `TwigRateLimiterError` when `maxQueue` or `maxWaitMs` do not allow the wait, or `ifStoreFails` none
   * without the store; with the signal's reason when it aborts, and with `TwigConfigError` for a scope or priority that there is not.
   */
  async acquire(
    name: RateLimitScope,
    options: { priority?: Priority | undefined; signal?: AbortSignalLike | undefined } = {},
  ): Promise<LimiterLease> {
    const { priority = 'normal', signal } = options;
    const scope = this._scope(name);
    const rank = rankOf(priority);
    const since = this._time();
    const endsAt = since + this._maxWaitMs;
    const waiter: Waiter = { scope, rank, arrival: this._arrivals++, alarmAt: since, wake() {} };
    const quit = (): void => {
      scope.waiting.delete(waiter, rank);
      waiter.lease?.giveBack();
      waiter.wake();
    };
    scope.waiting.add(waiter, rank);
    signal?.addEventListener('abort', quit, { once: true });
    try {
      const place = scope.waiting.sizeUpTo(rank);
      let dueAt = Math.max(since, scope.bucket.readyAt(place), this._total.readyAt(place));
      for (let look = dueAt - since + LOOK_MS, isNew = true; ; look *= 2, isNew = false) {
        if (signal?.aborted) throw signal.reason;
        const now = this._time();
        waiter.alarmAt = Math.min(now + look, endsAt);
        this._scheduler.dispatch();
        if (waiter.lease) return waiter.lease;
        if (waiter.refusal) throw waiter.refusal;
        if (isNew && this._isFull()) throw this._refusal('queue_full');
        if (dueAt > endsAt) throw this._refusal('wait_too_long');
        await this._woken(waiter, waiter.alarmAt - now);
        // It could have gone by now if it could: the next moment is the earliest.
        dueAt = this._time() + 1;
      }
    } finally {
      signal?.removeEventListener('abort', quit);
      // Whoever is next now may have to look sooner.
      scope.waiting.delete(waiter, rank);
      this._scheduler.dispatch();
    }
  }

  /** Waits until the waiter is woken. Each has a timer of its own: where timers end with a request, another's would not do. */
  private async _woken(waiter: Waiter, afterMs: number): Promise<void> {
    const woken = new Promise<void>((resolve) => {
      waiter.wake = resolve;
    });
    const stopTimer = startTimer(this._clock, afterMs, waiter.wake);
    await woken;
    stopTimer();
  }

  private _isFull(): boolean {
    return this._scheduler.queued > this._maxQueue && this._scheduler.overflow > this._maxQueue;
  }

  private _refusal(code: 'queue_full' | 'wait_too_long'): TwigRateLimiterError {
    return new TwigRateLimiterError(`${code}: maxQueue ${this._maxQueue}, maxWaitMs ${this._maxWaitMs}.`, { code });
  }

  private _scope(name: RateLimitScope): ScopeQueue {
    if (Object.hasOwn(this._scopes, name)) return this._scopes[name];
    throw unknown('scope', name, Object.keys(this._scopes));
  }
}

function rankOf(priority: Priority): number {
  const rank = PRIORITIES.indexOf(priority);
  if (rank >= 0) return rank;
  throw unknown('priority', priority, PRIORITIES);
}

const unknown = (kind: string, name: string, known: readonly string[]): TwigConfigError =>
  new TwigConfigError(`RateLimiter: there is no ${kind} ${name}. There are ${known.join(', ')}.`);
