// Processes that call an API as long as they are told, and what came of it.

import { fork } from 'node:child_process';
import { once } from 'node:events';

/** Starts one; resolves when it has loaded. */
async function startWorker(file, config) {
  const child = fork(file, [JSON.stringify(config)]);
  const ended = once(child, 'exit').then(([code]) => [`exit ${code}`]);
  const [message] = await Promise.race([once(child, 'message'), ended]);
  if (message !== 'ready') throw new Error(`a process has not started: ${message}`);
  return child;
}

/**
 * Lets `processes` work for `seconds` at an API. `meanwhile` may do harm to them and to Redis.
 *
 * @param config What the worker is told beside its number: how to make its limiter, how many callers it has.
 */
export async function race({ worker, api, processes = 10, seconds, config, meanwhile = async () => {} }) {
  const children = await Promise.all(
    Array.from({ length: processes }, (_, index) => startWorker(worker, { ...config, index, url: api.url })),
  );
  const reports = children.map(async (child) => {
    const [report] = await Promise.race([once(child, 'message'), once(child, 'exit').then(() => [undefined])]);
    return report;
  });
  for (const child of children) child.send({ seconds });
  await meanwhile(children);
  const told = await Promise.all(reports);
  for (const child of children) child.kill('SIGKILL');
  const lived = told.filter(Boolean);
  const done = lived.map((report) => report.done);
  const sum = (of) => lived.reduce((total, report) => total + of(report), 0);
  const { allowed, refused, refusedAt } = api.counts;
  return {
    calls: allowed,
    refused,
    refusedAt,
    refusedShare: refused / (allowed + refused),
    used: api.used(),
    done,
    leastShare: Math.min(...done) / (sum((report) => report.done) / lived.length),
    tripsPerCall: sum((report) => report.trips) / (allowed + refused),
    longestWaitMs: Math.max(...lived.map((report) => report.longestWaitMs ?? 0)),
    failed: lived.flatMap((report) => report.failed),
    stats: lived.map((report) => report.stats),
  };
}

/** One line for people. */
export const line = (name, { refused, refusedShare, used, done, tripsPerCall }) =>
  `${name.padEnd(34)} 429: ${refused} (${(100 * refusedShare).toFixed(2)} %)  used ${(100 * used).toFixed(1)} %  ` +
  `trips a call ${tripsPerCall.toFixed(2)}  a process ${Math.min(...done)}–${Math.max(...done)}`;
