/** What is told of one call to those who observe it: each member guarded by itself, the end once, and nothing after it. */

import { mergeHeaders } from '../http/headers.ts';
import type { CallMeta } from '../meta.ts';
import type { CallObserver, CallResult, CallStart } from '../options/instrumentation.ts';
import type { Log } from '../options/logger.ts';
import { whenCollected } from './abandoned.ts';

/** Those who observe a call. */
export interface Observation {
  /** Starts the call inside of every observer's `run`: once, whatever that does. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** The headers that the observers add to an attempt, their names in lower case. */
  headers(): Record<string, string>;
  /** Tells each of them. */
  tell(say: (observer: CallObserver, operation: string) => unknown): void;
  /** What ends the call is the caller's now. `abandon`, which must not refer to it, ends the call when it is collected. */
  opened(stream: object, abandon: () => void): void;
  /** Tells the end; whatever comes later is not told. */
  end(result: CallResult): void;
}

/** Runs what is not ours: what it throws is logged, what it rejects with is nobody's. */
export function runGuarded<T>(log: Log, action: () => T): T | undefined {
  try {
    const given = action();
    Promise.resolve(given).catch(() => {});
    return given;
  } catch (error) {
    log('error', 'an instrumentation threw', () => error);
    return undefined;
  }
}

/** Joins those who observe a call. */
export function createObservation(
  observers: CallObserver[],
  { clean, operation }: CallStart,
  meta: CallMeta,
  log: Log,
): Observation {
  let listening = observers;
  const tell: Observation['tell'] = (say) => {
    for (const observer of listening) runGuarded(log, () => say(observer, operation));
  };
  const inside = <T>(observer: CallObserver, work: () => Promise<T>): Promise<T> => {
    let started: Promise<T> | undefined;
    const once = (): Promise<T> => {
      started ??= work();
      return started;
    };
    runGuarded(log, () => observer.run(once));
    return once();
  };
  return {
    run: (work) => observers.reduceRight((inner, observer) => () => inside(observer, inner), work)(),
    headers() {
      const headers: Record<string, string> = {};
      for (const observer of observers) {
        const given = runGuarded(log, () => observer.headers?.());
        runGuarded(log, () => mergeHeaders(headers, given));
      }
      return headers;
    },
    tell,
    opened(stream, abandon) {
      whenCollected(stream, abandon);
      tell((observer) => observer.opened?.(stream));
    },
    end(result) {
      const end = { ...result, meta, clean };
      const last = listening;
      listening = [];
      for (const observer of last) runGuarded(log, () => observer.end(end));
    },
  };
}
