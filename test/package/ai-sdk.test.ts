/** `@twig/sdk/ai-sdk` beside whichever AI SDK a project has: each major that people use, and none. */

import { spawnSync } from 'node:child_process';
import { describe, expect, inject, it } from 'vitest';
import { folder, node, workspace } from './support.ts';

const tarball = inject('tarball');

describe('npm', () => {
  it.each(['5', '6', '7', undefined])('installs the package beside ai %s', (major) => {
    const dependencies = major ? { ai: `^${major}.0.0` } : {};
    const cwd = folder(`beside-ai-${major}`, { 'package.json': JSON.stringify({ private: true, dependencies }) });
    // The tree is resolved as npm does it before it downloads: there it refuses peers that do not fit.
    const args = ['install', tarball, '--package-lock-only', '--no-audit', '--no-fund', '--loglevel=error'];
    const { stdout, stderr, status } = spawnSync('npm', args, { cwd, encoding: 'utf8' });
    expect(status, stdout + stderr).toBe(0);
    expect(stderr).not.toContain('ERESOLVE');
  });
});

describe('without a package of the AI SDK, and without a key', () => {
  const program = `
    const sent = [];
    globalThis.fetch = async (url) => { sent.push(url); return new Response('{}'); };
    delete process.env.TWIG_API_KEY;
    const { provider, modelId, specificationVersion } = sdk.twig('agent_x');
    for (const name of ['ai', '@ai-sdk/provider']) {
      try { require.resolve(name); sent.push(name); } catch {}
    }
    console.log(JSON.stringify({ provider, modelId, specificationVersion, sent }));`;
  const expected = { provider: 'twig', modelId: 'agent_x', specificationVersion: 'v3', sent: [] };

  it.each([
    [
      'module',
      `import * as sdk from '@twig/sdk/ai-sdk'; import { createRequire } from 'node:module'; const require = createRequire(process.cwd() + '/x.js');`,
    ],
    ['commonjs', "const sdk = require('@twig/sdk/ai-sdk');"],
  ])('a model can be made, and nothing is sent: %s', (type, start) => {
    const printed = node(workspace, `--input-type=${type}`, '-e', start + program);
    expect(JSON.parse(printed)).toEqual(expected);
  });
});
