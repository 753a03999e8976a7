// `examples/batch.ts`, copied into a project as users do: two of them share a limit over REDIS_URL.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { startTwigServer } from '@twig/sdk/testing/server';
import { CLIENTS } from './lib/clients.mjs';
import { startServer } from './lib/server.mjs';

const limit = { perMinute: 6000, burst: 40 };
const program = join(import.meta.dirname, 'batch.copy.ts');
const folder = mkdtempSync(join(tmpdir(), 'twig-batch-'));
const questions = Array.from({ length: 60 }, (_, index) => `Question ${index}?`);
let redis;
let twig;

before(async () => {
  copyFileSync(join(import.meta.dirname, '../../../examples/batch.ts'), program);
  writeFileSync(join(folder, 'questions.txt'), questions.join('\n'));
  redis = await startServer();
  twig = await startTwigServer({ rateLimits: { execute: limit }, latencyMs: 5 });
});
after(async () => {
  await twig.close();
  await redis.kill();
  rmSync(program);
  rmSync(folder, { recursive: true });
});

async function run(output, url) {
  const env = { ...process.env, TWIG_API_KEY: 'twigsk_test_x', TWIG_BASE_URL: twig.url, REDIS_URL: url };
  const files = [join(folder, 'questions.txt'), join(folder, output)];
  const child = spawn(process.execPath, [program, ...files, String(limit.perMinute)], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'exit');
  return code;
}

it('answers all questions of both, and both have met in Redis', async () => {
  const url = `redis://127.0.0.1:${redis.port}`;
  assert.deepEqual(await Promise.all([run('one.jsonl', url), run('two.jsonl', url)]), [0, 0]);
  for (const output of ['one.jsonl', 'two.jsonl']) {
    const answers = readFileSync(join(folder, output), 'utf8').trim().split('\n').map(JSON.parse);
    assert.deepEqual(new Set(answers.map(({ question }) => question)), new Set(questions));
  }
  const admin = await CLIENTS.ioredis(redis);
  const [members] = (await admin.redis.keys('twig:*')).filter((key) => key.endsWith(':execute:m'));
  assert.equal(await admin.redis.hlen(members), 2);
  admin.close();
});

it('runs without Redis where REDIS_URL is not set', async () => {
  assert.equal(await run('alone.jsonl', ''), 0);
});
