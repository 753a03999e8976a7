/**
 * The life of one call: who may end it (the caller's signal, the deadline, an attempt's timer), and what is told to stop
 * when that happens. The caller's own signal is only listened to: it is never handed on, aborted, or left with a listener.
 */

import { type Clock, elapsed, startTimer } from '../clock.ts';
import { type ConnectionPhase, type TimeLimit, TwigAbortError, type TwigError, TwigTimeoutError } from '../errors.ts';
import type { CallMeta } from '../meta.ts';
import type { CallResult } from '../options/instrumentation.ts';
import type { AbortSignalLike } from '../platform.ts';
import { need, probe } from '../runtime.ts';
import type { Observation } from './observation.ts';

const createController = (): AbortController => new (need('AbortController', 'A call'))();

export class Lifetime {
  /** Where the call is now, for the errors. */
  phase: ConnectionPhase = 'headers';
  /** Why the call is over for good. */
  failure: TwigError | undefined;
  /** Whether somebody else, a stream or a raw response, ends the call. */
  handedOn = false;
  /** How a call that was handed on ends. */
  result: CallResult = { outcome: 'left' };
  /** Told when the attempt, or the call, is stopped. */
  onStop: ((error: TwigError) => void) | undefined;
  /** Takes the secrets of the attempt out of a text. */
  redact: (text: string) => string = (text) => text;
  /** When the call must have ended, by the clock that nobody sets. */
  readonly deadlineAt: number;
  readonly meta: CallMeta;
  readonly clock: Clock;
  /** Those who observe the call. */
  readonly observation: Observation | undefined;
  private _controller: AbortController = createController();
  private _stopped: TwigError | undefined;
  /** What is to be done when the call has ended; nothing more is kept when it has. */
  private _ending: (() => void)[] | undefined = [];

  constructor(
    meta: CallMeta,
    clock: Clock,
    signal: AbortSignalLike | undefined,
    deadlineMs: number | undefined,
    observation: Observation | undefined,
  ) {
    this.meta = meta;
    this.clock = clock;
    this.observation = observation;
    this.deadlineAt = deadlineMs === undefined ? Number.POSITIVE_INFINITY : elapsed(clock) + deadlineMs;
    if (deadlineMs !== undefined) this.defer(this.after(deadlineMs, () => this.expire('deadlineMs', deadlineMs)));
    if (signal) this._listenTo(signal);
  }

  private _listenTo(signal: AbortSignalLike): void {
    const abort = (): void => this.abort(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    this.defer(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
  }

  /**
   * Ends what is going on now: an attempt, or the wait before it. A fresh one after an attempt was stopped, or a response
   * given up.
   */
  get controller(): AbortController {
    if (this._controller.signal.aborted && !this.failure) {
      this._controller = createController();
      this._stopped = undefined;
    }
    return this._controller;
  }

  /** The signal of what is going on now. */
  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Ends the call on the caller's behalf. */
  abort(reason: unknown): void {
    this.stop(new TwigAbortError(reason, { meta: this.meta }));
  }

  /** Ends the attempt with `error`, and unless it `mayGoOn` the call. The first reason to end it is the one that counts. */
  stop(error: TwigError, mayGoOn = false): void {
    // After an attempt ran out of time the call can still be ended for good, but only once.
    if (this.failure) return;
    this._stopped = error;
    if (!mayGoOn) this.failure = error;
    this._controller.abort(error);
    this.onStop?.(error);
  }

  /** Stops because a limit of time ran out. Only an attempt's own limit leaves the call alive. */
  expire(limit: TimeLimit, ms: number): void {
    this.stop(new TwigTimeoutError(limit, ms, { phase: this.phase, meta: this.meta }), limit === 'timeoutMs');
  }

  /** Runs `action` after `ms` by the call's clock; gives the function that calls it off. */
  after(ms: number, action: () => void): () => void {
    return startTimer(this.clock, ms, action);
  }

  /** Settles as `work` does, or rejects the moment the attempt is stopped, whether `work` heeds the signal or not. */
  guard<T>(work: PromiseLike<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.onStop = reject;
      if (this._stopped) reject(this._stopped);
      // After a stop this comes too late: the reason is ours, not what the interrupted work made of it.
      work.then(resolve, reject);
    });
  }

  /** Has `action` done when the call has ended: at once, where it has. */
  defer(action: () => void): void {
    if (this._ending) this._ending.push(action);
    else probe(action);
  }

  /** Ends the call: lets go of the caller's signal, the deadline and whatever else was deferred. */
  release(): void {
    this.onStop = undefined;
    const actions = this._ending ?? [];
    this._ending = undefined;
    // One that throws, a limiter of somebody's own, must not keep the others from what they give back.
    for (const action of actions) probe(action);
  }
}
