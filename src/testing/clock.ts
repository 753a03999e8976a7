/** A clock whose time passes only when the test says so. */

import type { Clock } from '../clock.ts';

/** A {@link Clock} under the test's hand. */
export interface TestClock extends Clock {
  /** Lets `ms` milliseconds pass: wakes every sleeper that is due, in order, and lets what it starts run before the next one. */
  advance(ms: number): Promise<void>;
  /** How many sleepers wait. */
  readonly pending: number;
  /** When the next sleeper is due, in milliseconds since the epoch. */
  readonly nextAt: number | undefined;
}

interface Sleeper {
  at: number;
  wake: () => void;
}

/** A small seeded generator (mulberry32, public domain): the same seed gives the same numbers. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** Gives the event loop a turn, so that everything that is ready runs. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/**
 * Makes a clock that stands still until `advance()` is called.
 *
 * @param options.now Where it begins, in milliseconds since the epoch; by default 2024-01-15T10:30:00Z.
 * @param options.seed The seed of `random()`; 1 by default.
 */
export function createTestClock(options: { now?: number; seed?: number } = {}): TestClock {
  let now = options.now ?? Date.UTC(2024, 0, 15, 10, 30);
  const sleepers: Sleeper[] = [];
  const next = (): Sleeper | undefined => {
    let first: Sleeper | undefined;
    for (const sleeper of sleepers) if (!first || sleeper.at < first.at) first = sleeper;
    return first;
  };
  const remove = (sleeper: Sleeper): void => {
    const index = sleepers.indexOf(sleeper);
    if (index >= 0) sleepers.splice(index, 1);
  };
  return {
    now: () => now,
    random: seededRandom(options.seed ?? 1),
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          remove(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: now + ms,
          wake: () => {
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', onAbort, { once: true });
      }),
    async advance(ms) {
      const until = now + ms;
      await turn();
      for (let sleeper = next(); sleeper && sleeper.at <= until; sleeper = next()) {
        now = Math.max(now, sleeper.at);
        remove(sleeper);
        sleeper.wake();
        await turn();
      }
      now = until;
      await turn();
    },
    get pending() {
      return sleepers.length;
    },
    get nextAt() {
      return next()?.at;
    },
  };
}
