// Ten processes on one key: who is refused, how much of the limit is used, and how evenly. Needs redis-server.
// And what the script of the store costs Redis, by the number of processes.

import Redis from 'ioredis';
import { startApi } from '../test/integrations/redis/lib/api.mjs';
import { race } from '../test/integrations/redis/lib/processes.mjs';
import { startServer } from '../test/integrations/redis/lib/server.mjs';
import { report } from './lib/report.mjs';

const SECONDS = Number(process.env.SECONDS ?? 12);
const limit = { perMinute: 6000, burst: 120 };
const CONTENDERS = [
  '@twig/sdk with redisStore',
  '@twig/sdk, each alone',
  'rate-limiter-flexible, RateLimiterRedis',
  'bottleneck, clustered',
];

const worker = new URL('./lib/many-worker.mjs', import.meta.url).pathname;
const rows = [];
for (const name of CONTENDERS) {
  const server = await startServer();
  const api = await startApi({ ...limit, answerMs: [20, 100] });
  const config = { limit, port: server.port, contender: name };
  const { refusedShare, used, leastShare, tripsPerCall, refused } = await race({
    worker,
    api,
    seconds: SECONDS,
    config,
  });
  api.close();
  await server.kill();
  const percent = (share) => Number((100 * share).toFixed(1));
  rows.push({
    name,
    value: percent(used),
    spread: 0,
    ratio: percent(used) / (rows[0]?.value ?? percent(used)),
    'refused, %': percent(refusedShare),
    refused,
    'least served, % of the mean': percent(leastShare),
    'trips a call': Number(tripsPerCall.toFixed(2)),
  });
}
const note = '6,000 a minute, burst 120, answers after 20 to 100 ms, 12 callers a process';
report({ id: 'many', title: 'Ten processes on one key: the limit used', unit: '%', note }, rows);

const server = await startServer();
const redis = new Redis(server.port);
const { redisStore } = await import('@twig/sdk/redis');
const store = redisStore((command) => redis.call(...command), { name: 'bench' });
const ask = (process) => ({
  ...{ scope: 'execute', limit: { perMinute: 1e6, burst: 1e6 }, process, want: 1, aheadMs: 1000, validMs: 5000 },
  ...{ back: 0, flying: 1, answered: 1, others: 1 },
  news: { status: 200, limit: 1e6, remaining: 1e6, ageMs: 1, pauseMs: 0 },
});
const costs = [];
for (const members of [1, 10, 100, 1000]) {
  for (let id = 0; id < members; id++) await store.exchange(ask(`process ${id}`));
  await redis.call('CONFIG', 'RESETSTAT');
  const until = performance.now() + 2000;
  for (let at = 0; performance.now() < until; at++) await store.exchange(ask(`process ${at % members}`));
  const stats = String(await redis.call('INFO', 'commandstats'));
  const value = Number(/cmdstat_evalsha:.*usec_per_call=([\d.]+)/.exec(stats)?.[1]);
  costs.push({
    name: `${members} ${members === 1 ? 'process' : 'processes'}`,
    value,
    spread: 0,
    ratio: value / (costs[0]?.value ?? value),
  });
}
redis.disconnect();
await server.kill();
report({ id: 'many-script', title: 'An ask of the store: the time of Redis, by the processes that share' }, costs);
