import { defineConfig } from 'vitest/config';
import { chromiumPath, PLACES } from './chromium.ts';

// What only a real browser shows: the chat page, against the built package, and the mock behind MSW's worker. Needs
// `npm run build:js` first, and Chromium.
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
