// Every client is a `RedisLike` to the compiler, without a cast.

import { type RedisCommand, type RedisLike, redisDedupe, redisStore } from '@twig/sdk/redis';
import { Redis as Upstash } from '@upstash/redis';
import type { GlideClient, GlideClusterClient } from '@valkey/valkey-glide';
import { Cluster, Redis } from 'ioredis';
import * as redis6 from 'redis';
import * as redis5 from 'redis-5';

/** As Bun declares its client (bun-types, `RedisClient.send`). */
declare const bun: { send(command: string, args: string[]): Promise<unknown>; connected: boolean };
declare const glide: GlideClient;
declare const glideCluster: GlideClusterClient;

export const all: (RedisLike | RedisCommand)[] = [
  new Redis(),
  new Cluster([]),
  redis5.createClient(),
  redis5.createCluster({ rootNodes: [] }),
  redis6.createClient(),
  redis6.createClient({ RESP: 3 }),
  redis6.createClient({ RESP: 2 }),
  redis6.createCluster({ rootNodes: [] }),
  new Upstash({ url: '', token: '' }),
  glide,
  glideCluster,
  bun,
  async (command) => command.length,
];

redisStore(new Redis());
redisStore(redis6.createClient());
redisStore(redis6.createCluster({ rootNodes: [] }));
redisStore(glide);
redisDedupe(new Upstash({ url: '', token: '' }));
