import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { twigBackend } from './backend.ts';

export default defineConfig({
  plugins: [twigBackend()],
  // The page's policy allows images from files only, not from `data:`.
  build: { assetsInlineLimit: 0 },
  // The package itself is two folders up.
  server: { fs: { allow: [fileURLToPath(new URL('../..', import.meta.url))] } },
});
