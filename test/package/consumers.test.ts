/** The tarball as its consumers meet it: loaded both ways, type-checked by every compiler, bundled by every bundler. */

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';

const workspace = inject('workspace');
const run = (command: string, args: string[], cwd = workspace): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const node = (...args: string[]): string => run(process.execPath, args);

/** Runs a command and gives all it printed, whether it failed or not. */
function output(command: string, args: string[], cwd = workspace): string {
  const { stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return stdout + stderr;
}

function folder(name: string, files: Record<string, string>): string {
  const path = join(workspace, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

const ENTRIES = [
  '@twig/sdk',
  '@twig/sdk/webhooks',
  '@twig/sdk/rate-limiter',
  '@twig/sdk/proxy',
  '@twig/sdk/testing',
  '@twig/sdk/testing/server',
];
const USE = `
  const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch: async () => new Response('{"id":"a","name":"n"}') });
  client.agents.get('a').then((agent) => console.log(agent.name, VERSION));`;

describe('loading', () => {
  it('works as an ECMAScript module, every entry', () => {
    const imports = ENTRIES.map((entry) => `await import('${entry}');`).join('\n');
    const cwd = folder('esm', { 'main.mjs': `import { TwigClient, VERSION } from '@twig/sdk';\n${imports}${USE}` });
    expect(run(process.execPath, ['main.mjs'], cwd)).toMatch(/^n \d/);
  });

  it('works as CommonJS, every entry, without loading an ECMAScript module of its dependencies', () => {
    const requires = ENTRIES.slice(0, 4)
      .map((entry) => `require('${entry}');`)
      .join('\n');
    const cwd = folder('cjs', {
      'main.cjs': `const { TwigClient, VERSION } = require('@twig/sdk');\n${requires}${USE}`,
    });
    expect(run(process.execPath, ['--no-experimental-require-module', 'main.cjs'], cwd)).toMatch(/^n \d/);
  });

  it('knows the errors of the other copy: instanceof holds across ECMAScript modules and CommonJS', () => {
    const cwd = folder('both', {
      'main.mjs': `import { createRequire } from 'node:module';
import { TwigConfigError, TwigNotFoundError } from '@twig/sdk';
const other = createRequire(import.meta.url)('@twig/sdk');
try { new other.TwigClient({ apiKey: ' ' }); } catch (error) {
  console.log(error instanceof TwigConfigError, error instanceof TwigNotFoundError, other.TwigConfigError !== TwigConfigError);
}`,
    });
    expect(run(process.execPath, ['main.mjs'], cwd).trim()).toBe('true false true');
  });

  it('has one copy of the errors for all entry points', () => {
    const code = `import { TwigConfigError } from '@twig/sdk'; import * as webhooks from '@twig/sdk/webhooks'; import * as limiter from '@twig/sdk/rate-limiter'; console.log(webhooks.TwigConfigError === TwigConfigError, limiter.TwigConfigError === TwigConfigError)`;
    expect(node('--input-type=module', '-e', code).trim()).toBe('true true');
  });

  it('works in Jest 30, as CommonJS', () => {
    const cwd = folder('jest', {
      'package.json': '{"name":"jest-consumer","private":true}',
      'client.test.js': `const { TwigClient } = require('@twig/sdk');
test('asks', async () => {
  const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch: async () => new Response('{"id":"a","name":"n"}') });
  expect((await client.agents.get('a')).name).toBe('n');
});`,
    });
    expect(
      output(process.execPath, [join(workspace, 'node_modules/jest/bin/jest.js'), '--rootDir', cwd], cwd),
    ).toContain('1 passed');
  });
});

const CONSUMER = `import { TwigClient, TwigRateLimitError, type Agent, type QueryStreamEvent } from '@twig/sdk';
import { createWebhookHandler, Webhooks } from '@twig/sdk/webhooks';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTwigProxy } from '@twig/sdk/proxy';
export const client = new TwigClient({ apiKey: 'k', rateLimiter: new RateLimiter(), timeoutMs: 1000 });
export async function ask(): Promise<string> {
  const answer = await client.query({ agentId: 'a', query: 'q' });
  const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
  let text = answer.response;
  for await (const event of stream) text += textOf(event);
  for await (const agent of client.agents.list()) text += nameOf(agent);
  try { await client.agents.delete('a'); } catch (error) { if (error instanceof TwigRateLimitError) text += String(error.retryAfterMs); }
  return text;
}
const textOf = (event: QueryStreamEvent): string => (event.type === 'delta' ? event.text : '');
const nameOf = (agent: Agent): string => agent.name;
export const webhooks = new Webhooks({ secret: 's' });
export const POST = createWebhookHandler({ secret: 's', fallback: (event) => event.event });
export const proxy = createTwigProxy({ client, authorize: () => ({ agentIds: ['a'] }) });
`;

describe('types', () => {
  const modules = { node16: 'node16', nodenext: 'nodenext', bundler: 'esnext' };
  const libs = { 'no DOM': ['es2022'], DOM: ['es2022', 'dom', 'dom.iterable'] };
  const cases = ['5.4', '5.9', '6.0', '7.0'].flatMap((version) =>
    Object.keys(modules).flatMap((resolution) => Object.keys(libs).map((lib) => [version, resolution, lib] as const)),
  );
  it.each(cases)('check with TypeScript %s, %s, %s', (version, resolution, lib) => {
    const moduleKind = modules[resolution as keyof typeof modules];
    const name = `types-${version}-${resolution}-${lib}`.replaceAll(/[ .]/g, '');
    const cwd = folder(name, {
      'package.json': '{"type":"module"}',
      'main.ts': CONSUMER,
      'common.cts': "import sdk = require('@twig/sdk');\nexport const client = new sdk.TwigClient({ apiKey: 'k' });\n",
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          target: 'es2022',
          lib: libs[lib as keyof typeof libs],
          types: [],
          module: moduleKind,
          moduleResolution: resolution,
          strict: true,
          skipLibCheck: false,
          exactOptionalPropertyTypes: true,
          noEmit: true,
        },
        include: resolution === 'bundler' ? ['main.ts'] : ['main.ts', 'common.cts'],
      }),
    });
    const compiler = join(
      workspace,
      'node_modules',
      `typescript${version.replace('.', '')}`,
      version === '7.0' ? 'bin/tsc' : 'lib/tsc.js',
    );
    expect(output(process.execPath, [compiler, '-p', '.'], cwd)).toBe('');
  });
});

