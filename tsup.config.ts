import { defineConfig, type Options } from 'tsup';

const shared: Options = {
  entry: {
    index: 'src/index.ts',
    webhooks: 'src/webhooks/index.ts',
    'rate-limiter': 'src/rate-limiter/index.ts',
    proxy: 'src/proxy/index.ts',
    testing: 'src/testing/index.ts',
    'testing/server': 'src/testing/server.ts',
    'testing/cli': 'src/testing/cli.ts',
  },
  outDir: 'dist',
  target: 'es2022',
  platform: 'neutral',
  // One copy of the errors for all entry points, so that a bundle holds them once.
  splitting: true,
  treeshake: false,
  sourcemap: true,
  // `Symbol.asyncDispose` in the types of consumers whose `lib` is older than it.
  dts: { banner: '/// <reference lib="esnext.disposable" />' },
};

/** The door to msw for CommonJS, which has no top-level `await`. */
const requireMsw: NonNullable<Options['esbuildPlugins']>[number] = {
  name: 'require-msw',
  setup: (build) =>
    build.onResolve({ filter: /\/msw\.ts$/ }, ({ resolveDir }) => ({ path: `${resolveDir}/msw-require.ts` })),
};

export default defineConfig([
  { ...shared, format: 'esm', clean: true },
  // The dependencies are ESM only: CommonJS gets them bundled, so that Jest and older tools can load it.
  {
    ...shared,
    format: 'cjs',
    noExternal: ['ky', 'p-retry', 'is-network-error', 'eventsource-parser', /^zod/],
    esbuildPlugins: [requireMsw],
  },
]);
