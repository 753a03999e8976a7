/**
 * Every entry point of the package, once: what it is built from, and whether browsers have a build of their own. A new one
 * is a row here, `npm run entries`, and a path in test/tsconfig.json.
 */

/** By the name in `dist`; `index` is the package itself. */
export const ENTRIES: Readonly<Record<string, { readonly source: string; readonly browser: boolean }>> = {
  index: { source: 'src/index.ts', browser: true },
  webhooks: { source: 'src/webhooks/index.ts', browser: true },
  'rate-limiter': { source: 'src/rate-limiter/index.ts', browser: true },
  proxy: { source: 'src/proxy/index.ts', browser: true },
  'ai-sdk': { source: 'src/ai-sdk/index.ts', browser: true },
  otel: { source: 'src/otel/index.ts', browser: true },
  testing: { source: 'src/testing/index.ts', browser: true },
  redis: { source: 'src/redis/index.ts', browser: false },
  mcp: { source: 'src/mcp/index.ts', browser: false },
  'testing/server': { source: 'src/testing/server.ts', browser: false },
};

/** As users import it. */
export const specifierOf = (name: string): string => (name === 'index' ? '@twig/sdk' : `@twig/sdk/${name}`);

/** The sources by name, of all entries or of those for browsers. */
export const sourcesOf = (entries: 'all' | 'browser'): Record<string, string> =>
  Object.fromEntries(
    Object.entries(ENTRIES)
      .filter(([, { browser }]) => browser || entries === 'all')
      .map(([name, { source }]) => [name, source]),
  );

/** Servers whose bundlers ask for `browser` as well: they have an environment, and get what Node gets. */
const SERVERS = ['workerd', 'edge-light', 'deno', 'bun'];

const always = (conditions: string[], file: string): Record<string, string> =>
  Object.fromEntries(conditions.map((condition) => [condition, file]));

/** The first condition that a consumer's tool knows decides. */
function conditionsOf(name: string, browser: boolean, types: string, extension: string): Record<string, string> {
  const file = `./dist/${name}.${extension}`;
  return {
    types: `./dist/${name}.${types}`,
    ...(browser && {
      ...always(SERVERS, file),
      ...always(['browser', 'react-native'], `./dist/browser/${name}.${extension}`),
    }),
    default: file,
  };
}

/** `exports` of package.json. */
export const exportsOf = (): Record<string, unknown> => ({
  ...Object.fromEntries(
    Object.entries(ENTRIES).map(([name, { browser }]) => [
      specifierOf(name).replace('@twig/sdk', '.'),
      {
        import: conditionsOf(name, browser, 'd.ts', 'js'),
        require: conditionsOf(name, browser, 'd.cts', 'cjs'),
      },
    ]),
  ),
  './package.json': './package.json',
});

/** `typesVersions` of package.json, for TypeScript's `moduleResolution: node`, which does not read `exports`. */
export const typesVersionsOf = (): Record<string, unknown> => ({
  '*': Object.fromEntries(
    Object.keys(ENTRIES)
      .filter((name) => name !== 'index')
      .map((name) => [name, [`./dist/${name}.d.ts`]]),
  ),
});
