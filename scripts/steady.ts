/**
 * Runs `npm test` many times in a row, the second half beside two busy loops, and tells which tests failed in which run:
 * `steady.ts [times] [--changed [--base main]] [files]`. With `--changed` only the test files that have
 * changed since the branch left the base, those not yet committed included.
 */

import { execFileSync, spawn } from 'node:child_process';
import { createWriteStream, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import type { JsonTestResults } from 'vitest/node';

const root = resolve(import.meta.dirname, '..');
const folder = resolve(root, 'coverage/steady');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { changed: { type: 'boolean', default: false }, base: { type: 'string', default: 'main' } },
});
const [first = '', ...others] = positionals;
const isCounted = /^[1-9]\d*$/.test(first);
const times = isCounted ? Number(first) : 20;
const files = isCounted ? others : positionals;

const git = (...args: string[]): string[] => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\n');
if (values.changed) {
  const committed = git('diff', '--name-only', '--diff-filter=d', '--merge-base', values.base);
  const added = git('ls-files', '--others', '--exclude-standard');
  files.push(...[...committed, ...added].filter((file) => /^test\/.*\.test\.ts$/.test(file)));
  if (files.length === 0) throw new Error(`No test file has changed since ${values.base}.`);
}

/** One run: what failed in it, and how many tests it had. */
async function run(number: number): Promise<{ failed: string[]; count: number; log: string }> {
  const [log, report] = [resolve(folder, `${number}.log`), resolve(folder, `${number}.json`)];
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn('npm', ['test', '--', ...reporters, ...files], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = createWriteStream(log);
  for (const stream of [child.stdout, child.stderr]) stream.pipe(output, { end: false });
  const code = await new Promise((done) => child.once('close', done));
  output.end();
  // Vitest's own, of a shape that it declares.
  const { testResults = [] }: Partial<JsonTestResults> = existsSync(report)
    ? JSON.parse(readFileSync(report, 'utf8'))
    : {};
  const failed = testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(root, name);
    const tests = assertionResults
      .filter((test) => test.status === 'failed')
      .map(({ fullName }) => `${file}: ${fullName}`);
    return status === 'failed' && tests.length === 0 ? [`${file}: the file itself`] : tests;
  });
  if (code !== 0 && failed.length === 0) failed.push(`npm test ended with ${code}`);
  return { failed, count: testResults.reduce((sum, { assertionResults }) => sum + assertionResults.length, 0), log };
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const quiet = Math.ceil(times / 2);
const failures = new Map<string, number[]>();
let busy: Worker[] = [];
let green = 0;
for (let number = 1; number <= times; number++) {
  if (number > quiet && busy.length === 0) busy = [0, 1].map(() => new Worker('for (;;);', { eval: true }));
  const startedAt = Date.now();
  const { failed, count, log } = await run(number);
  const isGreen = failed.length === 0 && count > 0;
  if (isGreen) green++;
  for (const name of failed) failures.set(name, [...(failures.get(name) ?? []), number]);
  const seconds = Math.round((Date.now() - startedAt) / 1000);
  const where = busy.length ? ', beside two busy loops' : '';
  const result = isGreen
    ? `green, ${count} tests`
    : count
      ? `${failed.length} failed, see ${relative(root, log)}`
      : 'no test was run';
  console.log(`run ${number} of ${times}${where}: ${result} (${seconds} s)`);
}
for (const loop of busy) await loop.terminate();

console.log(`\n${green} of ${times} green`);
for (const [name, runs] of failures) console.log(`  ${name}: failed in run ${runs.join(', ')}`);
if (green < times) process.exitCode = 1;
