/** Where callers wait: a bucket and queues for each scope, behind them the turnstile. */

import { startTimer, systemClock } from '../clock.ts';
import { TwigConfigError, TwigRateLimiterError } from '../errors.ts';
import type { LimiterLike, Priority } from '../http/rate-limit.ts';
import { createBucket } from './bucket.ts';
import {
  allLimits,
  checked,
  mapValues,
  type RateLimiterOptions,
  type RateLimiterStats,
  type ScopeStats,
} from './options.ts';
import { Queue } from './queue.ts';
import { createTurnstile, type Lane, type Waiter } from './turnstile.ts';

const PRIORITIES: Priority[] = ['high', 'normal', 'low'];
/** More callers than will ever come. */
const RANK = 1e15;
/** Who should have been woken looks by itself so long after its time; each further look comes after twice the time. */
const LOOK_MS = 1000;

const count = (queues: Queue<Waiter>[]): number => queues.reduce((sum, { size }) => sum + size, 0);

/** What is behind a limiter. */
export interface Gate extends LimiterLike {
  stats(): RateLimiterStats;
}

/** Makes a gate. */
export function createGate({ limits, clock = systemClock, ...bounds }: RateLimiterOptions = {}): Gate {
  const concurrency = checked('concurrency', 1, 1 / 0, bounds.concurrency);
  const maxQueue = checked('maxQueue', 0, 1 / 0, bounds.maxQueue);
  const maxWaitMs = checked('maxWaitMs', 0, 1 / 0, bounds.maxWaitMs);
  const { total, ...scopes } = mapValues(allLimits(limits), (limit) => ({
    ...createBucket(limit, clock),
    queues: PRIORITIES.map(() => new Queue<Waiter>()),
    inFlight: 0,
  }));
  const lanes = Object.values(scopes);
  const queued = (): number => count(lanes.flatMap(({ queues }) => queues));
  const turn = createTurnstile(clock, lanes, total, concurrency);
  let order = 0;

  return {
    stats() {
      const most = total.state().available;
      const stats = ({ queues, inFlight, state }: Lane): ScopeStats => {
        const own = state();
        return { ...own, queued: count(queues), inFlight, available: Math.min(own.available, most) };
      };
      return { queued: queued(), inFlight: total.inFlight, scopes: mapValues(scopes, stats) };
    },
    async acquire(scope, { priority = 'normal', signal } = {}) {
      const rank = PRIORITIES.indexOf(priority);
      const lane = scopes[scope];
      const queue = lane?.queues?.[rank];
      if (!queue) throw new TwigConfigError(`RateLimiter: there is no scope ${scope} or no priority ${priority}.`);
      const since = clock.now();
      const endsAt = since + maxWaitMs;
      const waiter: Waiter = { lane, queue, order: rank * RANK + order++, alarmAt: since, wake() {} };
      const quit = (): void => {
        queue.delete(waiter);
        waiter.lease?.release();
        waiter.wake();
      };
      queue.add(waiter);
      signal?.addEventListener('abort', quit, { once: true });
      try {
        const place = count(lane.queues.slice(0, rank + 1));
        let dueAt = Math.max(since, lane.readyAt(place), total.readyAt(place));
        for (let look = dueAt - since + LOOK_MS; ; look *= 2) {
          if (signal?.aborted) throw signal.reason;
          const now = clock.now();
          waiter.alarmAt = Math.min(now + look, endsAt);
          turn();
          if (waiter.lease) return waiter.lease;
          const code = queued() > maxQueue ? 'queue_full' : dueAt > endsAt ? 'wait_too_long' : undefined;
          if (code) {
            throw new TwigRateLimiterError(`${code}: maxQueue ${maxQueue}, maxWaitMs ${maxWaitMs}.`, { code });
          }
          // Every waiter has a timer of its own: where timers end with a request, another's would not do.
          const woken = new Promise<void>((resolve) => {
            waiter.wake = resolve;
          });
          const stopTimer = startTimer(clock, waiter.alarmAt - now, waiter.wake);
          await woken;
          stopTimer();
          // It could have gone by now if it could: the next moment is the earliest.
          dueAt = clock.now() + 1;
        }
      } finally {
        signal?.removeEventListener('abort', quit);
        // Whoever is next now may have to look sooner.
        queue.delete(waiter);
        turn();
      }
    },
  };
}
