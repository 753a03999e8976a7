// Runs the scenario in every runtime that is installed, against the mock server, and prints a cell for each.
// `npm run test:runtimes` builds the package, installs it beside the runtimes, and starts this with the project's own Node.

import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { browsers } from './browsers.mjs';

const run = promisify(execFile);
const here = import.meta.dirname;
const modules = join(here, 'node_modules');
const bin = (name) => join(modules, name);

const { startTwigServer } = await import('../../dist/testing/server.js');
const server = await startTwigServer({ rateLimits: false });
const folder = mkdtempSync(bin('.cells-'));

/** A program in one file, as a deployment makes it. */
async function bundle(name, contents, options = {}) {
  const outfile = join(folder, name);
  await build({
    stdin: { contents, resolveDir: here },
    bundle: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['import'],
    target: 'es2022',
    outfile,
    logLevel: 'error',
    // The paths of the tests' own tsconfig.json lead to the sources.
    tsconfigRaw: {},
    ...options,
  });
  return outfile;
}

async function freePort() {
  const probe = createServer();
  await new Promise((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

const program = (...more) => `import { createScenario } from './scenario.mjs';
const run = createScenario(${JSON.stringify([server.url, ...more]).slice(1, -1)});`;
const PROGRAM = program();
// Node, Bun and Deno tell how far a connection had come; the others do not.
const TWICE = `${program(await freePort())}
run().then(run).then(console.log);`;
// The package itself is not in these: each runtime loads it in its own way.
const asModule = await bundle('script.mjs', TWICE, { packages: 'external' });
const asCommonJs = await bundle('script.cjs', TWICE, { packages: 'external', format: 'cjs' });

const runs =
  (script, command, ...args) =>
  async () =>
    (await run(command, [...args, script], { timeout: 60_000 })).stdout.trim();

/** workerd: clients in module scope, one with its key in the environment, serving two requests in turn and two at once. */
async function workerd() {
  const worker = await bundle(
    'worker.mjs',
    `${PROGRAM}
import { TwigClient } from '@twig/sdk';
const inEnvironment = new TwigClient({ baseUrl: ${JSON.stringify(server.url)} });
export default { async fetch() {
  try {
    await inEnvironment.agents.list();
    return new Response(await run());
  } catch (error) { return new Response(String(error.stack), { status: 500 }); }
} };`,
    // As wrangler asks.
    { conditions: ['workerd', 'worker', 'browser', 'import'] },
  );
  const port = await freePort();
  const config = join(folder, 'config.capnp');
  writeFileSync(
    config,
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "main", worker = (modules = [ (name = "worker.mjs", esModule = embed "${worker.split('/').at(-1)}") ], compatibilityDate = "2025-05-01", compatibilityFlags = ["nodejs_compat"], bindings = [(name = "TWIG_API_KEY", text = "twigsk_test_x")], globalOutbound = "net")),
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
    'edge.js',
    `${PROGRAM}
addEventListener('fetch', (event) => event.respondWith(run().then((text) => new Response(text), (error) => new Response(String(error.stack), { status: 500 }))));`,
    { format: 'iife', conditions: ['edge-light', 'worker', 'browser', 'import'] },
  );
  const runtime = new EdgeRuntime({ initialCode: readFileSync(code, 'utf8') });
  const text = await (await runtime.dispatchFetch('https://edge.test/')).text();
  if (text !== 'ok') throw new Error(text);
  return text;
}

/** The version that npm installed, for the names of the cells. */
const version = (name) => JSON.parse(readFileSync(bin(`${name}/package.json`), 'utf8')).version;

const cells = {};
for (const name of ['node22', 'node24', 'node26']) {
  cells[`Node ${version(name)}`] = runs(asModule, bin(`${name}/bin/node`));
  // Without `require` of ECMAScript modules, as older tools have it.
  cells[`Node ${version(name)}, CommonJS`] = runs(
    asCommonJs,
    bin(`${name}/bin/node`),
    '--no-experimental-require-module',
  );
}
cells[`Bun ${version('bun')}`] = runs(asModule, bin('.bin/bun'), 'run');
cells[`Deno ${version('deno')}`] = runs(
  asModule,
  bin('.bin/deno'),
  'run',
  '--allow-net',
  '--allow-env',
  '--allow-read',
);
cells[`workerd ${version('workerd')}`] = workerd;
cells[`Vercel edge-runtime ${version('edge-runtime')}`] = edge;
Object.assign(cells, browsers({ bundle, serverUrl: server.url }));

const count = { ok: 0, failed: 0, 'not run': 0 };
for (const [name, cell] of Object.entries(cells)) {
  const result = await cell().catch((error) => String(error.stderr || error.stack || error).slice(0, 600));
  const kind = /^(ok$|not run)/.exec(result)?.[1] ?? 'failed';
  count[kind]++;
  console.log(`${name.padEnd(28)} ${kind === 'failed' ? `FAILED: ${result}` : result}`);
}
console.log(`\n${count.ok} passed, ${count.failed} failed, ${count['not run']} not run`);
await server.close();
rmSync(folder, { recursive: true, force: true });
process.exit(count.failed ? 1 : 0);
