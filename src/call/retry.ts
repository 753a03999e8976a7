/** When a failed attempt is made again, and after how long. p-retry drives the loop, but in pages; the decisions are here. */

import { elapsed } from '../clock.ts';
import { TwigAPIError, TwigConnectionError, TwigError } from '../errors.ts';
import { isRepeatable } from '../operations.ts';
import type { CallContext } from './context.ts';
import { repeat } from './repeat.ts';

const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8000;

/** Whether the server surely did not act on the attempt, or acting twice does no harm. */
function mayRepeat(error: TwigError, { call, prepared }: CallContext): boolean {
  if (error instanceof TwigAPIError) return error.isRetryable;
  if (!(error instanceof TwigConnectionError && error.isRetryable)) return false;
  return error.phase === 'connect' || isRepeatable(prepared.operation.method) || call.retryAmbiguous;
}

/** The wait before the next attempt, or `undefined` when there is to be none. */
function nextDelay(error: TwigError, context: CallContext): number | undefined {
  const { call, lifetime } = context;
  const { budget } = context.shared;
  const { clock, maxRetryDelayMs, rateLimiter } = call;
  if (!mayRepeat(error, context)) return undefined;
  const asked = error instanceof TwigAPIError ? error.retryAfterMs : undefined;
  if (asked !== undefined && asked > maxRetryDelayMs) return undefined;
  const delay =
    asked === undefined
      ? clock.random() * Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (lifetime.meta.attempts.length - 1))
      : asked * (1 + clock.random() / 10);
  if (elapsed(clock) + delay >= lifetime.deadlineAt) return undefined;
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
export async function withRetries<T>(
  attempt: (delayMs: number) => Promise<T>,
  context: CallContext,
  pause: (delayMs: number, error: TwigError) => Promise<void>,
): Promise<T> {
  let delayMs = 0;
  const run = (): Promise<T> => attempt(delayMs);
  const shouldRetry = async ({ error }: { error: unknown }): Promise<boolean> => {
    const delay = error instanceof TwigError ? nextDelay(error, context) : undefined;
    if (delay === undefined) return false;
    delayMs = delay;
    await pause(delay, error as TwigError);
    return true;
  };
  const { maxRetries } = context.call;
  // Most calls need one attempt, and nothing of p-retry.
  try {
    return await run();
  } catch (error) {
    if (maxRetries === 0 || !(await shouldRetry({ error }))) throw error;
  }
  return repeat(run, maxRetries - 1, shouldRetry);
}
