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
    // These tell a hang from an end, on a machine that is many times as busy: nothing takes more than seconds.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 170_000 } },
    coverage: {
      provider: 'v8',
      include: ['src/**/*.ts'],
      reporter: ['text', 'json-summary'],
    },
  },
});
