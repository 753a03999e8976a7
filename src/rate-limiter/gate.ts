/** Where callers wait: a bucket and queues for each scope, behind them the turnstile. */

import { startTimer, systemClock } from '../core/clock.ts';
import type { LimiterLike, Priority } from '../core/rate-limit.ts';
import { TwigConfigError, TwigRateLimiterError } from '../errors.ts';
import { createBucket } from './bucket.ts';
import { allLimits, atLeast, mapValues, type RateLimiterOptions, type RateLimiterStats } from './options.ts';
import { createQueue, type Queue } from './queue.ts';
import { createTurnstile, type Waiter } from './turnstile.ts';

const PRIORITIES: Priority[] = ['high', 'normal', 'low'];
/** More callers than will ever come. */
const RANK = 1e15;
/** Who should have been woken looks by itself so long after its time; each further look comes after twice the time. */
const LOOK_MS = 1000;

const count = (queues: Queue<Waiter>[]): number => queues.reduce((sum, { members }) => sum + members.size, 0);

/** What is behind a limiter. */
export interface Gate extends LimiterLike {
  stats(): RateLimiterStats;
}

/** Makes a gate. */
export function createGate({ limits, clock = systemClock, ...bounds }: RateLimiterOptions = {}): Gate {
  const concurrency = atLeast(1, 'concurrency', bounds.concurrency);
  const maxQueue = atLeast(0, 'maxQueue', bounds.maxQueue);
  const maxWaitMs = atLeast(0, 'maxWaitMs', bounds.maxWaitMs);
  const { total, ...scopes } = mapValues(allLimits(limits), (limit) => ({
    ...createBucket(limit, clock),
    queues: PRIORITIES.map(() => createQueue<Waiter>()),
    inFlight: 0,
  }));
  const all = { queued: 0, inFlight: 0 };
  const turn = createTurnstile(clock, Object.values(scopes), total, all, concurrency);
  let order = 0;

  return {
    stats: () => ({
      ...all,
      scopes: mapValues(scopes, ({ queues, inFlight, state }) => {
        const own = state();
        const available = Math.min(own.available, total.state().available);
        return { queued: count(queues), inFlight, ...own, available };
      }),
    }),
    async acquire(scope, { priority = 'normal', signal } = {}) {
      if (signal?.aborted) throw signal.reason;
      const since = clock.now();
      const endsAt = since + maxWaitMs;
      const lane = scopes[scope];
      const rank = PRIORITIES.indexOf(priority);
      const queue = lane?.queues[rank];
      if (!queue) throw new TwigConfigError('scope and priority must be ones that the limiter knows.');
      const leave = (): void => {
        if (queue.members.delete(waiter)) all.queued--;
      };
      const waiter: Waiter = { lane, leave, order: rank * RANK + order++, alarmAt: since };
      const quit = (): void => {
        leave();
        waiter.lease?.release();
        waiter.wake?.();
        turn();
      };
      queue.members.add(waiter);
      all.queued++;
      signal?.addEventListener('abort', quit, { once: true });
      try {
        const place = count(lane.queues.slice(0, rank + 1));
        let wait = Math.max(since, lane.readyAt(place), total.readyAt(place)) - since;
        for (let look = wait + LOOK_MS; ; look *= 2) {
          const now = clock.now();
          waiter.alarmAt = Math.min(now + look, endsAt);
          turn();
          if (signal?.aborted) throw signal.reason;
          if (waiter.lease) return waiter.lease;
          const { queued } = all;
          const code = queued > maxQueue ? 'queue_full' : now + wait > endsAt ? 'wait_too_long' : undefined;
          if (code) {
            quit();
            const message = `${queued} calls wait, this one for ${now + wait - since} ms (maxQueue, maxWaitMs).`;
            throw new TwigRateLimiterError(message, { code });
          }
          let stopTimer: (() => void) | undefined;
          // Every waiter has a timer of its own: where timers end with a request, another's would not do.
          await new Promise<void>((resolve) => {
            waiter.wake = resolve;
            stopTimer = startTimer(clock, waiter.alarmAt - now, resolve);
          });
          stopTimer?.();
          // From now on the time itself tells.
          wait = 1;
        }
      } finally {
        signal?.removeEventListener('abort', quit);
      }
    },
  };
}
