/** When a failed attempt is made again, and after how long. p-retry drives the loop; the decisions are here. */

import pRetry from 'p-retry';
import { TwigAPIError, TwigConnectionError, TwigError } from '../errors.ts';
import { isRepeatable } from '../operations.ts';
import type { CallContext } from './context.ts';

/** The statuses that say "later": RFC 9110 (408, 500, 502, 503, 504) and RFC 6585 (429). */
export const isRetryableStatus = (status: number): boolean => [408, 429, 500, 502, 503, 504].includes(status);

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8000;

/** As many retries as may be outstanding in a storm of failures before calls must fail at once. */
const BUDGET = 50;

/**
 * A client's allowance of retries: each takes one, each success gives one back. A dead server is then hit once per call
 * and not three times; a call that is alone has its retries always, since it makes no storm.
 */
export interface RetryBudget {
  tokens: number;
  inFlight: number;
}

/** A full budget. */
export const createRetryBudget = (): RetryBudget => ({ tokens: BUDGET, inFlight: 0 });

/** Gives a token back after a success. */
export function refill(budget: RetryBudget): void {
  if (budget.tokens < BUDGET) budget.tokens++;
}

/** Whether the server surely did not act on the attempt, or acting twice does no harm. */
function mayRepeat(error: TwigError, { call, prepared }: CallContext): boolean {
  if (error instanceof TwigAPIError) return error.isRetryable;
  if (!(error instanceof TwigConnectionError && error.isRetryable)) return false;
  return error.phase === 'connect' || isRepeatable(prepared.operation.method) || call.retryAmbiguous;
}

/** The wait before the next attempt, or `undefined` when there is to be none. */
function nextDelay(error: TwigError, attempt: number, context: CallContext): number | undefined {
  const { call, scope } = context;
  const { budget } = call.shared;
  const { clock, maxRetryDelayMs, rateLimiter } = call;
  if (!mayRepeat(error, context)) return undefined;
  const asked = error instanceof TwigAPIError ? error.retryAfterMs : undefined;
  if (asked !== undefined && asked > maxRetryDelayMs) return undefined;
  const delay =
    asked === undefined
      ? clock.random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1))
      : asked * (1 + clock.random() / 10);
  if (clock.now() + delay >= scope.deadlineAt) return undefined;
  if (budget.inFlight > 1 && budget.tokens-- < 1) {
    budget.tokens = 0;
    Object.assign(error, { hint: 'Not retried: too many calls of this client are failing (retry budget).' });
    return undefined;
  }
  // After a 429 the limiter makes every caller of the scope wait: waiting here as well would be twice.
  return rateLimiter && error instanceof TwigAPIError && error.status === 429 ? 0 : delay;
}

/**
 * Runs `attempt` until it succeeds or must not be made again. `pause` waits before the next one, and rejects when the
 * call is over.
 */
export function withRetries<T>(
  attempt: (delayMs: number) => Promise<T>,
  context: CallContext,
  pause: (delayMs: number, error: TwigError) => Promise<void>,
): Promise<T> {
  let delayMs = 0;
  return pRetry(() => attempt(delayMs), {
    retries: context.call.maxRetries,
    minTimeout: 0,
    // Asked only when another attempt is left, unlike `onFailedAttempt`; so the wait is here.
    shouldRetry: async ({ error, attemptNumber }) => {
      const delay = error instanceof TwigError ? nextDelay(error, attemptNumber, context) : undefined;
      if (delay === undefined) return false;
      delayMs = delay;
      await pause(delay, error as TwigError);
      return true;
    },
  });
}
