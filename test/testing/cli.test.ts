/** `twig-mock` as a process, driven from outside as a program in another language would. */

import { type ChildProcessWithoutNullStreams, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

const command = fileURLToPath(new URL('../../src/testing/cli.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'twig-mock-'));
const running = new Set<ChildProcessWithoutNullStreams>();

afterEach(async () => {
  for (const child of running) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  }
  running.clear();
});
afterAll(() => rmSync(folder, { recursive: true }));

function launch(...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, [command, ...args]);
  running.add(child);
  return child;
}

/** Starts the command on a free port; gives the address that it prints. */
async function start(...args: string[]): Promise<{ url: string; child: ChildProcessWithoutNullStreams }> {
  const child = launch('--port', '0', ...args);
  let told = '';
  child.stderr.on('data', (chunk) => {
    told += chunk;
  });
  for await (const chunk of child.stdout) {
    told += chunk;
    const url = /listens on (http:\S+)\n/.exec(told)?.[1];
    if (url) return { url, child };
  }
  throw new Error(`It did not start: ${told}`);
}

/** Runs the command to its end. */
async function run(...args: string[]): Promise<{ code: unknown; out: string; err: string }> {
  const child = launch(...args);
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    said.err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, ...said };
}

const headers = { authorization: 'Bearer twigsk_test_x' };
const question = JSON.stringify({ agent_id: 'agent_abc123', query: 'What is pricing?', stream: true });

/** A request, the moment in which the server has it (it tells the client to go on), and its answer or what broke it. */
function asked(url: string, signal?: AbortSignal): { arrived: Promise<unknown>; answered: Promise<unknown> } {
  const expecting = { ...headers, expect: '100-continue' };
  const sent = request(`${url}/api/v1/agents`, { headers: expecting, ...(signal && { signal }) });
  const arrived = once(sent, 'continue');
  const answered = once(sent, 'response').catch((error: unknown) => error);
  sent.end();
  return { arrived, answered };
}

describe('twig-mock', () => {
  it('answers curl: a list, a stream, an error', async () => {
    const { url } = await start();
    const curl = async (...args: string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)('curl', ['-s', '-H', 'Authorization: Bearer x', ...args]);
      return stdout;
    };
    expect(JSON.parse(await curl(`${url}/api/v1/agents`)).agents).toHaveLength(2);
    const stream = await curl('-N', '-d', question, `${url}/api/v1/query`);
    expect(stream).toMatch(/^event: delta\ndata: /);
    expect(stream).toMatch(/\n\nevent: done\ndata: \{"session_id":"sess_\w+"\}\n\n$/);
    expect(await curl('-o', '/dev/null', '-w', '%{http_code}', `${url}/api/v1/agents/gone`)).toBe('404');
  });

  it('answers the documented 404 outside the API too', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: 'not_found', message: 'There is no endpoint GET /' },
    });
  });

  it('holds what the seed file says', async () => {
    const file = join(folder, 'seed.json');
    writeFileSync(
      file,
      JSON.stringify({ agents: [{ id: 'agent_mine' }], data_sources: [{ id: 'ds_mine', type: 'file' }] }),
    );
    const { url } = await start('--seed', file);
    const agents = await fetch(`${url}/api/v1/agents`, { headers });
    expect(await agents.json()).toMatchObject({ agents: [{ id: 'agent_mine', model: 'gpt-4' }], total: 1 });
    const sources = await fetch(`${url}/api/v1/data-sources`, { headers });
    expect(await sources.json()).toMatchObject({ data_sources: [{ id: 'ds_mine', type: 'file' }], total: 1 });
  });

  it('has the limits and the faults that it was told', async () => {
    const faults = ['--fault', 'agents.list=status:503:2@2', '--fault', 'query=truncateStream:1'];
    const { url } = await start('--rate-limits', 'read=60/3', ...faults);
    const list = () => fetch(`${url}/api/v1/agents`, { headers });
    const first = await list();
    expect([first.headers.get('x-ratelimit-limit'), first.headers.get('x-ratelimit-remaining')]).toEqual(['60', '2']);
    const second = await list();
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '2']);
    const stream = await fetch(`${url}/api/v1/query`, { method: 'POST', headers, body: question });
    expect(await stream.text()).toMatch(/^event: delta\ndata: [^\n]+\n\n$/);
  });

  it('holds its answers back for the latency that it was told', async () => {
    const [quick, slow] = await Promise.all([start('--latency', '1'), start('--latency', '3600000')]);
    let isAnswered = false;
    const leaving = new AbortController();
    const waiting = asked(slow.url, leaving.signal);
    waiting.answered.then(() => {
      isAnswered = true;
    });
    await waiting.arrived;
    expect((await fetch(`${quick.url}/api/v1/agents`, { headers })).status).toBe(200);
    expect(isAnswered).toBe(false);
    leaving.abort();
  });

  it('has faults by chance', async () => {
    const { url } = await start('--fault', 'agents.list=htmlError@100%', '--fault', 'users.list=htmlError@0%');
    const statuses = ['agents', 'agents', 'users'].map(
      async (path) => (await fetch(`${url}/api/v1/${path}`, { headers })).status,
    );
    expect(await Promise.all(statuses)).toEqual([502, 502, 200]);
  });

  it('listens where it is told to', async () => {
    const { url } = await start('--host', 'localhost');
    expect((await fetch(`${url}/api/v1/agents`, { headers })).status).toBe(200);
    const { code, err } = await run('--host', 'nowhere.invalid');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('nowhere.invalid') });
  });

  it('has no limits when they are off', async () => {
    const { url } = await start('--rate-limits', 'off');
    expect((await fetch(`${url}/api/v1/agents`, { headers })).headers.has('x-ratelimit-limit')).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('ends on %s, also while somebody waits for an answer', async (signal) => {
    const { url, child } = await start('--fault', '*=timeout');
    const { arrived, answered } = asked(url);
    await arrived;
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(await answered).toBeInstanceOf(Error);
  });

  it('explains itself', async () => {
    const { code, out } = await run('--help');
    expect(code).toBe(0);
    for (const option of ['--port', '--host', '--seed', '--rate-limits', '--latency', '--fault'])
      expect(out).toContain(option);
  });
});

