import { defineConfig } from 'vitest/config';
import { chromiumPath, PLACES } from './chromium.ts';

// The chat page in a real browser, against the built package. Needs `npm run build:js` first, and Chromium.
if (!chromiumPath) console.log(`NOT RUN: the tests in a browser. None of ${PLACES.join(', ')} is installed.`);

export default defineConfig({
  test: {
    include: chromiumPath ? ['test/browser/**/*.test.ts'] : [],
    passWithNoTests: !chromiumPath,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    fileParallelism: false,
  },
});
