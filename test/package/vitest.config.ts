import { defineConfig } from 'vitest/config';

// The packed tarball, installed where users install it. Needs `npm run build` first, and the registry.
export default defineConfig({
  test: {
    include: ['test/package/**/*.test.ts'],
    globalSetup: ['test/package/setup.ts'],
    testTimeout: 240_000,
    // What is measured is processor time: a neighbour does not disturb it.
    maxWorkers: 2,
  },
});
