// Every client, alone and before a cluster: the limit and the deliveries are shared by what Redis says, not by the client.

import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { redisDedupe, redisStore } from '@twig/sdk/redis';
import { CLIENTS, CLUSTERS } from './lib/clients.mjs';
import { servers, startServer } from './lib/server.mjs';

const limits = { execute: { perMinute: 60, burst: 20 } };
const answer = { status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined };

assert.ok(servers.length, 'redis-server is not installed: apt-get install redis-server');

/** What must be so with any client. `admin` sends a command that is no script. */
function suite(name, connect, target) {
  describe(name, () => {
    let redis;
    let close;
    before(async () => {
      ({ redis, close } = await connect({ port: target().port }));
    });
    after(() => close());

    it('shares a limit between two limiters', async () => {
      const store = redisStore(redis, { name });
      const [one, two] = [new RateLimiter({ store, limits }), new RateLimiter({ store, limits })];
      // Seven go ahead of the first answer: two, and a quarter of the burst.
      const first = await Promise.all([1, 2, 3, 4].map(() => one.acquire('execute')));
      const second = await Promise.all([1, 2, 3].map(() => two.acquire('execute')));
      for (const lease of [...first, ...second]) {
        lease.observe(answer);
        lease.release();
      }
      assert.equal(two.stats().store.state, 'shared');
      assert.equal(two.stats().store.processes, 2);
      assert.equal(one.stats().store.lastError, undefined);
    });

    it('keeps deliveries', async () => {
      const [here, there] = [redisDedupe(redis, { prefix: name }), redisDedupe(redis, { prefix: name })];
      assert.deepEqual((await Promise.all([here.seen('a'), there.seen('a')])).sort(), ['busy', false]);
      await here.forget('a');
      await there.forget('a');
      assert.equal(await there.seen('a'), false);
      await there.done('a');
      assert.equal(await here.seen('a'), true);
    });

    it('goes on when the scripts are flushed', async () => {
      const store = redisStore(redis, { name: `${name}, flushed` });
      await store.exchange(ask());
      await target().flushScripts();
      assert.deepEqual((await store.exchange(ask())).tokens, [0]);
    });
  });
}

const ask = () => ({
  ...{ scope: 'read', limit: limits.execute, want: 1, aheadMs: 1000, validMs: 5000 },
  ...{ back: 0, flying: 0, answered: 0, others: 1 },
});

for (const name of servers) {
  describe(name, () => {
    let server;
    let admin;
    before(async () => {
      server = await startServer({ name });
      admin = await CLIENTS.ioredis(server);
    });
    after(async () => {
      admin.close();
      await server.kill();
    });
    const target = () => ({ port: server.port, flushScripts: () => admin.redis.call('SCRIPT', 'FLUSH') });
    for (const [client, connect] of Object.entries(CLIENTS)) suite(client, connect, target);
  });

  describe(`a cluster of ${name}`, () => {
    let nodes;
    let admins;
    before(async () => {
      nodes = await Promise.all([1, 2].map(() => startServer({ name, cluster: true })));
      admins = await Promise.all(nodes.map((node) => CLIENTS.ioredis(node)));
      const [one, two] = admins.map(({ redis }) => redis);
      await one.call('CLUSTER', 'ADDSLOTSRANGE', '0', '8191');
      await two.call('CLUSTER', 'ADDSLOTSRANGE', '8192', '16383');
      await one.call('CLUSTER', 'SET-CONFIG-EPOCH', '1');
      await two.call('CLUSTER', 'SET-CONFIG-EPOCH', '2');
      await one.call('CLUSTER', 'MEET', '127.0.0.1', String(nodes[1].port));
      for (const node of [one, two]) {
        const knowsAll = async () => {
          const info = String(await node.call('CLUSTER', 'INFO'));
          return info.includes('cluster_state:ok') && info.includes('cluster_known_nodes:2');
        };
        while (!(await knowsAll())) await new Promise((resolve) => setTimeout(resolve, 20));
      }
    });
    after(async () => {
      for (const admin of admins) admin.close();
      for (const node of nodes) await node.kill();
    });
    const flushScripts = () => Promise.all(admins.map(({ redis }) => redis.call('SCRIPT', 'FLUSH')));
    const target = () => ({ port: nodes[0].port, flushScripts });
    for (const [client, connect] of Object.entries(CLUSTERS)) suite(client, connect, target);
  });
}
