/** The retry budget: what keeps a dead server from being hit three times as hard. */

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
