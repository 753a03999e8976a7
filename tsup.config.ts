import { defineConfig, type Options } from 'tsup';

const entry = {
  index: 'src/index.ts',
  webhooks: 'src/webhooks/index.ts',
  'rate-limiter': 'src/rate-limiter/index.ts',
  proxy: 'src/proxy/index.ts',
  testing: 'src/testing/index.ts',
  'testing/server': 'src/testing/server.ts',
};

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

/** The door to msw for CommonJS, which has no top-level `await`. */
const requireMsw: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'require-msw',
  setup: (build) =>
    build.onResolve({ filter: /\/msw\.ts$/ }, ({ resolveDir }) => ({ path: `${resolveDir}/msw-require.ts` })),
};

/** Jest runs CommonJS in a context without `import()`. */
const requireChunks: NonNullable<Options['plugins']>[number] = {
  name: 'require-chunks',
  renderChunk: (code) => ({
    code: code.replaceAll(/\bimport\(("\.[^"]*")\)/g, 'Promise.resolve().then(() => require($1))'),
  }),
};

export default defineConfig([
  { ...shared, entry: { ...entry, 'testing/cli': 'src/testing/cli.ts' }, format: 'esm', clean: true },
  // The dependencies are ESM only: CommonJS gets them bundled, so that Jest and older tools can load it.
  {
    ...shared,
    entry,
    format: 'cjs',
    noExternal: ['ky', 'p-retry', 'is-network-error', 'eventsource-parser', /^zod/],
    esbuildPlugins: [requireMsw],
    plugins: [requireChunks],
  },
]);
