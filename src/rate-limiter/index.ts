/** `@twig/sdk/rate-limiter`: waiting one's turn instead of being refused. */

export type { Clock } from '../clock.ts';
export { type RateLimiterErrorCode, TwigConfigError, TwigError, TwigRateLimiterError } from '../errors.ts';
export type { LimiterLease, LimiterLike, LimiterObservation, Priority } from '../http/rate-limit.ts';
export type { RateLimit } from '../meta.ts';
export type { RateLimitScope } from '../operations.ts';
export type { BucketLimit } from './bucket-limit.ts';
export type {
  IfStoreFails,
  LimiterLimits,
  RateLimiterOptions,
  RateLimiterPlan,
  RateLimiterStats,
  ScopeStats,
  StoreStats,
} from './options.ts';
export { RateLimiter } from './rate-limiter.ts';
export type { LimiterStore, StoreAsk, StoreNews, StoreReply } from './store.ts';
