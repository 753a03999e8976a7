/** What is told of one call to those who observe it: each member guarded by itself, the end once, and nothing after it. */

import { mergeHeaders } from '../http/headers.ts';
import type { CallMeta } from '../meta.ts';
import { notify, type RetryInfo } from '../options/hooks.ts';
import type { CallObserver, CallResult, CallStart } from '../options/instrumentation.ts';
import type { Log } from '../options/logger.ts';
import { whenCollected } from './abandoned.ts';

/** In the log, who threw. */
const WHO = 'an instrumentation';

/** Runs what must give something at once. A promise is none of that, and nobody else would hear of its failure. */
export function runGuarded<T>(log: Log, action: () => T): T | undefined {
  try {
    const given = action();
    Promise.resolve(given).catch(() => {});
    return given;
  } catch (error) {
    log('error', `${WHO} threw`, () => error);
    return undefined;
  }
}

/** Those who observe a call. */
export class Observation {
  /** How the call ends, as far as that is known. */
  result: CallResult = { outcome: 'left' };
  private _observers: CallObserver[];
  private readonly _start: CallStart;
  private readonly _meta: CallMeta;
  private readonly _log: Log;

  constructor(observers: CallObserver[], start: CallStart, meta: CallMeta, log: Log) {
    this._observers = observers;
    this._start = start;
    this._meta = meta;
    this._log = log;
  }

  /** Starts the call inside of every observer's `run`: once, whatever that does. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this._observers.reduceRight((inner, observer) => () => this._runIn(observer, inner), work)();
  }

  private _runIn<T>(observer: CallObserver, work: () => Promise<T>): Promise<T> {
    let started: Promise<T> | undefined;
    const once = (): Promise<T> => {
      started ??= work();
      return started;
    };
    runGuarded(this._log, () => observer.run(once));
    return once();
  }

  /** The headers that the observers add to an attempt, their names in lower case. */
  headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const observer of this._observers) {
      const given = runGuarded(this._log, () => observer.headers?.());
      const added = runGuarded(this._log, () => mergeHeaders({}, given));
      Object.assign(headers, added);
    }
    return headers;
  }

  queued(waitMs: number): void {
    this._tell((observer) => observer.queued?.(waitMs));
  }

  retry(info: RetryInfo): void {
    this._tell((observer) => observer.retry?.({ ...info, operation: this._start.operation }));
  }

  /** What ends the call is the caller's now. `abandon`, which must not refer to it, ends the call when it is collected. */
  opened(stream: object, abandon: () => void): void {
    whenCollected(stream, abandon);
    this._tell((observer) => observer.opened?.(stream));
  }

  firstEvent(): void {
    this._tell((observer) => observer.firstEvent?.());
  }

  end(): void {
    const end = { ...this.result, meta: this._meta, clean: this._start.clean };
    const observers = this._observers;
    this._observers = [];
    this._tell((observer) => observer.end(end), observers);
  }

  private _tell(say: (observer: CallObserver) => unknown, observers: CallObserver[] = this._observers): void {
    for (const observer of observers) notify(this._log, say, observer, WHO);
  }
}