describe('twig-mock refuses', () => {
  writeFileSync(join(folder, 'broken.json'), '{"agents":');
  writeFileSync(join(folder, 'wrong.json'), '{"agent":[]}');

  it.each([
    [['--port', 'http'], '--port takes a whole number from 0 to 65535, not "http".'],
    [['--port', '70000'], '--port takes a whole number from 0 to 65535, not "70000".'],
    [['--latency', '-5'], '--latency'],
    [['--latency', '1s'], '--latency takes a whole number from 0 to 3600000, not "1s".'],
    [['--rate-limits', 'read'], '--rate-limits takes "off", or limits such as'],
    [['--rate-limits', 'all=5'], 'not "all=5".'],
    [['--rate-limits', 'read=0'], 'not "read=0".'],
    [['--fault', 'query'], '--fault takes OPERATION=FAULT[:NUMBER][@WHEN]'],
    [['--fault', 'ask=timeout'], 'Operations: *, query, semanticSearch, agents.list'],
    [['--fault', 'query=explode'], 'Faults: status, rateLimit, timeout'],
    [['--fault', 'query=timeout@0'], 'not "query=timeout@0".'],
    [['--fault', 'query=timeout@101%'], 'not "query=timeout@101%".'],
    [['--seed', join(folder, 'none.json')], 'none.json: ENOENT'],
    [['--seed', join(folder, 'broken.json')], 'broken.json: Unexpected end of JSON input'],
    [['--seed', join(folder, 'wrong.json')], 'The seed has an unknown member "agent".'],
    [['--host', ''], '--host takes the name or the address of a host, not "".'],
    [['--host', 'nowhere.invalid'], 'The host nowhere.invalid does not resolve'],
    [['--host', '203.0.113.1', '--port', '0'], 'The host 203.0.113.1 is no address of this machine'],
    [['--colour'], "Unknown option '--colour'"],
    [['file.json'], 'file.json'],
  ])('%j, says why, and points to --help', async (args, message) => {
    const { code, out, err } = await run(...args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/^twig-mock: /);
    expect(err).toContain(message);
    expect(err).toContain('See twig-mock --help.');
    expect(err).not.toContain('    at ');
  });

  it('a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const { code, err } = await run('--port', String(port));
    other.close();
    expect(code).toBe(2);
    expect(err).toContain(`The port ${port} on 127.0.0.1 is taken by another program`);
    expect(err).toContain('Choose another one, or 0 for any that is free (twig-mock --port 0).');
  });
});
