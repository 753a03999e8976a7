/** The client of a server that was given none. */

import { type Logger, TwigClient } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { readApiKey } from './api-key.ts';

/** Everything to stderr: over stdio the other one belongs to the protocol. */
const log = (message: string, details?: unknown): void =>
  details === undefined ? console.error(message) : console.error(message, details);
const logger: Logger = { error: log, warn: log, info: log, debug: log };

/**
 * A client with what an agent in a loop needs: four calls at once, half a minute of waiting for the rate limit, two minutes
 * in all.
 */
export function createClient(): TwigClient {
  const rateLimiter = new RateLimiter({ concurrency: 4, maxWaitMs: 30_000 });
  return new TwigClient({ apiKey: readApiKey, rateLimiter, deadlineMs: 120_000, logger });
}
