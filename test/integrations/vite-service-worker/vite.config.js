import { join } from 'node:path';

const root = import.meta.dirname;

export default {
  root,
  logLevel: 'warn',
  build: {
    rollupOptions: {
      input: { page: join(root, 'index.html'), 'service-worker': join(root, 'service-worker.js') },
      // A service worker keeps its name from one deploy to the next.
      output: { entryFileNames: '[name].js' },
    },
  },
};
