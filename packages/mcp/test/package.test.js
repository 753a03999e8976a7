// The packages as people get them.

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { globSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { installed, KEY, startMock, tarballs } from './support.js';

const filesOf = (tarball) => execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' }).trim().split('\n');

test('17. nothing of the server is in the tarball of the SDK, and no test in its own', () => {
  const sdk = filesOf(tarballs.sdk);
  assert.deepEqual(
    sdk.filter((file) => /packages|cli\.js$/.test(file)),
    ['package/dist/testing/cli.js'],
  );
  assert.ok(sdk.includes('package/dist/mcp.js'));
  const mcp = filesOf(tarballs.mcp);
  assert.deepEqual(mcp.filter((file) => !/^package\/dist\//.test(file)).sort(), [
    'package/LICENSE',
    'package/README.md',
    'package/package.json',
  ]);
});

test('an install is at most 9 packages and 22 MiB', (t) => {
  const packages = globSync('**/node_modules/{*,@*/*}/package.json', { cwd: installed }).filter(
    (file) => !/node_modules\/@[^/]+\/package\.json/.test(file),
  );
  const names = packages.map((file) => file.replace(/^.*node_modules\/(.*)\/package\.json$/, '$1'));
  const bytes = globSync('node_modules/**', { cwd: installed, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
  t.diagnostic(`${names.length} packages, ${(bytes / 2 ** 20).toFixed(1)} MiB: ${names.join(', ')}`);
  assert.ok(names.length <= 9, names.join(', '));
  assert.ok(bytes <= 22 * 2 ** 20, `${bytes} bytes`);
});

test('npx in an empty folder: the inspector lists the tools and asks an agent', async (t) => {
  const mock = await startMock(t);
  const cwd = mkdtempSync(join(tmpdir(), 'twig-mcp-empty-'));
  t.after(() => rmSync(cwd, { recursive: true, force: true }));
  const inspector = join(import.meta.dirname, 'node_modules/.bin/mcp-inspector');
  const inspect = async (...args) => {
    // The inspector passes on few variables of its own: here also what npm needs on this machine.
    const network = Object.entries(process.env).filter(([name]) =>
      /^(NODE_EXTRA_CA_CERTS|https?_proxy|no_proxy)$/i.test(name),
    );
    const variables = [['TWIG_API_KEY', KEY], ['TWIG_BASE_URL', mock.url], ...network].flatMap(([name, value]) => [
      '-e',
      `${name}=${value}`,
    ]);
    const command = ['npx', '-y', '-p', tarballs.sdk, '-p', tarballs.mcp, 'twig-mcp'];
    const { stdout } = await promisify(execFile)(
      inspector,
      ['--cli', '--connect-timeout', '100000', ...variables, ...command, ...args],
      { cwd },
    );
    return JSON.parse(stdout);
  };
  const { tools } = await inspect('--method', 'tools/list');
  assert.deepEqual(
    tools.map(({ name }) => name),
    ['list_agents', 'ask_agent'],
  );
  const asked = await inspect(
    '--method',
    'tools/call',
    '--tool-name',
    'ask_agent',
    '--tool-arg',
    'agentId=agent_abc123',
    'question=What is your refund policy?',
  );
  assert.match(asked.structuredContent.answer, /refund policy allows returns/);
  assert.equal(mock.mock.requests.at(-1).headers.authorization, `Bearer ${KEY}`);
});
