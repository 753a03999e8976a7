/** How the store is reached, by all buckets of a limiter: how long it may take, and what follows when it fails. */

import { type Clock, startTimer, uuid } from '../clock.ts';
import { TwigConfigError, TwigRateLimiterError } from '../errors.ts';
import type { Sharing } from './limits.ts';
import type { IfStoreFails, StoreStats } from './options.ts';
import type { StoreAsk, StoreReply } from './store.ts';
import type { Time } from './time.ts';

/** After a failure the store is asked again so much later, by one bucket for all. */
const RETRY_MS = 1000;

/** The state of the connection to a store. */
export class StoreLink {
  readonly ifStoreFails: IfStoreFails;
  private readonly _sharing: Sharing;
  private readonly _clock: Clock;
  private readonly _time: Time;
  /** The id of this limiter among those that share the store. */
  private _id: string | undefined;
  /** What the last ask failed with, if it failed. */
  private _failure: { error: unknown } | undefined;
  private _lastError: string | undefined;
  /** How many asks are under way. */
  private _underWay = 0;
  /** When the store may be asked again after a failure. */
  private _retryAt = -Infinity;
  /** How many processes there are, as the store last said. */
  private _told: number | undefined;

  constructor(sharing: Sharing, clock: Clock, time: Time) {
    this._sharing = sharing;
    this.ifStoreFails = sharing.ifStoreFails;
    this._clock = clock;
    this._time = time;
  }

  /** Whether the last ask failed. */
  get isAway(): boolean {
    return this._failure !== undefined;
  }

  /** When it may be asked; the past as long as it answers. */
  get askAt(): number {
    return this.isAway ? this._retryAt : -Infinity;
  }

  /** Among how many the limit is parted. */
  get processes(): number {
    return this._told ?? this._sharing.processes;
  }

  /** Why nobody may wait for it; whoever has it asked again waits for what comes of that. A mistake in its options is told whatever is to happen when it fails. */
  refusal(): Error | undefined {
    if (!this._failure || this._underWay || this._time() >= this._retryAt) return undefined;
    const { error } = this._failure;
    if (error instanceof TwigConfigError) return error;
    if (this.ifStoreFails !== 'reject') return undefined;
    return new TwigRateLimiterError(`store_unavailable: ${this._lastError}`, {
      code: 'store_unavailable',
      cause: error,
    });
  }

  stats(): StoreStats {
    return {
      state: this.isAway ? 'local' : 'shared',
      processes: this.processes,
      ...(this._lastError !== undefined && { lastError: this._lastError }),
    };
  }

  /**
   * One exchange. Rejects when the store fails or takes too long.
   *
   * @param onLate Given the reply that comes when nobody waits for it any more.
   */
  async exchange(
    ask: Omit<StoreAsk, 'process' | 'others' | 'validMs'>,
    onLate: (reply: StoreReply) => void,
  ): Promise<StoreReply> {
    const { store, storeTimeoutMs } = this._sharing;
    // No second one while this one is under way.
    this._retryAt = this._time() + storeTimeoutMs + RETRY_MS;
    this._id ??= uuid(this._clock);
    const whole = { ...ask, process: this._id, others: this._told ?? 1, validMs: storeTimeoutMs };
    this._underWay++;
    try {
      const reply = await this._inTime(async () => store.exchange(whole), onLate);
      const { tokens, againMs, processes, available } = reply;
      // A time that is no number would let everybody go.
      if (![...tokens, againMs, available].every(Number.isFinite) || !(processes >= 1)) {
        throw new TypeError('the store gave a reply that is no StoreReply');
      }
      this._told = processes;
      this._failure = undefined;
      return reply;
    } catch (error) {
      this._failure = { error };
      this._lastError = error instanceof Error ? error.message : String(error);
      this._retryAt = this._time() + RETRY_MS;
      throw error;
    } finally {
      this._underWay--;
    }
  }

  private _inTime(exchange: () => Promise<StoreReply>, onLate: (reply: StoreReply) => void): Promise<StoreReply> {
    const { storeTimeoutMs } = this._sharing;
    return new Promise((resolve, reject) => {
      let isOver = false;
      const stopTimer = startTimer(this._clock, storeTimeoutMs, () => {
        isOver = true;
        reject(new Error(`the store gave no answer within storeTimeoutMs (${storeTimeoutMs} ms)`));
      });
      exchange().then(
        (reply) => {
          if (isOver) return onLate(reply);
          stopTimer();
          resolve(reply);
        },
        (error) => {
          stopTimer();
          reject(error);
        },
      );
    });
  }
}
