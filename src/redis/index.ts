/** `@twig/sdk/redis`: limits, and what is known of webhook deliveries, shared by many processes. */

export type { Clock } from '../clock.ts';
export type { LimiterStore, StoreAsk, StoreNews, StoreReply } from '../rate-limiter/store.ts';
export type { WebhookDedupe } from '../webhooks/dedupe.ts';
export { memoryStore } from './memory-store.ts';
export { type RedisDedupeOptions, redisDedupe } from './redis-dedupe.ts';
export { type RedisStoreOptions, redisStore } from './redis-store.ts';
export type { RedisCommand, RedisLike } from './scripts.ts';
