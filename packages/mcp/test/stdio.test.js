// The command by itself: what it prints, where its key comes from, how it starts and ends.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ASK, CLI, envOf, KEY, overStdio, run, startMock, textOf } from './support.js';

const REQUEST = (id, method, params = {}) => `${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`;
const INITIALIZE = REQUEST(1, 'initialize', {
  protocolVersion: '2025-06-18',
  capabilities: {},
  clientInfo: { name: 'test', version: '1' },
});

/** A folder for the files of a test. */
function folder(t) {
  const path = mkdtempSync(join(tmpdir(), 'twig-mcp-test-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

/** Starts the command, sends lines to it, and gives what it answers with these ids. */
async function converse(t, { args = [], env, execArgv = [], lines, ids }) {
  const child = spawn(process.execPath, [...execArgv, CLI, ...args], { env });
  t.after(() => child.kill());
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  child.stdin.write(lines);
  for await (const chunk of child.stdout) {
    stdout += chunk;
    if (ids.every((id) => stdout.includes(`"id":${id}}`) || stdout.includes(`"id":${id},`))) break;
  }
  return { child, stdout, stderr: () => stderr };
}

test('5. stdout holds lines of JSON alone, though the client logs all it does, and every dependency logs while it loads and runs', async (t) => {
  const mock = await startMock(t);
  const hook = join(folder(t), 'noisy.mjs');
  // Puts lines that print at the head of every module that is loaded, but that which keeps stdout clean.
  writeFileSync(
    hook,
    `import { registerHooks } from 'node:module';
const noise = "console.log('noise'); console.info('noise'); console.debug('noise'); process.stdout.write('noise\\\\n');";
registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.includes('node_modules') || /\\/(stdout|cli)\\.js$/.test(url)) return loaded;
    return loaded.format === 'module' ? { ...loaded, source: noise + String(loaded.source).replace(/^#!.*/, '') } : loaded;
  },
});`,
  );
  const { stdout, stderr } = await converse(t, {
    env: envOf(mock, { TWIG_LOG: 'debug' }),
    execArgv: ['--import', hook],
    lines: INITIALIZE + REQUEST(2, 'tools/call', { name: 'ask_agent', arguments: ASK }) + REQUEST(3, 'tools/list'),
    ids: [1, 2, 3],
  });
  for (const line of stdout.trim().split('\n')) assert.equal(JSON.parse(line).jsonrpc, '2.0');
  assert.match(stderr(), /noise/);
  assert.match(stderr(), /\[twig\]/);
  assert.ok(!stderr().includes(KEY));
});

test('a client that has closed stderr is served all the same', async (t) => {
  const mock = await startMock(t);
  const child = spawn(process.execPath, [CLI], { env: envOf(mock, { TWIG_LOG: 'debug' }) });
  t.after(() => child.kill());
  child.stderr.destroy();
  let stdout = '';
  // Each of the first two lines is told to stderr.
  child.stdin.write(`[]\nnull\n${INITIALIZE}${REQUEST(2, 'tools/call', { name: 'ask_agent', arguments: ASK })}`);
  for await (const chunk of child.stdout) {
    stdout += chunk;
    if (stdout.includes('"id":2}')) break;
  }
  assert.match(stdout, /refund policy allows returns/);
});

describe('6. without a key', () => {
  test('it starts, lists its tools, and each call says what to set', async (t) => {
    const client = await overStdio(t, 'v1', { env: { TWIG_API_KEY: '', TWIG_BASE_URL: '' } });
    assert.equal((await client.listTools()).tools.length, 2);
    for (const [name, args] of [
      ['ask_agent', ASK],
      ['list_agents', {}],
    ]) {
      const result = await client.callTool({ name, arguments: args });
      assert.equal(result.isError, true);
      assert.match(textOf(result), /TWIG_API_KEY.*TWIG_API_KEY_FILE.*"env".*configuration of your MCP client/);
    }
  });

  test('a placeholder that nobody filled in is none', async (t) => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: that is what a configuration holds.
    const client = await overStdio(t, 'v1', { env: { TWIG_API_KEY: '${TWIG_API_KEY}' } });
    assert.match(textOf(await client.callTool({ name: 'list_agents', arguments: {} })), /placeholder/);
  });

  test('it is read from a file, anew for each call', async (t) => {
    const mock = await startMock(t);
    const file = join(folder(t), 'key');
    const client = await overStdio(t, 'v1', { mock, env: { TWIG_API_KEY: '', TWIG_API_KEY_FILE: file } });
    const list = () => client.callTool({ name: 'list_agents', arguments: {} });
    assert.match(textOf(await list()), /TWIG_API_KEY_FILE cannot be read \(ENOENT\)/);
    writeFileSync(file, `${KEY}\n`);
    assert.equal((await list()).isError, undefined);
    writeFileSync(file, 'twigsk_test_other');
    assert.equal((await list()).isError, undefined);
    const keys = mock.mock.requests.map(({ headers }) => headers.authorization);
    assert.deepEqual(keys, [`Bearer ${KEY}`, 'Bearer twigsk_test_other']);
  });
});

describe('7. a key among the arguments ends it with 2, and is printed nowhere', () => {
  const SECRET = 'hunter2hunter2';
  for (const args of [
    ['--api-key', SECRET],
    [`--api-key=${SECRET}`],
    ['--apiKey', SECRET],
    ['--key', SECRET],
    ['--token', SECRET],
    [SECRET],
    [KEY],
    ['--org', KEY],
    ['--agents', `agent_a,${KEY}`],
    ['--agents', `agent_test_1,acme_live_${SECRET}`],
    ['-k', SECRET],
    [`--${KEY}`],
    ['--port', SECRET],
    ['--allow', SECRET],
    ['--max-answer-chars', SECRET],
    [`--http=${SECRET}`],
  ]) {
    test(args.join(' ').replaceAll(KEY, 'KEY').replaceAll(SECRET, 'SECRET'), async () => {
      const { code, stdout, stderr } = await run(args);
      assert.equal(code, 2);
      assert.equal(stdout, '');
      assert.match(stderr, /^twig-mcp: \S/);
      for (const secret of [SECRET, KEY]) assert.ok(!stderr.includes(secret), stderr);
    });
  }

  test('and says where it belongs', async () => {
    assert.match((await run(['--api-key', 'x'])).stderr, /never an argument.*TWIG_API_KEY/);
    assert.match((await run([KEY])).stderr, /TWIG_API_KEY/);
  });
});

test('an id that says test or live is no key', async () => {
  const { code, stderr } = await run(['--agents', 'agent_test_1, agent_live_2', '--org', 'org_test_1', '--port', 'x']);
  assert.deepEqual([code, stderr], [2, 'twig-mcp: --port takes a whole number of at most 65535.\n']);
});

test('an option of an unknown name is told', async () => {
  const { code, stderr } = await run(['--agent', 'agent_a']);
  assert.deepEqual([code, stderr], [2, 'twig-mcp: --agent is unknown. See twig-mcp --help.\n']);
});

test('--help and --version print and end', async () => {
  assert.match((await run(['--help'])).stdout, /^Usage: twig-mcp[\s\S]*TWIG_API_KEY_FILE/);
  assert.match((await run(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
});

describe('11. when stdin is closed it ends with 0', () => {
  test('idle', async () => {
    const { code, stdout } = await run([], { env: envOf(), input: INITIALIZE });
    assert.equal(code, 0);
    assert.match(stdout, /"serverInfo"/);
  });

  test('with a call under way', async (t) => {
    const mock = await startMock(t);
    mock.mock.faults.next('query', { kind: 'timeout' });
    const { child } = await converse(t, {
      env: envOf(mock),
      lines: INITIALIZE + REQUEST(2, 'tools/call', { name: 'ask_agent', arguments: ASK }),
      ids: [1],
    });
    child.stdin.end();
    const [code] = await once(child, 'exit');
    assert.equal(code, 0);
  });
});

test('16. it is up at once', async (t) => {
  const startedAt = performance.now();
  await converse(t, { env: envOf(), lines: INITIALIZE, ids: [1] });
  const took = performance.now() - startedAt;
  t.diagnostic(`answered the handshake after ${Math.round(took)} ms`);
  // Clients give up after 30 s.
  assert.ok(took < 20_000);
});
