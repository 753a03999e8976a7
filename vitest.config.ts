import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { ENTRIES, specifierOf } from './scripts/entries.ts';

export default defineConfig({
  resolve: {
    alias: Object.entries(ENTRIES).map(([name, { source }]) => ({
      find: new RegExp(`^${specifierOf(name)}$`),
      replacement: resolve(import.meta.dirname, source),
    })),
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
