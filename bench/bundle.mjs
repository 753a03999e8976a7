// What a page has to load: a bundle with all its dependencies, minified, after gzip.

import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { summarise } from './lib/measure.mjs';
import { report } from './lib/report.mjs';

const contents = {
  '@twig/sdk': "export { TwigClient } from '@twig/sdk'",
  '@twig/sdk/webhooks': "export { Webhooks } from '@twig/sdk/webhooks'",
  '@twig/sdk/rate-limiter': "export { RateLimiter } from '@twig/sdk/rate-limiter'",
  ky: "export { default } from 'ky'",
  '@octokit/core': "export { Octokit } from '@octokit/core'",
  octokit: "export { Octokit } from 'octokit'",
  stripe: "export { default } from 'stripe'",
  '@anthropic-ai/sdk': "export { default } from '@anthropic-ai/sdk'",
  openai: "export { default } from 'openai'",
  '@mistralai/mistralai': "export { Mistral } from '@mistralai/mistralai'",
};

const samples = {};
for (const [name, code] of Object.entries(contents)) {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
    legalComments: 'none',
    // Peers import what only their Node side uses.
    external: ['node:*'],
  });
  samples[name] = [gzipSync(outputFiles[0].contents, { level: 9 }).length / 1024];
}
report({ id: 'bundle', title: 'Bundle, minified and gzipped', unit: 'KB' }, summarise(samples));
