/** Remembering deliveries, so that a repeated one is not handled again. */

import { type Clock, elapsed } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';

/** A store of deliveries: in memory, or in a database for several processes. */
export interface WebhookDedupe {
  /** Whether the delivery was seen before; from now on it is. Must be atomic: two at once get one `false`. */
  seen(key: string): boolean | Promise<boolean>;
  /** Forgets a delivery whose handler failed, so that its repetition is handled. */
  forget?(key: string): void | Promise<void>;
}

/** Bounds of {@link memoryDedupe}. */
export interface MemoryDedupeOptions {
  /** The most deliveries to remember; the oldest go first. Default 10,000. */
  size?: number | undefined;
  /** How long each is remembered. Default 86,400: a day. */
  ttlSeconds?: number | undefined;
  /** Time, for tests. Default: the platform's. */
  clock?: Clock | undefined;
}

/** Remembers deliveries in this process's memory. */
export function memoryDedupe(options: MemoryDedupeOptions = {}): WebhookDedupe {
  const { size = 10_000, ttlSeconds = 86_400, clock } = options;
  if (!(size >= 1 && ttlSeconds > 0)) throw new TwigConfigError('memoryDedupe: size and ttlSeconds must be above 0.');
  // In the order of arrival, which is that of expiry.
  const seenAt = new Map<string, number>();
  return {
    seen(key) {
      const time = elapsed(clock);
      const oldest = time - ttlSeconds * 1000;
      if ((seenAt.get(key) ?? oldest) > oldest) return true;
      seenAt.delete(key);
      seenAt.set(key, time);
      for (const [known, at] of seenAt) {
        if (at > oldest && seenAt.size <= size) break;
        seenAt.delete(known);
      }
      return false;
    },
    forget(key) {
      seenAt.delete(key);
    },
  };
}
