/**
 * One token bucket as the client sees it: it counts by itself, and believes the server when that has less left or
 * answers 429.
 */

import type { Clock } from '../clock.ts';
import type { LimiterObservation } from '../http/rate-limit.ts';
import type { BucketLimit, ScopeStats } from './options.ts';

/** The first pause after a 429 that names no time; each further one doubles it, up to six times. */
const PAUSE_MS = 1000;
/** The longest pause: a reset in the far future, a mistake or a day's quota, is asked about every hour. */
const LONGEST_MS = 3_600_000;

/** A bucket. Times are milliseconds of its clock. */
export interface Bucket {
  /** What there is to take, and whether it is paused. */
  state(): Pick<ScopeStats, 'available' | 'pausedUntil'>;
  /** When there will be a token for the `count`-th from now; some time in the past when there is. */
  readyAt(count: number): number;
  /** When the next one may be sent; never, if an answer has to come first. */
  nextAt(): number;
  /** Takes a token. The result, to be called once, reads what the answer to this request says, or that none came. */
  take(): (answer?: Partial<LimiterObservation>) => void;
}

/** Makes a bucket, full. */
export function createBucket({ perMinute, burst }: BucketLimit, clock: Clock): Bucket {
  let rate = perMinute / 60_000;
  let tokens = burst;
  let filledAt = clock.now();
  let pausedUntil = 0;
  /** How many requests are not answered yet, */
  let open = 0;
  /** and how many may be. */
  let most = 1 / 0;
  /** The server was seen with less than was counted: its limit is lower, or somebody else draws on it. */
  let isLess = false;
  /** The most that the server was seen with since the bucket was full. */
  let peak = 0;
  /** How many 429s in a row named no time. */
  let refusals = 0;

  const fill = (): number => {
    const now = clock.now();
    tokens = Math.min(burst, tokens + Math.max(0, now - filledAt) * rate);
    // A clock that is set back takes the end of a pause with it.
    pausedUntil += Math.min(0, now - filledAt);
    filledAt = now;
    return now;
  };
  const readyAt = (count: number): number => {
    const now = fill();
    return Math.max(pausedUntil, now + Math.ceil((count - tokens) / rate));
  };

  return {
    readyAt,
    nextAt: () => (open < most ? readyAt(1) : 1 / 0),
    state() {
      const now = fill();
      if (pausedUntil > now) return { available: 0, pausedUntil: new Date(pausedUntil) };
      return { available: Math.max(0, Math.floor(Math.min(tokens, most - open))) };
    },
    take() {
      const sentAt = fill();
      if (tokens > burst - 1 && !open) {
        // What the server has is not known any more: a quarter goes ahead, the others wait for the first answer.
        most = Math.ceil(2 + burst / 4);
        isLess = false;
        peak = 0;
      }
      tokens--;
      open++;
      return (answer) => {
        open--;
        if (!answer) return;
        const heardAt = fill();
        const { status, rateLimit, retryAfterMs = 0, serverTimeMs = heardAt } = answer;
        const { limit = 0, remaining = 1 / 0, resetAt } = rateLimit ?? {};
        const isRefused = status === 429;
        const left = isRefused ? 0 : Math.max(0, remaining);
        rate = Math.min(perMinute, limit > 0 ? limit : perMinute) / 60_000;
        // A full bucket does not fill: the server's began to when the first request came, just now at the latest.
        if (!isLess && most < 1 / 0) tokens = Math.min(tokens, burst - 1 - open);
        // Even if it had counted all that were sent until now, and had not filled since this one was sent.
        isLess ||= isRefused || left + 1 < tokens - (heardAt - sentAt) * rate;
        if (left < 1 / 0) peak = Math.max(peak, left);
        most = 1 / 0;
        if (isLess) {
          // What others draw strays by about its square root. Whatever is under way may not be counted yet.
          const room = Math.floor(left - Math.sqrt(peak));
          most = Math.max(1, room);
          tokens = Math.min(tokens, room - open);
        }

        // The server's clock may be wrong by minutes: its times are compared with its own.
        let pause = Math.max(0, Number(resetAt) - serverTimeMs || 0, retryAfterMs);
        if (isRefused) pause ||= PAUSE_MS * 2 ** Math.min(refusals++, 6);
        else refusals = 0;
        // A little more, so that several processes do not come back in the same moment.
        pause = Math.min(pause, LONGEST_MS) * (1 + clock.random() / 10);
        if (!left) pausedUntil = Math.max(pausedUntil, heardAt + pause);
      };
    },
  };
}
