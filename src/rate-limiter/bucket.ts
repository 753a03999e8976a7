/**
 * One token bucket as the client sees it: it counts by itself, and believes the server when that has less left or
 * answers 429.
 */

import type { Clock } from '../core/clock.ts';
import type { LimiterObservation } from '../core/rate-limit.ts';
import type { BucketLimit, ScopeStats } from './options.ts';

/** Until an answer has told what is in it, a full bucket is emptied slowly: a quarter and these at once, */
const START = 2;
/** and all of it within so long, if no answer comes. */
const START_MS = 20_000;
/** The first pause after a 429 that names no time; each further one doubles it. */
const PAUSE_MS = 1000;
/** The longest pause that nobody asked for. */
const LONGEST_PAUSE_MS = 60_000;
/** The longest that is believed: a reset in the far future, a mistake or a day's quota, is asked about every hour. */
const LONGEST_ASKED_MS = 3_600_000;
/** What is left of the reserve after each answer. */
const DECAY = 0.9995;
/** Sums of fractions miss whole numbers by a hair. */
const HAIR = 1e-9;

/** A bucket. Times are milliseconds of its clock. */
export interface Bucket {
  /** What there is to take, and whether it is paused. */
  state(): Pick<ScopeStats, 'available' | 'pausedUntil'>;
  /** When there will be a token for the `count`-th from now; some time in the past when there is. */
  readyAt(count: number): number;
  /** When the next one may be sent: a token may have to wait for the first answer. */
  nextAt(): number;
  /** Takes a token. The result, to be called once, reads what the answer to this request says, or that none came. */
  take(): (answer?: Partial<LimiterObservation>) => void;
}

/** Makes a bucket, full. */
export function createBucket({ perMinute, burst }: BucketLimit, clock: Clock): Bucket {
  const rate = perMinute / 60_000;
  let tokens = burst;
  let filledAt = clock.now();
  let pausedUntil = 0;
  /** So many tokens are left alone, once the bottom has been touched: somebody else may draw on them too. */
  let reserve = 0;
  /** Since when a full bucket is being emptied without an answer; 0 when it is not. */
  let blindSince = 0;
  /** How many 429s in a row named no time. */
  let refusals = 0;
  /** How many requests are not answered yet. */
  let open = 0;

  const fill = (): number => {
    tokens = Math.min(burst, tokens + Math.max(0, clock.now() - filledAt) * rate);
    filledAt = clock.now();
    return filledAt;
  };
  const spare = (): number => {
    fill();
    return tokens - reserve + HAIR;
  };
  const readyAt = (count: number): number => {
    const lacking = count - spare();
    return Math.max(pausedUntil, lacking > 0 ? filledAt + Math.ceil(lacking / rate) : 0);
  };

  return {
    readyAt,
    state() {
      const available = Math.max(0, Math.floor(spare()));
      return pausedUntil > filledAt ? { available: 0, pausedUntil: new Date(pausedUntil) } : { available };
    },
    nextAt() {
      const late = (open - START - burst / 4) / burst;
      return Math.max(readyAt(1), blindSince && blindSince + Math.min(1, late) * START_MS);
    },
    take() {
      const sentAt = fill();
      if (tokens > burst - 1 && !open) blindSince = sentAt;
      tokens--;
      open++;
      return (answer) => {
        open--;
        if (!answer) return;
        const heardAt = fill();
        const { status, rateLimit, retryAfterMs = 0, serverTimeMs = heardAt } = answer;
        const left = rateLimit?.remaining ?? 1 / 0;
        if (blindSince) {
          // A full bucket does not fill: the server's began to when the first request came, just now at the latest. If
          // it has less than when all were counted, it was not full, and maybe none of the others is counted yet.
          const expected = burst - 1 - open;
          tokens = Math.min(tokens, left < expected ? left - open : expected);
          blindSince = 0;
        } else tokens = Math.min(tokens, left + (heardAt - sentAt) * rate);

        // The server's clock may be wrong by minutes: its times are compared with its own.
        let pause = Math.max(0, Number(rateLimit?.resetAt) - serverTimeMs || 0, retryAfterMs);
        const isRefused = status === 429;
        if (isRefused) {
          tokens = Math.min(tokens, 0);
          pause = Math.min(pause, LONGEST_ASKED_MS) || Math.min(PAUSE_MS * 2 ** refusals++, LONGEST_PAUSE_MS);
        } else {
          refusals = 0;
          reserve *= DECAY;
          if (left > 0) return;
          // Both times are whole seconds, so that their difference is too long by about one.
          pause = Math.min(pause - 1000, LONGEST_PAUSE_MS);
        }
        // One emptying is told by many answers: it counts once.
        if (heardAt >= pausedUntil) reserve = Math.min(reserve + (isRefused ? 1 : 0.5), (burst - 1) / 8);
        // A little more, so that several processes do not come back in the same moment.
        if (pause > 0)
          pausedUntil = Math.max(pausedUntil, heardAt + pause + Math.min(1000, pause / 10) * clock.random());
      };
    },
  };
}
