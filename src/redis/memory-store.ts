/** A store for limiters of one process. */

import { type Clock, timeBy } from '../clock.ts';
import type { LimiterStore } from '../rate-limiter/store.ts';
import { type Buckets, exchange } from './limit-rules.ts';

/**
 * A store in memory, with the rules of `redisStore`: for tests, in which several limiters stand for several processes, and
 * for those of one process that use one key with different options.
 *
 * @param clock Time, for tests. Default: the platform's.
 *
 * @example
 * ```ts
 * import { RateLimiter } from '@twig/sdk/rate-limiter';
 * import { memoryStore } from '@twig/sdk/redis';
 *
 * const store = memoryStore();
 * const [batch, web] = [new RateLimiter({ store, maxQueue: 1000 }), new RateLimiter({ store, maxWaitMs: 2000 })];
 * console.log(batch.stats().store?.state, web.stats().store?.state);
 * ```
 */
export function memoryStore(clock?: Clock): LimiterStore {
  const buckets: Buckets = new Map();
  const time = timeBy(clock);
  return { exchange: async (ask) => exchange(buckets, ask, time()) };
}
