import { resolve } from 'node:path';
import { defineConfig, type Options } from 'tsup';
import { sourcesOf } from './scripts/entries.ts';

const entry = sourcesOf('all');
const forBrowsers = sourcesOf('browser');

const shared: Options = {
  outDir: 'dist',
  target: 'es2022',
  platform: 'neutral',
  // One copy of the errors for all entry points, so that a bundle holds them once.
  splitting: true,
  // esbuild imports the chunks of an entry's chunks once more, for what they do: nothing, but bundlers warn of it.
  treeshake: { moduleSideEffects: false },
  sourcemap: true,
  // `Symbol.asyncDispose` in the types of consumers whose `lib` is older than it.
  dts: { entry, banner: '/// <reference lib="esnext.disposable" />' },
};

/** `x.browser.ts` in place of `x.ts`, for what browsers do otherwise or not at all. */
const standIns = (...names: string[]): NonNullable<Options['esbuildPlugins']>[number] => ({
  name: 'stand-ins',
  setup: (build) =>
    build.onResolve({ filter: new RegExp(`/(${names.join('|')})\\.ts$`) }, ({ path, resolveDir }) => ({
      path: resolve(resolveDir, path.replace(/\.ts$/, '.browser.ts')),
    })),
});

/** What an entry exports of its chunks, as values: getters of `exports` could be stubbed by no test tool. */
const asValues = (code: string): string =>
  code.replace(/\bexport \{([^}]*)\}/, (_, list: string) => {
    const names = list.split(',').map((name) => name.trim().split(' as '));
    const values = names.map(([local]) => `$${local} = ${local}`);
    return `const ${values}; export { ${names.map(([local, name = local]) => `$${local} as ${name}`)} }`;
  });

/**
 * What CommonJS needs and tsup does not write. `import()`, which Jest's context has not, becomes `require`: that makes no
 * chunk in any bundler, and Jest's jsdom, which lacks what ky touches when it loads, can load the package. `__esModule`
 * tells what Babel and TypeScript compiled that the exports are named.
 */
const commonJs: NonNullable<Options['plugins']>[number] = {
  name: 'common-js',
  renderChunk: (code, { entryPoint }) => ({
    // On the same line, so that the map still holds.
    code:
      (entryPoint ? "Object.defineProperty(exports, '__esModule', { value: true }); " : '') +
      (entryPoint ? asValues(code) : code).replaceAll(
        /\bimport\(("\.[^"]*")\)/g,
        'Promise.resolve().then(() => require($1))',
      ),
  }),
};

// The dependencies are ESM only: CommonJS gets them bundled, so that Jest and older tools can load it.
const bundled: Options = {
  ...shared,
  format: 'cjs',
  noExternal: ['ky', 'p-retry', 'is-network-error', 'eventsource-parser', /^zod/],
  plugins: [commonJs],
};

// What loads with the first call is one file each: as packages they are 20 and 80, which takes 50 ms to read.
const forNode: Options = { ...shared, noExternal: ['ky', /^zod/] };

/** What has a stand-in in both formats for browsers. */
const standsIn = ['node', 'channel', 'repeat', 'transport', 'watched-fetch'];

const browser: Options = { entry: forBrowsers, outDir: 'dist/browser', dts: false };

export default defineConfig([
  { ...forNode, entry: { ...entry, 'testing/cli': 'src/testing/cli.ts' }, format: 'esm', clean: true },
  { ...bundled, entry },
  {
    ...shared,
    ...browser,
    format: 'esm',
    esbuildPlugins: [standIns(...standsIn, 'load', 'connection-faults')],
  },
  { ...bundled, ...browser, esbuildPlugins: [standIns(...standsIn)] },
]);
