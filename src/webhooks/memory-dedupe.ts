/** Remembering deliveries in memory. */

import { type Clock, timeBy } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import type { Claim, Claimed, WebhookDedupe } from './dedupe.ts';
import { dedupeOf } from './keyed-claims.ts';

/** Bounds of {@link memoryDedupe}. A name that is not among them is refused. */
export interface MemoryDedupeOptions {
  /** The most deliveries to remember; the oldest go first. Default 10,000. */
  size?: number | undefined;
  /** How long each that was handled is remembered. Default 86,400: a day. */
  ttlSeconds?: number | undefined;
  /**
   * How long a delivery may be handled before another may try: beyond the longest run of a handler. A handler that never
   * comes to an end holds its delivery no longer than that. Default 300.
   */
  claimSeconds?: number | undefined;
  /** Time, for tests; durations are by its `elapsed`. Default: the platform's. */
  clock?: Clock | undefined;
}

const OPTIONS: KnownNames = { size: true, ttlSeconds: true, claimSeconds: true, clock: true } satisfies Record<
  keyof MemoryDedupeOptions,
  true
>;

/** The keys of the last `seconds`, at most `size`. */
function createRecent<T>(size: number, seconds: number) {
  // In the order of arrival, which is that of expiry.
  const entries = new Map<string, { at: number; value: T }>();
  return {
    get(key: string, time: number): T | undefined {
      const entry = entries.get(key);
      return entry && time - entry.at < seconds * 1000 ? entry.value : undefined;
    },
    set(key: string, value: T, time: number): void {
      entries.delete(key);
      entries.set(key, { at: time, value });
      for (const [known, { at }] of entries) {
        if (time - at < seconds * 1000 && entries.size <= size) break;
        entries.delete(known);
      }
    },
    /** Without a value whatever there is. */
    delete(key: string, value = entries.get(key)?.value): void {
      if (entries.get(key)?.value === value) entries.delete(key);
    },
  };
}

/** Remembers deliveries in this process's memory. */
export function memoryDedupe(options: MemoryDedupeOptions = {}): WebhookDedupe {
  refuseUnknown('memoryDedupe: the option', options, OPTIONS);
  const { size = 10_000, ttlSeconds = 86_400, claimSeconds = 300, clock } = options;
  if (!(size >= 1 && ttlSeconds > 0 && claimSeconds > 0)) {
    throw new TwigConfigError('memoryDedupe: size must be at least 1, ttlSeconds and claimSeconds above 0.');
  }
  const time = timeBy(clock);
  const handled = createRecent<true>(size, ttlSeconds);
  const running = createRecent<Claim>(size, claimSeconds);

  const markDone = (key: string): void => {
    running.delete(key);
    handled.set(key, true, time());
  };
  const claimOf = (key: string): Claimed => {
    const now = time();
    if (handled.get(key, now)) return true;
    if (running.get(key, now)) return 'busy';
    const claim: Claim = {
      done: () => markDone(key),
      forget: () => running.delete(key, claim),
    };
    running.set(key, claim, now);
    return claim;
  };

  return dedupeOf(claimOf, markDone);
}
