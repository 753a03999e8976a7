/** Bundles of every kind, as a consumer's build makes them: without a polyfill, without a warning. */

import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { ENTRIES, folder, node, workspace } from './support.ts';

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

describe('a page that uses every entry', () => {
  const page = `import { TwigClient } from '@twig/sdk';
import { Webhooks } from '@twig/sdk/webhooks';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTwigProxy } from '@twig/sdk/proxy';
globalThis.used = [TwigClient, Webhooks, RateLimiter, createTwigProxy];
`;
  /** Prints the code, or fails: each takes a warning for an error. */
  const builds = {
    rollup: `import { rollup } from 'rollup';
import resolve from '@rollup/plugin-node-resolve';
const onwarn = ({ id = '', message }) => {
  // zod itself has circles, and comments that rollup cannot place.
  if (!(id + message).includes('/zod/')) throw new Error(message);
};
const bundle = await rollup({ input: 'main.js', plugins: [resolve({ browser: true })], onwarn });
const { output } = await bundle.generate({ dir: 'out', format: 'es' });
console.log(output.map(({ code }) => code).join(''));`,
    vite: `import { build, createLogger } from 'vite';
const warn = (text) => { throw new Error(text); };
const customLogger = { ...createLogger('warn'), warn, warnOnce: warn, error: warn };
const { output } = await build({ customLogger, build: { write: false } });
console.log(output.map(({ code }) => code ?? '').join(''));`,
    webpack: `import webpack from 'webpack';
import { readFileSync } from 'node:fs';
const context = import.meta.dirname;
const output = { path: context + '/out' };
const options = { mode: 'production', target: ['web', 'es2022'], context, entry: './main.js', output, performance: false };
webpack(options, (error, stats) => {
  if (error || stats.hasErrors() || stats.hasWarnings()) throw error ?? new Error(stats.toString());
  for (const file of Object.keys(stats.compilation.assets)) console.log(readFileSync(output.path + '/' + file, 'utf8'));
});`,
  };

  it.each(Object.entries(builds))('is bundled by %s without a warning, without Node', (bundler, build) => {
    const html = '<script type="module" src="./main.js"></script>';
    const cwd = folder(bundler, { 'main.js': page, 'index.html': html, 'build.mjs': build });
    const code = node(cwd, 'build.mjs').replaceAll(/^\s*(\/\/|\/?\*).*$/gm, '');
    expect(code).toContain('createTwigProxy');
    for (const name of ['locales', 'new Function', 'node:']) expect(code).not.toContain(name);
  });
});
