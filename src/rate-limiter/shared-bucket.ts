/**
 * The token bucket that several processes share: its tokens come from a store, each with the time at which it may be used.
 * As many are asked for as callers wait, and what answers said is told with it. While the store is away a `LocalBucket`
 * with this process's part of the limit takes its place.
 */

import type { Clock } from '../clock.ts';
import type { LimiterObservation } from '../http/rate-limit.ts';
import type { BucketLimit } from './bucket-limit.ts';
import { LocalBucket } from './local-bucket.ts';
import { News } from './news.ts';
import { readObservation } from './observation.ts';
import { Pause } from './pause.ts';
import type { ResetMeaning } from './reset-meaning.ts';
import type { StoreAsk, StoreReply } from './store.ts';
import type { StoreLink } from './store-link.ts';
import type { Time } from './time.ts';
import type { BucketState, Demand, Token, TokenBucket } from './token-bucket.ts';

/** Tokens are given out that fall due within this time: what is in hand when a 429 comes is at most so much. */
const AHEAD_MS = 1000;
/** The most tokens of one ask. */
const MOST_WANTED = 500;
/** A token that nobody has used so long after its time is given back. */
const STALE_MS = 1000;

/** Of what a shared bucket is made. */
export interface Shared {
  scope: StoreAsk['scope'];
  limit: BucketLimit;
  link: StoreLink;
  clock: Clock;
  time: Time;
  meaning: ResetMeaning;
}

/** A bucket that is kept elsewhere. */
export class SharedBucket implements TokenBucket {
  private readonly _shared: Shared;
  private readonly _demand: Demand;
  private readonly _pause: Pause;
  private readonly _news = new News();
  /** When the tokens in hand may be used, in order. */
  private _due: number[] = [];
  /** Tokens that are to be given back with the next ask. */
  private _back = 0;
  /** Requests that took a token and of which nothing was heard yet. */
  private _unanswered = 0;
  /** When the store may be asked for more. */
  private _againAt = -Infinity;
  /** Whether an ask is under way or about to be made. */
  private _isAsking = false;
  /** Whether there are news that all must know at once. */
  private _isUrgent = false;
  /** Whether nobody knows yet what the server has. */
  private _isCold = false;
  /** What the store had left. */
  private _left: { count: number; at: number };
  /** What stands in while the store is away. */
  private _local: LocalBucket | undefined;

  constructor(shared: Shared, demand: Demand) {
    this._shared = shared;
    this._demand = demand;
    // What an answer had left is no reason to pause here: the others count it as well.
    this._pause = new Pause(shared.clock, shared.meaning, true);
    this._left = { count: shared.limit.burst, at: shared.time() };
  }

  nextAt(): number {
    const now = this._shared.time();
    const local = this._standIn();
    const isMoreWanted = this._demand.count() > this._due.length;
    const askAt = Math.max(this._againAt, this._shared.link.askAt);
    if (isMoreWanted && now >= askAt) this._plan();
    // Whoever waits looks again when there is a token, or when one can be asked for. Where none is wanted yet, because a
    // token of another bucket has to come first, that one says when: this one must not hold him.
    const isIdle = !isMoreWanted && !this._isAsking && !local;
    const token = this._due[0] ?? (isIdle ? now + 1 : Infinity);
    const other = local ? local.nextAt() : isMoreWanted && !this._isAsking ? askAt : Infinity;
    return Math.max(this._pause.until, Math.min(token, other));
  }

  readyAt(count: number): number {
    const now = this._shared.time();
    const local = this._standIn();
    const inHand = this._due[count - 1];
    if (inHand === undefined && local) return Math.max(this._pause.until, local.readyAt(count - this._due.length));
    const lacking = count - this._due.length - Math.max(this._estimate(now), this._hoped());
    const filledAt = now + Math.ceil(Math.max(0, lacking) / this._ratePerMs);
    return Math.max(this._pause.until, inHand ?? Math.max(filledAt, this._againAt));
  }

  acquire(): Token {
    const now = this._shared.time();
    const isInHand = (this._due[0] ?? Infinity) <= now;
    if (isInHand) this._due.shift();
    const own = isInHand ? undefined : this._standIn()?.acquire();
    this._unanswered++;
    return {
      observe: (answer) => {
        this._unanswered--;
        own?.observe(answer && this._part(answer));
        if (answer) this._observe(answer, now);
      },
      giveBack: () => {
        this._unanswered--;
        if (own) return own.giveBack();
        this._due.unshift(now);
        // Whoever waits takes it. If nobody does, it is there for others.
        this._plan();
      },
    };
  }

