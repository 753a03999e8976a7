/** Time and chance. Nothing else in the package reads a clock, sets a timer or draws a number, so a test can own all three. */

import type { AbortSignalLike } from './platform.ts';
import { probe } from './runtime.ts';

/** The source of time and chance, replaceable in tests. Milliseconds everywhere. */
export interface Clock {
  /** The time of day: milliseconds since the Unix epoch. Somebody may set it, forwards and backwards. */
  now(): number;
  /**
   * Milliseconds since any fixed moment, by a clock that nobody sets: durations, limits of time and deadlines are
   * measured with it. Default: `now()`.
   */
  elapsed?(): number;
  /** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as the signal aborts. */
  sleep(ms: number, signal?: AbortSignalLike): Promise<void>;
  /** A number from 0 (included) to 1 (excluded). */
  random(): number;
}

/** `setTimeout` fires at once for a longer delay, because it keeps it in a signed 32-bit integer. */
const LONGEST_TIMER = 2 ** 31 - 1;

function setTimer(ms: number, run: () => void): () => void {
  let stop: () => void;
  const next =
    ms > LONGEST_TIMER
      ? () => {
          stop = setTimer(ms - LONGEST_TIMER, run);
        }
      : run;
  const timer = setTimeout(next, Math.min(ms, LONGEST_TIMER));
  stop = () => clearTimeout(timer);
  return () => stop();
}

/** The time by a clock that may not be given, for who needs nothing else of one. */
export const timeOf = (clock: Clock | undefined): number => clock?.now() ?? Date.now();

/**
 * Reads the clock that durations are measured with. Only the difference of two readings means anything. Frameworks that
 * render ahead of time allow this one where they forbid the time of day (Next.js, "next-prerender-current-time").
 */
export const elapsed = (clock: Clock = systemClock): number => (clock.elapsed ? clock.elapsed() : clock.now());

/**
 * Reads durations by a clock so that they never go back: one without `elapsed` may be set back by hours, which must not
 * prolong anything. Only for what outlives a call.
 */
export function timeBy(clock: Clock = systemClock): () => number {
  let lastRead = -Infinity;
  let setBackMs = 0;
  return () => {
    const read = elapsed(clock);
    setBackMs += Math.max(0, lastRead - read);
    lastRead = read;
    return read + setBackMs;
  };
}

/** The platform's own time and chance. */
export const systemClock: Clock = {
  now: () => Date.now(),
  // The time of day where a runtime has no High Resolution Time.
  elapsed: () => probe(({ performance }) => performance?.now()) ?? Date.now(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      const onAbort = () => {
        cancel();
        reject(signal?.reason);
      };
      const cancel = setTimer(ms, () => {
        signal?.removeEventListener('abort', onAbort);
        resolve();
      });
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    }),
};

/** Runs `run` after `ms` milliseconds unless the returned function is called first. Allocates no promise on the system clock. */
export function startTimer(clock: Clock, ms: number, run: () => void): () => void {
  if (clock === systemClock) return setTimer(ms, run);
  const stop = new AbortController();
  clock.sleep(ms, stop.signal).then(run, () => {});
  return () => stop.abort();
}

/**
 * A fresh UUID (version 4). `randomUUID` is missing on pages without HTTPS, `crypto` as a whole in React Native: there the
 * clock's chance has to do, which makes no secret but a key that nobody else has.
 */
export function uuid(clock: Clock = systemClock): string {
  const made = probe(({ crypto }) => crypto?.randomUUID?.());
  if (made) return made;
  const byte = (): number =>
    probe(({ crypto }) => crypto?.getRandomValues?.(new Uint8Array(1))[0]) ?? Math.floor(clock.random() * 256);
  return '10000000-1000-4000-8000-100000000000'.replace(/[018]/g, (digit) =>
    (Number(digit) ^ (byte() & (15 >> (Number(digit) / 4)))).toString(16),
  );
}
