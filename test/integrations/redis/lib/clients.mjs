// Every client that the package knows by its shape, connected to a server or to a cluster of one node.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** As each connects: gives the client and how it is closed. */
export const CLIENTS = {
  async ioredis({ port }) {
    const { default: Redis } = await import('ioredis');
    const redis = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 1, retryStrategy: () => 100 });
    redis.on('error', () => {});
    return { redis, close: () => redis.disconnect() };
  },
  'redis 5': ({ port }) => nodeRedis('redis-5', port, 2),
  'redis 6, RESP 2': ({ port }) => nodeRedis('redis', port, 2),
  'redis 6, RESP 3': ({ port }) => nodeRedis('redis', port, 3),
  async glide({ port }) {
    const { GlideClient } = await import('@valkey/valkey-glide');
    const redis = await GlideClient.createClient({ addresses: [{ host: '127.0.0.1', port }] });
    return { redis, close: () => redis.close() };
  },
  async upstash({ port }) {
    const door = await restDoor(port);
    const { Redis } = await import('@upstash/redis');
    return {
      redis: new Redis({ url: door.url, token: 'any', retry: false, enableTelemetry: false }),
      close: door.close,
    };
  },
};

async function nodeRedis(packageName, port, RESP) {
  const { createClient } = await import(packageName);
  const redis = createClient({ RESP, socket: { port, host: '127.0.0.1', reconnectStrategy: () => 100 } });
  redis.on('error', () => {});
  await redis.connect();
  return { redis, close: () => redis.destroy() };
}

export const CLUSTERS = {
  async 'ioredis, cluster'({ port }) {
    const { Cluster } = await import('ioredis');
    const redis = new Cluster([{ host: '127.0.0.1', port }]);
    return { redis, close: () => redis.disconnect() };
  },
  'redis 5, cluster': ({ port }) => nodeRedisCluster('redis-5', port),
  'redis 6, cluster': ({ port }) => nodeRedisCluster('redis', port),
  async 'glide, cluster'({ port }) {
    const { GlideClusterClient } = await import('@valkey/valkey-glide');
    const redis = await GlideClusterClient.createClient({ addresses: [{ host: '127.0.0.1', port }] });
    return { redis, close: () => redis.close() };
  },
};

async function nodeRedisCluster(packageName, port) {
  const { createCluster } = await import(packageName);
  const redis = createCluster({ rootNodes: [{ url: `redis://127.0.0.1:${port}` }] });
  redis.on('error', () => {});
  await redis.connect();
  return { redis, close: () => redis.destroy() };
}

/** What Upstash has before its databases: a command or several as JSON in, `{ result }` or `{ error }` out. */
async function restDoor(port) {
  const { redis, close } = await CLIENTS.ioredis({ port });
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    const encode = (value) =>
      request.headers['upstash-encoding'] !== 'base64'
        ? value
        : Array.isArray(value)
          ? value.map(encode)
          : typeof value === 'string'
            ? Buffer.from(value).toString('base64')
            : value;
    const run = (command) =>
      redis.call(...command.map(String)).then(
        (result) => ({ result: encode(result) }),
        (error) => ({ error: error.message }),
      );
    const asked = JSON.parse(body);
    const isPipeline = request.url.endsWith('/pipeline');
    const answer = isPipeline ? await Promise.all(asked.map(run)) : await run(asked);
    const head = [answer.error ? 400 : 200, { 'content-type': 'application/json' }];
    response.writeHead(...head).end(JSON.stringify(answer));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      server.close();
      close();
    },
  };
}
