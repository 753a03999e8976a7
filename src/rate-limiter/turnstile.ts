/** The turnstile: whoever waits is let through by priority, then in the order of coming, as tokens and places allow. */

import type { Clock } from '../clock.ts';
import type { LimiterLease, LimiterObservation } from '../http/rate-limit.ts';
import type { Bucket } from './bucket.ts';
import type { Queue } from './queue.ts';

/** A bucket and how much is under way of what was taken out of it. */
export interface Counter extends Bucket {
  inFlight: number;
}

/** A scope at the turnstile. */
export interface Lane extends Counter {
  /** By priority, highest first. */
  queues: Queue<Waiter>[];
}

/** Somebody who wants to go through. */
export interface Waiter {
  lane: Lane;
  queue: Queue<Waiter>;
  /** The lower goes first. */
  order: number;
  /** When it will look again by itself. */
  alarmAt: number;
  /** Makes it look at once. */
  wake: () => void;
  /** Given when its turn has come. */
  lease?: LimiterLease;
}

/**
 * Makes a turnstile before these lanes, which all draw on `total` as well. Turned, it lets through whoever can go, and
 * sees to it that the next one looks again when it can.
 */
export function createTurnstile(clock: Clock, lanes: Lane[], total: Counter, concurrency: number): () => void {
  const through = (lane: Lane): LimiterLease => {
    const settle = lane.take();
    const settleTotal = total.take();
    let isOpen = true;
    let places = 1;
    lane.inFlight++;
    total.inFlight++;
    const observe = (answer?: LimiterObservation): void => {
      if (isOpen) {
        settle(answer);
        // What the headers say is said of the scope; of all together nothing is told.
        settleTotal(answer && {});
      }
      isOpen = false;
      turn();
    };
    return {
      observe,
      release() {
        lane.inFlight -= places;
        total.inFlight -= places;
        places = 0;
        observe();
      },
    };
  };

  const turn = (): void => {
    const now = clock.now();
    while (total.inFlight < concurrency) {
      let next: Waiter | undefined;
      let at = 1 / 0;
      for (const { nextAt, queues } of lanes) {
        const first = queues.find(({ size }) => size)?.first();
        if (!first) continue;
        const readyAt = Math.max(now, nextAt(), total.nextAt());
        if (!next || (readyAt - at || first.order - next.order) < 0) {
          next = first;
          at = readyAt;
        }
      }
      if (!next || (at > now && at >= next.alarmAt)) return;
      next.alarmAt = at;
      if (at === now) {
        next.queue.delete(next);
        next.lease = through(next.lane);
      }
      next.wake();
    }
  };

  return turn;
}
