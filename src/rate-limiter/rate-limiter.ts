/** The limiter as the user sees it. */

import type { LimiterLike } from '../http/rate-limit.ts';
import { createGate } from './gate.ts';
import { planOptions, type RateLimiterOptions, type RateLimiterPlan, type RateLimiterStats } from './options.ts';

/**
 * Keeps calls under the API's limits: instead of being refused with 429, they wait their turn. Pass one to as many
 * clients as share the limit.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { RateLimiter } from '@twig/sdk/rate-limiter';
 *
 * const client = new TwigClient({ rateLimiter: new RateLimiter({ concurrency: 10 }) });
 * const questions = ['What is pricing?', 'How do I cancel?'];
 * const answers = await Promise.all(questions.map((query) => client.query({ agentId: 'agent_abc123', query })));
 * console.log(answers.length);
 * ```
 */
export class RateLimiter implements LimiterLike {
  /** Waits for a token of the scope and a place. The client calls it before each attempt. */
  declare readonly acquire: LimiterLike['acquire'];
  /** What is queued, under way, and waiting until when. */
  declare readonly stats: () => RateLimiterStats;

  /** Throws `TwigConfigError` when a number is out of range. */
  constructor(options?: RateLimiterOptions) {
    Object.assign(this, createGate(options));
  }

  /**
   * A limiter for a plan: beside the scopes it counts all calls of the organisation together, and bounds those under
   * way. Throws `TwigConfigError` for a plan that it does not know.
   */
  static plan(name: RateLimiterPlan, options?: RateLimiterOptions): RateLimiter {
    return new RateLimiter(planOptions(name, options));
  }
}
