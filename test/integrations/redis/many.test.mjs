// Ten processes on one key, and what may happen to them and to Redis. What is asserted in the short form holds on a machine
// that is many times as busy: what is counted, and nothing of time. `npm run test:redis` (`LONG=1`) runs longer, and looks at
// shares, on a machine that does little else.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApi } from './lib/api.mjs';
import { line, race } from './lib/processes.mjs';
import { startServer } from './lib/server.mjs';

const isLong = Boolean(process.env.LONG);
const SECONDS = isLong ? 15 : 6;
const limit = { perMinute: 6000, burst: 120 };
/** A machine that stands still for seconds shall not be taken for a Redis that is away. */
const storeTimeoutMs = isLong ? 1000 : 20_000;
const worker = new URL('./worker.mjs', import.meta.url).pathname;

async function run(name, { config = {}, seconds = SECONDS, processes = 10, meanwhile } = {}) {
  const server = await startServer();
  const api = await startApi({ ...limit, answerMs: [20, 100] });
  try {
    const result = await race({
      ...{
        worker,
        api,
        seconds,
        processes,
        config: { limit, port: server.port, options: { storeTimeoutMs }, ...config },
      },
      meanwhile: (children) => meanwhile?.(server, children),
    });
    console.log(line(name, result));
    assert.deepEqual(result.failed, [], 'a call has failed');
    return result;
  } finally {
    api.close();
    server.go();
    await server.kill();
  }
}

/** What the measured runs reach, with room for a machine that does other things. */
function assertFigures(result, { refusedShare, used, leastShare = 0 }) {
  // A machine that stands still for a second uses less, and lets requests travel at different speeds.
  if (!isLong) return assert.ok(result.refusedShare < 0.1, `429s: ${result.refused}`);
  assert.ok(result.refusedShare <= refusedShare, `429s: ${result.refusedShare}`);
  assert.ok(result.used >= used, `used: ${result.used}`);
  assert.ok(result.leastShare >= leastShare, `least served: ${result.leastShare}`);
}

for (const client of isLong
  ? ['ioredis', 'redis 5', 'redis 6, RESP 2', 'redis 6, RESP 3', 'glide', 'upstash']
  : ['ioredis']) {
  it(`ten processes over ${client} share one limit`, async () => {
    const result = await run(client, { config: { client } });
    assert.equal(result.done.length, 10);
    assert.ok(result.done.every((count) => count > 0));
    assert.ok(result.stats.every(({ state }) => state === 'shared'));
    assert.equal(Math.max(...result.stats.map(({ processes }) => processes)), 10);
    assert.ok(result.tripsPerCall <= 1.1, `trips a call: ${result.tripsPerCall}`);
    assertFigures(result, { refusedShare: 0.005, used: 0.95, leastShare: 0.6 });
  });
}

it('one busy process of ten has the whole limit', async () => {
  const result = await run('one busy of ten', { config: { busy: 3, callers: 60 } });
  assert.deepEqual(
    result.done.map((count) => count > 0),
    Array.from({ length: 10 }, (_, index) => index === 3),
  );
  assertFigures(result, { refusedShare: 0.005, used: 0.9 });
});

it('Redis that is killed and comes back empty costs no call', async () => {
  const result = await run('killed for 4 s', {
    seconds: isLong ? 15 : 9,
    meanwhile: async (server) => {
      await sleep(2000);
      await server.kill();
      await sleep(isLong ? 4000 : 2000);
      await server.start();
    },
  });
  assertFigures(result, { refusedShare: 0.02, used: 0.9 });
  if (isLong) assert.ok(result.stats.every(({ state }) => state === 'shared'));
});

it('Redis that stands still costs no call', async () => {
  const result = await run('SIGSTOP for 4 s', {
    seconds: isLong ? 15 : 8,
    meanwhile: async (server) => {
      await sleep(2000);
      server.stop();
      await sleep(isLong ? 4000 : 2000);
      server.go();
    },
  });
  assertFigures(result, { refusedShare: 0.02, used: 0.85 });
});

it('Redis that is not there costs no call', async () => {
  const result = await run('never there', {
    // The limiter of each has reached nothing before the start.
    meanwhile: (server) => server.kill(),
  });
  assert.ok(result.stats.every(({ state, processes }) => state === 'local' && processes === 10));
  assertFigures(result, { refusedShare: 0.01, used: 0.8 });
});

it('FLUSHALL and SCRIPT FLUSH cost no call', async () => {
  const { CLIENTS } = await import('./lib/clients.mjs');
  const result = await run('flushed', {
    meanwhile: async (server) => {
      const { redis, close } = await CLIENTS.ioredis(server);
      await sleep(1500);
      await redis.call('SCRIPT', 'FLUSH');
      await sleep(1500);
      await redis.call('FLUSHALL');
      close();
    },
  });
  assert.ok(result.stats.every(({ state }) => state === 'shared'));
  assertFigures(result, { refusedShare: 0.01, used: 0.9 });
});

it('processes that are killed take nothing with them', async () => {
  const result = await run('three of ten killed', {
    meanwhile: async (_server, children) => {
      await sleep(2000);
      for (const child of children.slice(0, 3)) child.kill('SIGKILL');
    },
  });
  assert.equal(result.done.length, 7);
  assertFigures(result, { refusedShare: 0.005, used: 0.85 });
});

it('clocks that are wrong by minutes and jump by an hour change nothing', async () => {
  const result = await run('wrong clocks', { config: { skewed: true } });
  assert.ok(result.stats.every(({ state }) => state === 'shared'));
  assertFigures(result, { refusedShare: 0.005, used: 0.9, leastShare: 0.5 });
});
