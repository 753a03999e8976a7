/** `examples/batch.ts` as a process against the mock server: to its end, and again after Ctrl-C. Needs the build. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { faults } from '@twig/sdk/testing';
import { startTwigServer, type TwigServer } from '@twig/sdk/testing/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../support/turns.ts';

const root = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'twig-batch-'));
let server: TwigServer;

beforeAll(async () => {
  // Examples import the package by its name, which is what was built.
  execFileSync('npm', ['run', '--silent', 'build:js'], { cwd: root, stdio: 'inherit' });
  server = await startTwigServer({ rateLimits: { execute: { perMinute: 120_000, burst: 120 } }, latencyMs: 5 });
});
afterAll(() => server.close());

function start(...args: string[]): ChildProcess {
  const env = { ...process.env, TWIG_API_KEY: 'twigsk_test_x', TWIG_BASE_URL: server.url };
  return spawn(process.execPath, ['examples/batch.ts', ...args, '120000'], {
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
  // Sixty are answered; then ten, as many as are under way at once, wait in vain.
  for (let call = 61; call <= 70; call++) server.mock.faults.nth('query', call, faults.timeout());
  const first = start(input, output);
  await until(() => server.mock.requests.length === 70);
  first.kill('SIGINT');
  expect(await ended(first)).toBe(130);
  expect(answers(output)).toHaveLength(60);

  expect(await ended(start(input, output))).toBe(0);
  const all = answers(output);
  expect(new Set(all.map(({ question }) => question))).toEqual(new Set(questions));
  expect(all).toHaveLength(1000);
  expect(all.every(({ response }) => response.length > 0)).toBe(true);
});
