/** The rate limits of the mock: a token bucket for each key and scope, with the documented numbers unless told otherwise. */

import { type Clock, timeBy } from '../clock.ts';
import type { RateLimitScope } from '../operations.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';

/** The limit of one scope. */
export interface MockRateLimit {
  /** How many requests a minute are allowed in the long run. */
  perMinute: number;
  /** How many may come at once after a quiet time; by default as many as `perMinute`. */
  burst?: number;
}

/** The limits by scope; a scope that is left out keeps the documented one. */
export type MockRateLimits = Partial<Record<RateLimitScope, MockRateLimit>>;

const documented = (): Required<MockRateLimits> => ({
  execute: { perMinute: 100, burst: 120 },
  write: { perMinute: 10, burst: 15 },
  read: { perMinute: 200, burst: 250 },
  admin: { perMinute: 50, burst: 60 },
});

const SCOPES: KnownNames = { execute: true, write: true, read: true, admin: true } satisfies Record<
  RateLimitScope,
  true
>;
const NUMBERS: KnownNames = { perMinute: true, burst: true } satisfies Record<keyof MockRateLimit, true>;

/** The state of a bucket after a look at it. */
export interface BucketState {
  /** Whether a token could be taken. */
  allowed: boolean;
  /** Whole seconds until the next token. */
  retryAfter: number;
  /** The `X-RateLimit-*` headers. */
  headers: Record<string, string>;
}

/** Looks at the bucket of a key and scope, and takes `tokens` out of it if they are there. */
export type Buckets = (key: string, scope: RateLimitScope, tokens: 0 | 1) => BucketState;

/** Buckets that are full in the beginning. */
export function createBuckets(given: MockRateLimits, clock: Clock): Buckets {
  refuseUnknown('createTwigMock: in rateLimits,', given, SCOPES);
  for (const limit of Object.values(given)) refuseUnknown('createTwigMock: in rateLimits,', limit, NUMBERS);
  const limits = { ...documented(), ...given };
  const buckets = new Map<string, { tokens: number; at: number }>();
  const time = timeBy(clock);
  return (key, scope, tokens) => {
    const { perMinute, burst = perMinute } = limits[scope];
    const name = `${scope} ${key}`;
    const now = time();
    const bucket = buckets.get(name) ?? { tokens: burst, at: now };
    const msPerToken = 60_000 / perMinute;
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / msPerToken);
    bucket.at = now;
    buckets.set(name, bucket);

    // A token that lacks less than this is there: sums of fractions miss whole numbers by a hair.
    const allowed = bucket.tokens + 1e-9 >= tokens;
    if (allowed) bucket.tokens = Math.max(bucket.tokens - tokens, 0);
    const remaining = Math.floor(bucket.tokens + 1e-9);
    const untilNext = (1 - (bucket.tokens % 1)) * msPerToken;
    const untilFull = (burst - bucket.tokens) * msPerToken;
    return {
      allowed,
      retryAfter: Math.ceil(untilNext / 1000 - 1e-9),
      headers: {
        'x-ratelimit-limit': String(perMinute),
        'x-ratelimit-remaining': String(remaining),
        'x-ratelimit-reset': String(Math.ceil((clock.now() + (remaining ? untilFull : untilNext)) / 1000 - 1e-9)),
      },
    };
  };
}
