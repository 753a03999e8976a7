import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const source = (path: string): string => fileURLToPath(new URL(`./src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@twig\/sdk\/testing\/server$/, replacement: source('testing/server.ts') },
      { find: /^@twig\/sdk\/(webhooks|rate-limiter|proxy|testing)$/, replacement: source('$1/index.ts') },
      { find: /^@twig\/sdk$/, replacement: source('index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/no-leaks.ts'],
    exclude: ['test/{browser,integrations,package,runtimes}/**', '**/node_modules/**'],
    restoreMocks: true,
    unstubEnvs: true,
    unstubGlobals: true,
    // A test that hangs fails; one that a busy machine slows down does not.
    testTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'json-summary'],
    },
  },
});
