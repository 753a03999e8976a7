// Runs the scenario in every runtime that is installed, against the mock server, and prints a cell for each.
// `npm run test:runtimes` builds the package, installs the runtimes and starts this with the project's own Node.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';

const run = promisify(execFile);
const here = import.meta.dirname;
const { startTwigServer } = await import('../../dist/testing/server.js');
const server = await startTwigServer({ rateLimits: false });
const folder = mkdtempSync(join(tmpdir(), 'twig-runtimes-'));
const bin = (name) => join(here, 'node_modules', name);

/** The scenario with the package in one file, as a deployment makes it. */
async function bundle(name, contents) {
  const outfile = join(folder, name);
  const alias = {
    '@twig/sdk': join(here, '../../dist/index.js'),
    '@twig/sdk/webhooks': join(here, '../../dist/webhooks.js'),
    '@twig/sdk/rate-limiter': join(here, '../../dist/rate-limiter.js'),
  };
  const format = name.endsWith('.iife.js') ? 'iife' : 'esm';
  await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    format,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    target: 'es2022',
    outfile,
    alias,
    logLevel: 'error',
  });
  return outfile;
}

const script = await bundle(
  'script.mjs',
  `import { createScenario } from './scenario.mjs';
const run = createScenario(${JSON.stringify(server.url)});
await run();
console.log(await run());`,
);
const process_ =
  (command, ...args) =>
  async () =>
    (await run(command, [...args, script], { timeout: 60_000 })).stdout.trim();

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

/** workerd: one client in module scope, serving two requests after one another and two at once. */
async function workerd() {
  const worker = await bundle(
    'worker.mjs',
    `import { createScenario } from './scenario.mjs';
const run = createScenario(${JSON.stringify(server.url)});
export default { async fetch() { try { return new Response(await run()); } catch (error) { return new Response(String(error.stack), { status: 500 }); } } };`,
  );
  const port = await freePort();
  const config = join(folder, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = (modules = [ (name = "worker.mjs", esModule = embed "${worker.split('/').at(-1)}") ], compatibilityDate = "2024-11-01", globalOutbound = "net")),
    (name = "net", network = (allow = ["private", "local", "public"])) ],
  sockets = [ (name = "http", address = "127.0.0.1:${port}", http = (), service = "main") ]
);`,
  );
  const child = spawn(bin('.bin/workerd'), ['serve', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (data) => (log += data));
  try {
    const ask = async () => {
      const response = await fetch(`http://127.0.0.1:${port}`);
      const text = await response.text();
      if (text !== 'ok') throw new Error(text || log);
      return text;
    };
    for (let i = 0; ; i++) {
      try {
        await ask();
        break;
      } catch (error) {
        if (i > 50 || !/fetch failed/.test(error.message)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
    await ask();
    await Promise.all([ask(), ask()]);
    return await ask();
  } finally {
    child.kill();
  }
}

async function edge() {
  const { EdgeRuntime } = await import('edge-runtime');
  const code = await bundle(
    'edge.iife.js',
    `import { createScenario } from './scenario.mjs';
const run = createScenario(${JSON.stringify(server.url)});
addEventListener('fetch', (event) => event.respondWith(run().then((text) => new Response(text), (error) => new Response(String(error.stack), { status: 500 }))));`,
  );
  const { readFileSync } = await import('node:fs');
  const runtime = new EdgeRuntime({ initialCode: readFileSync(code, 'utf8') });
  const text = await (await runtime.dispatchFetch('https://edge.test/')).text();
  if (text !== 'ok') throw new Error(text);
  return text;
}

const cells = {
  'Node 22.12': process_(bin('node22/bin/node')),
  'Node 24': process_(bin('node24/bin/node')),
  'Node 26': process_(bin('node26/bin/node')),
  Bun: process_(bin('.bin/bun'), 'run'),
  Deno: process_(bin('.bin/deno'), 'run', '--allow-net', '--allow-env'),
  workerd,
  'Vercel edge runtime': edge,
};
const { browsers } = await import('./browsers.mjs');
Object.assign(cells, browsers({ bundle, serverUrl: server.url }));

const table = {};
let failed = 0;
let passed = 0;
for (const [name, cell] of Object.entries(cells)) {
  try {
    const result = await cell();
    if (result.startsWith('not run')) table[name] = result;
    else if (result === 'ok') table[name] = 'ok';
    else throw new Error(result);
    if (result === 'ok') passed++;
  } catch (error) {
    failed++;
    table[name] = `FAILED: ${String(error.stderr || error.stack || error).slice(0, 600)}`;
  }
}
for (const [name, result] of Object.entries(table)) console.log(`${name.padEnd(22)} ${result}`);
console.log(`\n${passed} passed, ${failed} failed`);
await server.close();
rmSync(folder, { recursive: true, force: true });
process.exit(failed ? 1 : 0);