describe('bundles for the browser', () => {
  const source = `import { TwigClient } from '@twig/sdk';\nglobalThis.client = new TwigClient({ apiKey: null, baseUrl: 'https://app.test/api/twig' });\n`;
  const clean = (code: string): void => {
    for (const name of ['locales', 'new Function', 'node:']) expect(code).not.toContain(name);
  };

  it('with esbuild', () => {
    const cwd = folder('esbuild', { 'main.js': source });
    const args = ['main.js', '--bundle', '--minify', '--format=esm', '--platform=browser', '--log-level=warning'];
    const code = output(join(workspace, 'node_modules/.bin/esbuild'), args, cwd);
    expect(code).toContain('TwigError');
    expect(code).not.toContain('warning');
    clean(code);
  });

  it('with rollup', () => {
    const cwd = folder('rollup', {
      'main.js': source,
      'build.mjs': `import { rollup } from 'rollup'; import resolve from '@rollup/plugin-node-resolve';
const bundle = await rollup({ input: 'main.js', plugins: [resolve({ browser: true })], onwarn: ({ id = '', message }) => {
  // zod itself has circles and comments that rollup cannot place; nothing of ours may warn.
  if (!(id + message).includes('/zod/')) throw new Error(message);
} });
const { output } = await bundle.generate({ dir: 'out', format: 'es' });
console.log(output.map(({ code }) => code).join(''));`,
    });
    const code = output(process.execPath, ['build.mjs'], cwd);
    expect(code).toContain('TwigConfigError');
    clean(code.replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, ''));
  });

  it('with Vite', () => {
    const cwd = folder('vite', {
      'main.js': source,
      'index.html': '<script type="module" src="./main.js"></script>',
      'build.mjs': `import { build } from 'vite';
const warnings = [];
const customLogger = { info() {}, warn: (text) => warnings.push(text), warnOnce: (text) => warnings.push(text), error: (text) => warnings.push(text), clearScreen() {}, hasErrorLogged: () => false, hasWarned: false };
const { output } = await build({ customLogger, build: { write: false } });
if (warnings.length) throw new Error(warnings.join());
console.log(output.map(({ code }) => code ?? '').join(''));`,
    });
    const code = output(process.execPath, ['build.mjs'], cwd);
    expect(code).toContain('TwigConfigError');
    clean(code);
  });

  it('with webpack', () => {
    const cwd = folder('webpack', {
      'main.js': source,
      'build.cjs': `const webpack = require('webpack');
webpack({ mode: 'production', target: ['web', 'es2022'], context: __dirname, entry: './main.js', output: { path: __dirname + '/out' }, performance: { hints: false } }, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) { console.log(error ?? stats.toString()); process.exit(1); }
  for (const file of Object.keys(stats.compilation.assets)) console.log(require('node:fs').readFileSync(__dirname + '/out/' + file, 'utf8'));
});`,
    });
    const code = output(process.execPath, ['build.cjs'], cwd);
    expect(code).toContain('TwigConfigError');
    clean(code);
  });
});
