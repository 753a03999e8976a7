/** Packs the tarball once and installs it, with the consumers' tools, into one temporary folder. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder in which the package is installed. */
    workspace: string;
    /** The packed tarball. */
    tarball: string;
  }
}

const TOOLS = {
  typescript54: 'npm:typescript@~5.4.0',
  typescript59: 'npm:typescript@~5.9.0',
  typescript60: 'npm:typescript@~6.0.0',
  typescript70: 'npm:typescript@~7.0.0',
  '@types/node': '^24.0.0',
  jest: '^30.0.0',
  'jest-environment-jsdom': '^30.0.0',
  '@swc/core': '^1.0.0',
  '@swc/jest': '^0.2.0',
  vitest: '^5.0.0',
  esbuild: '^0.28.0',
  vite: '^8.0.0',
  webpack: '^5.0.0',
  rollup: '^4.0.0',
  '@rollup/plugin-node-resolve': '^16.0.0',
  msw: '^3.0.0',
  '@opentelemetry/api': '^1.9.0',
  openai: '7.57.0',
  '@anthropic-ai/sdk': '1.12.0',
  '@mistralai/mistralai': '2.7.0',
  stripe: '23.1.0',
};

export default function setup(project: TestProject): () => Promise<void> {
  const workspace = mkdtempSync(join(tmpdir(), 'twig-package-'));
  const packed = execFileSync('npm', ['pack', '--json', '--pack-destination', workspace], { encoding: 'utf8' });
  const tarball = join(workspace, (JSON.parse(packed) as { filename: string }[])[0]?.filename ?? '');
  mkdirSync(join(workspace, 'app'));
  const manifest = { name: 'app', private: true, dependencies: { '@twig/sdk': `file:${tarball}`, ...TOOLS } };
  writeFileSync(join(workspace, 'app', 'package.json'), JSON.stringify(manifest));
  const flags = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];
  execFileSync('npm', flags, { cwd: join(workspace, 'app'), stdio: 'inherit' });
  project.provide('workspace', join(workspace, 'app'));
  project.provide('tarball', tarball);
  return () => rm(workspace, { recursive: true, force: true });
}