  state(): BucketState {
    const now = this._shared.time();
    const local = this._standIn();
    const held = this._due.length;
    const pausedUntil = this._pause.endAfter(now);
    if (pausedUntil) return { available: 0, counted: 0, held: 0, pausedUntil };
    if (local) {
      const { available, counted, ...rest } = local.state();
      return { ...rest, available: available + held, counted: counted + held, held: rest.held + held };
    }
    const available = Math.min(this._shared.limit.burst, this._estimate(now) + held);
    return { available, counted: Math.max(available, this._hoped() + held), held };
  }

  refusal(): Error | undefined {
    return this._due.length ? undefined : this._shared.link.refusal();
  }

  private get _ratePerMs(): number {
    return this._shared.limit.perMinute / 60_000;
  }

  /** How many tokens the store has, if nobody else draws on it. */
  private _estimate(now: number): number {
    const { count, at } = this._left;
    return Math.max(0, Math.floor(Math.min(this._shared.limit.burst, count + (now - at) * this._ratePerMs)));
  }

  /** How many tokens the first answer may show that nobody knows of yet: who waits for it alone stands in nobody's way. */
  private _hoped(): number {
    return this._isCold ? this._shared.limit.burst - this._unanswered - this._due.length : 0;
  }

  /** The bucket of this process alone, as long as the store is away and calls are to go on. */
  private _standIn(): LocalBucket | undefined {
    const { link, limit, clock, time, meaning } = this._shared;
    if (!link.isAway || link.ifStoreFails !== 'share') this._local = undefined;
    else if (!this._local) {
      const part = { perMinute: limit.perMinute / link.processes, burst: Math.max(1, limit.burst / link.processes) };
      // What the others have used of the burst nobody knows: it begins with one token, those in hand included.
      this._local = new LocalBucket(part, clock, time, meaning, 1 - this._due.length);
    }
    return this._local;
  }

  /** An answer as the stand-in understands it: of a limit it has its part. */
  private _part(answer: Partial<LimiterObservation>): Partial<LimiterObservation> {
    const { rateLimit } = answer;
    if (rateLimit?.limit === undefined) return answer;
    return { ...answer, rateLimit: { ...rateLimit, limit: rateLimit.limit / this._shared.link.processes } };
  }

  private _observe(answer: Partial<LimiterObservation>, sentAt: number): void {
    const { clock, time } = this._shared;
    const now = time();
    const statement = readObservation(answer, clock);
    this._news.hear(now, sentAt, statement);
    this._pause.observe(now, sentAt, { ...statement, left: undefined }, 0, undefined);
    if (statement.isRefused || this._isCold) {
      this._isUrgent = true;
      this._plan();
    }
  }

  /** Asks as soon as all that happens at this moment has happened: a burst of callers is one ask. */
  private _plan(): void {
    if (this._isAsking) return;
    this._isAsking = true;
    Promise.resolve()
      .then(() => this._ask())
      .finally(() => {
        this._isAsking = false;
        this._demand.dispatch();
        // Those who waited may have left meanwhile.
        const isTooMuch = this._due.length > this._demand.count();
        if (this._shared.time() >= this._shared.link.askAt && (this._isUrgent || isTooMuch)) this._plan();
      });
  }

  private async _ask(): Promise<void> {
    const { link, limit, scope, time } = this._shared;
    const now = time();
    // News are told when the store is back.
    if (now < link.askAt) return;
    this._putAside(now);
    const want = Math.min(MOST_WANTED, Math.max(0, this._demand.count() - this._due.length));
    if (!want && !this._back && !this._isUrgent) return;
    const back = this._back;
    const { answered, news, putBack } = this._news.take(now, Math.max(0, this._pause.until - now));
    const flying = this._unanswered + this._due.length;
    const ask = { scope, limit, want, aheadMs: AHEAD_MS, back, flying, answered, news };
    this._back = 0;
    this._isUrgent = false;
    try {
      // Nobody waits for late tokens: they are given back.
      const onLate = ({ tokens }: StoreReply): void => {
        this._back += tokens.length;
      };
      this._take(await link.exchange(ask, onLate), want);
    } catch {
      // Why is told by `refusal` and `stats`. What was to be given back may have been.
      putBack();
    }
  }

  /** Puts aside what nobody waits for, or has not used in time. */
  private _putAside(now: number): void {
    const isStale = (at: number): boolean => at < now - STALE_MS;
    const fresh = this._due.filter((at) => !isStale(at));
    const kept = fresh.slice(0, this._demand.count());
    this._back += this._due.length - kept.length;
    this._due = kept;
  }

  private _take({ tokens, againMs, available, isCold }: StoreReply, want: number): void {
    const now = this._shared.time();
    this._due = [...this._due, ...tokens.map((ms) => now + ms)].sort((a, b) => a - b);
    this._againAt = tokens.length < want ? now + Math.max(1, againMs) : now;
    this._left = { count: available, at: now };
    this._isCold = isCold;
  }
}
