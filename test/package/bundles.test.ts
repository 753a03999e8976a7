/** Bundles of every kind, as a consumer's build makes them: without a polyfill, without a warning. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { BROWSER_ENTRIES, ENTRIES, folder, node, workspace } from './support.ts';

describe('a bundle by esbuild', () => {
  const platforms = ENTRIES.flatMap((entry) => [
    [entry, 'node'] as const,
    // The server of the mock is for Node alone.
    ...(entry.endsWith('/server') ? [] : [[entry, 'browser'] as const]),
  ]);

  it.each(platforms)('of %s for the %s raises no warning', async (entry, platform) => {
    const { warnings } = await build({
      stdin: { contents: `import * as all from '${entry}'; console.log(all);`, resolveDir: workspace },
      bundle: true,
      format: 'esm',
      platform,
      write: false,
      logLevel: 'silent',
    });
    expect(warnings.map(({ text }) => text)).toEqual([]);
  });
});

/** What no build for browsers holds: a chunk to load later, Node, and what a content security policy forbids. */
const FORBIDDEN = ['import(', 'process.', 'process?.', 'getBuiltinModule', 'node:', 'locales', 'new Function'];

describe('a page that uses every entry', () => {
  const page = `import { TwigClient } from '@twig/sdk';
import { Webhooks } from '@twig/sdk/webhooks';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTwigProxy } from '@twig/sdk/proxy';
import { createTwig } from '@twig/sdk/ai-sdk';
globalThis.used = [Webhooks, createTwigProxy, createTwig];
const fetch = async () => new Response('{"id":"a","name":"an agent"}');
const client = new TwigClient({ apiKey: null, baseUrl: 'https://app.test', fetch, rateLimiter: new RateLimiter() });
client.agents.get('a').then(({ name }) => console.log(name));
`;
  /** Writes the bundle to `out`, or fails: each takes a warning for an error. */
  const builds = {
    rollup: `import { rollup } from 'rollup';
import resolve from '@rollup/plugin-node-resolve';
const onwarn = ({ id = '', message }) => {
  // zod itself has circles, and comments that rollup cannot place.
  if (!(id + message).includes('/zod/')) throw new Error(message);
};
const bundle = await rollup({ input: 'main.js', plugins: [resolve({ browser: true })], onwarn });
await bundle.write({ dir: 'out', format: 'es' });`,
    vite: `import { build, createLogger } from 'vite';
const warn = (text) => { throw new Error(text); };
const customLogger = { ...createLogger('warn'), warn, warnOnce: warn, error: warn };
// What else a page gets looks for its document.
await build({ customLogger, build: { outDir: 'out', modulePreload: { polyfill: false } } });`,
    webpack: `import webpack from 'webpack';
const context = import.meta.dirname;
const output = { path: context + '/out' };
const options = { mode: 'production', target: ['web', 'es2022'], context, entry: './main.js', output, performance: false };
webpack(options, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString());
});`,
  };

  describe.each(Object.entries(builds))('is bundled by %s', (bundler, build) => {
    const html = '<script type="module" src="./main.js"></script>';
    const cwd = folder(bundler, {
      'package.json': '{"type":"module"}',
      'main.js': page,
      'index.html': html,
      'build.mjs': build,
    });
    node(cwd, 'build.mjs');
    const files = globSync('**/*.js', { cwd: join(cwd, 'out') });

    it('into one file, without a warning, without Node', () => {
      expect(files).toHaveLength(1);
      const code = readFileSync(join(cwd, 'out', files[0] ?? ''), 'utf8').replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
      expect(code).toContain('createTwigProxy');
      expect(FORBIDDEN.filter((word) => code.includes(word))).toEqual([]);
    });

    // As in a worker. A bundle of several files looks there for where it came from.
    it('and runs where there is no document', () => {
      expect(node(join(cwd, 'out'), files[0] ?? '')).toBe('an agent\n');
    });
  });
});

describe('the build for browsers', () => {
  const bundle = async (entry: string, conditions: string[], format: 'esm' | 'cjs' = 'esm'): Promise<string> => {
    const contents = format === 'esm' ? `export * from '${entry}';` : `module.exports = require('${entry}');`;
    const { outputFiles } = await build({
      stdin: { contents, resolveDir: workspace },
      bundle: true,
      minifySyntax: true,
      format,
      platform: 'neutral',
      mainFields: ['module', 'main'],
      conditions,
      write: false,
      legalComments: 'none',
    });
    return (outputFiles[0]?.text ?? '').replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  };

  it.each(BROWSER_ENTRIES)(
    'of %s loads nothing later and knows no Node, as a module and as CommonJS',
    async (entry) => {
      for (const conditions of [['browser'], ['react-native'], ['worker', 'browser']]) {
        for (const format of ['esm', 'cjs'] as const) {
          const code = await bundle(entry, conditions, format);
          // Jest's jsdom takes CommonJS, and its fetch is Node's, with Node's words for what fails.
          const words = format === 'esm' ? ['NODE_', 'undici'] : [];
          expect([...FORBIDDEN, ...words].filter((word) => code.includes(word))).toEqual([]);
        }
      }
    },
  );

  // They have an environment to read a key from, whatever else they ask for.
  it.each([
    ['Workers', ['workerd', 'worker', 'browser']],
    ['edge functions', ['edge-light', 'worker', 'browser']],
    ['Deno', ['deno', 'browser']],
    ['Bun', ['bun', 'browser']],
  ])('is not what %s get', async (_, conditions) => {
    expect(await bundle('@twig/sdk', conditions)).toContain('process');
  });

  it('is what a resolver finds that knows fields and no exports: of Parcel as it is, of Metro before React Native 0.79', () => {
    const options = "{ exportsFields: [], mainFields: ['browser', 'module', 'main'] }";
    const code = `console.log(require('enhanced-resolve').create.sync(${options})(process.cwd(), '@twig/sdk'))`;
    expect(node(workspace, '-e', code)).toContain(join('dist', 'browser', 'index.cjs'));
  });

  it('has the exports of the other', () => {
    for (const entry of BROWSER_ENTRIES) {
      const names = (flag: string): string =>
        node(workspace, flag, '--input-type=module', '-e', `console.log(Object.keys(await import('${entry}')).join())`);
      expect(names('--conditions=browser')).toBe(names('--no-warnings'));
    }
  });
});
