/** `examples/batch.ts` as a process against the mock server: to its end, and again after Ctrl-C. Needs the build. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startTwigServer, type TwigServer } from '@twig/sdk/testing/server';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'twig-batch-'));
let server: TwigServer;

beforeAll(async () => {
  // Examples import the package by its name, which is what was built.
  execFileSync('npm', ['run', '--silent', 'build:js'], { cwd: root, stdio: 'inherit' });
  server = await startTwigServer({ rateLimits: { execute: { perMinute: 30_000, burst: 120 } }, latencyMs: 5 });
}, 60_000);
afterAll(() => server.close());

function start(...args: string[]): ChildProcess {
  const env = { ...process.env, TWIG_API_KEY: 'twigsk_test_x', TWIG_BASE_URL: server.url };
  return spawn(process.execPath, ['examples/batch.ts', ...args, '30000'], {
    cwd: root,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.once('exit', done));
const answers = (file: string): { question: string; response: string }[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { question: string; response: string });

it('answers every question once, also when it was stopped in between', async () => {
  const questions = Array.from({ length: 1000 }, (_, i) => `Question ${i}: what is pricing?`);
  const [input, output] = [join(folder, 'questions.txt'), join(folder, 'answers.jsonl')];
  writeFileSync(input, questions.join('\n'));
  const first = start(input, output);
  while (server.mock.requests.length < 60) await new Promise((resolve) => setTimeout(resolve, 10));
  first.kill('SIGINT');
  expect(await ended(first)).toBe(130);
  const half = answers(output).length;
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(1000);

  expect(await ended(start(input, output))).toBe(0);
  const all = answers(output);
  expect(new Set(all.map(({ question }) => question))).toEqual(new Set(questions));
  expect(all).toHaveLength(1000);
  expect(all.every(({ response }) => response.length > 0)).toBe(true);
});
