/** What a client and those made from it by `withOptions` have in common. */

import type { RateLimit } from '../meta.ts';
import type { RateLimitScope } from '../operations.ts';
import { createRetryBudget, type RetryBudget } from './retry-budget.ts';
import { createDrifts, type Drifts } from './validate-response.ts';

/** What a client and those made from it by `withOptions` have in common. */
export interface Shared {
  budget: RetryBudget;
  rateLimits: Partial<Record<RateLimitScope, RateLimit>>;
  drifts: Drifts;
  /** The unknown options that were warned of. */
  strangers: Set<string>;
}

/** The beginning of it. */
export const createShared = (): Shared => ({
  budget: createRetryBudget(),
  rateLimits: {},
  drifts: createDrifts(),
  strangers: new Set(),
});
