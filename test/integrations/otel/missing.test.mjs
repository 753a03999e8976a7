// 18: where @opentelemetry/api is not installed, the client works, and the entry for it names what is missing.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

/** A folder that has the package and its dependencies, and nothing else; gone with the test. */
function bare(t) {
  const folder = mkdtempSync(join(tmpdir(), 'twig-bare-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const modules = join(dirname(fileURLToPath(import.meta.url)), 'node_modules');
  const { dependencies } = JSON.parse(readFileSync(join(modules, '@twig/sdk/package.json'), 'utf8'));
  for (const name of ['@twig/sdk', ...Object.keys(dependencies), 'is-network-error']) {
    cpSync(join(modules, name), join(folder, 'node_modules', name), { recursive: true });
  }
  const run = (type, code) =>
    execFileSync(process.execPath, [`--input-type=${type}`, '-e', code], { cwd: folder, encoding: 'utf8' }).trim();
  return run;
}

test('18: the client works', (t) => {
  const fetch = `async () => new Response('{"id":"a","name":"x"}')`;
  const code = `new TwigClient({ apiKey: 'twigsk_test_x', fetch: ${fetch} }).agents.get('a').then(({ id }) => console.log(id));`;
  const run = bare(t);
  assert.equal(run('module', `import { TwigClient } from '@twig/sdk'; ${code}`), 'a');
  assert.equal(run('commonjs', `const { TwigClient } = require('@twig/sdk'); ${code}`), 'a');
});

test('18: @twig/sdk/otel says what to install', (t) => {
  const run = bare(t);
  const tell = '(error) => console.log(error.code, error.message)';
  const esm = run('module', `import('@twig/sdk/otel').catch(${tell})`);
  assert.match(esm, /ERR_MODULE_NOT_FOUND Cannot find package '@opentelemetry\/api'/);
  const cjs = run('commonjs', `try { require('@twig/sdk/otel') } catch (error) { (${tell})(error) }`);
  assert.match(cjs, /MODULE_NOT_FOUND Cannot find module '@opentelemetry\/api'/);
});
