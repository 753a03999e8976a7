// What the tests share: the installed packages, the mock, and the official clients of both majors.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { StdioClientTransport as StdioV2 } from '@modelcontextprotocol/client/stdio';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as StdioV1 } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as HttpV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export const installed = process.env.TWIG_MCP_INSTALLED;
if (!installed) throw new Error('These tests are started by run.js.');
export const tarballs = JSON.parse(process.env.TWIG_MCP_TARBALLS);

/** A module of the installed packages. */
const load = (file) => import(pathToFileURL(join(installed, 'node_modules/@twig', file)));

export const { createTwigMcpHandler } = await load('mcp/dist/index.js');
export const { TwigClient } = await load('sdk/dist/index.js');
export const { RateLimiter } = await load('sdk/dist/rate-limiter.js');
export const { createTestClock, createTwigMock, faults } = await load('sdk/dist/testing.js');
export const { startTwigServer } = await load('sdk/dist/testing/server.js');
export const { toNodeHandler } = await load('sdk/dist/webhooks.js');

export const KEY = 'twigsk_test_8c1f5e2b9d';
export const CLI = join(installed, 'node_modules/@twig/mcp/dist/cli.js');
export const ASK = { agentId: 'agent_abc123', question: 'What is your refund policy?' };

/** What a client passes on of the environment, and what the test adds. */
export const envOf = (mock, more = {}) => ({
  PATH: process.env.PATH,
  TWIG_API_KEY: KEY,
  TWIG_BASE_URL: mock?.url ?? '',
  ...more,
});

const INFO = { name: 'test', version: '1' };

/** The clients: of both majors, and the newer one in both eras of the protocol. */
export const CLIENTS = {
  'v2, era 2026': {
    make: () => new ClientV2(INFO, { versionNegotiation: { mode: { pin: '2026-07-28' } } }),
    Stdio: StdioV2,
    Http: HttpV2,
  },
  'v2, era 2025': { make: () => new ClientV2(INFO), Stdio: StdioV2, Http: HttpV2 },
  v1: { make: () => new ClientV1(INFO), Stdio: StdioV1, Http: HttpV1 },
};

/** A client connected over stdio to the installed command. */
export async function overStdio(t, name, { mock, args = [], env, execArgv = [] }) {
  const { make, Stdio } = CLIENTS[name];
  const client = make();
  const transport = new Stdio({
    command: process.execPath,
    args: [...execArgv, CLI, ...args],
    env: envOf(mock, env),
    stderr: 'ignore',
  });
  await client.connect(transport);
  t.after(() => client.close());
  return client;
}

/** A client connected to an address, or to a handler in the place of `fetch`. */
export async function overHttp(t, name, url, { headers = {}, fetch } = {}) {
  const { make, Http } = CLIENTS[name];
  const client = make();
  await client.connect(new Http(new URL(url), { requestInit: { headers }, ...(fetch && { fetch }) }));
  t.after(() => client.close());
  return client;
}

/** A handler behind a server of Node, on a free port. */
export async function serve(t, handler) {
  const server = createServer(toNodeHandler(handler));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close().closeAllConnections());
  return `http://127.0.0.1:${server.address().port}/mcp`;
}

/** A mock behind a port. */
export async function startMock(t, options) {
  const mock = await startTwigServer(options);
  t.after(() => mock.close());
  return mock;
}

/** An API that begins an answer and never ends it: tells of the question, and of its connection's end. */
export async function startHangingApi(t) {
  const { promise: asked, resolve } = Promise.withResolvers();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('event: delta\ndata: {"delta":"Yes, "}\n\n');
    resolve({ closed: once(response, 'close') });
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  t.after(() => server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${server.address().port}`, asked };
}

/** `twig-mcp --http`, and what it printed to configure. */
export async function startHttp(t, { mock, args = [], env }) {
  const child = spawn(process.execPath, [CLI, '--http', '--port', '0', ...args], {
    env: envOf(mock, env),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  t.after(() => child.kill());
  let printed = '';
  for await (const chunk of child.stdout) {
    printed += chunk;
    if (printed.endsWith('}\n')) break;
  }
  return JSON.parse(printed).mcpServers.twig;
}

/** Runs the command to its end, with `input` on its stdin, and gives all that it said. */
export async function run(args, { env = {}, input, execArgv = [] } = {}) {
  const child = spawn(process.execPath, [...execArgv, CLI, ...args], { env: { PATH: process.env.PATH, ...env } });
  const ended = once(child, 'close');
  const [stdout, stderr] = [text(child.stdout), text(child.stderr)];
  if (input !== undefined) child.stdin.end(input);
  const [code] = await ended;
  return { code, stdout: await stdout, stderr: await stderr };
}

export const textOf = ({ content }) => content.map(({ text }) => text).join('\n');
