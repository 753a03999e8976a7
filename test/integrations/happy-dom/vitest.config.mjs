import { defineConfig } from 'vitest/config';

const happyDom = (settings) => ({ environment: 'happy-dom', environmentOptions: { happyDOM: { settings } } });

export default defineConfig({
  test: {
    projects: [
      { test: { name: 'happy-dom', include: ['fetch.test.mjs', 'blocked.test.mjs'], environment: 'happy-dom' } },
      {
        test: {
          name: 'happy-dom, set',
          include: ['msw.test.mjs'],
          ...happyDom({ fetch: { disableSameOriginPolicy: true } }),
        },
      },
      { test: { name: 'jsdom', include: ['fetch.test.mjs', 'msw.test.mjs'], environment: 'jsdom' } },
    ],
  },
});
