/** `@twig/sdk/redis`: limits shared by many processes. */

export type { Clock } from '../clock.ts';
export type { LimiterStore, StoreAsk, StoreNews, StoreReply } from '../rate-limiter/store.ts';
export { memoryStore } from './memory-store.ts';
export { type RedisStoreOptions, redisStore } from './redis-store.ts';
export type { RedisCommand, RedisLike } from './scripts.ts';
