// What an installation leaves on the disk: the package and all that it depends on.

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { summarise } from './lib/measure.mjs';
import { report } from './lib/report.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const manifest = (folder) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

/** The folder of a dependency, as Node finds it: in the nearest `node_modules` above. */
function find(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return realpathSync(candidate);
    if (folder === dirname(folder)) throw new Error(`${name} is not installed`);
  }
}

/** Adds a package's folder and those of its dependencies. */
function collect(folder, folders = new Set()) {
  if (folders.has(folder)) return folders;
  folders.add(folder);
  for (const name of Object.keys(manifest(folder).dependencies ?? {})) collect(find(name, folder), folders);
  return folders;
}

/** Bytes of a package's own files. Ours is a link to the repository: what counts is what would be packed. */
function sizeOf(folder) {
  if (manifest(folder).name === '@twig/sdk') {
    const packed = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: folder,
      stdio: 'pipe',
    });
    return JSON.parse(packed)[0].unpackedSize;
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.slice(folder.length).includes('node_modules'))
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}

const names = [
  '@twig/sdk',
  'ky',
  '@octokit/core',
  'octokit',
  'stripe',
  '@anthropic-ai/sdk',
  'openai',
  '@mistralai/mistralai',
];
const packages = Object.fromEntries(names.map((name) => [name, collect(find(name, here))]));
const samples = Object.fromEntries(
  names.map((name) => [name, [[...packages[name]].reduce((sum, folder) => sum + sizeOf(folder), 0) / 2 ** 20]]),
);
const rows = summarise(samples).map((row) => ({ ...row, packages: packages[row.name].size }));
report({ id: 'install', title: 'Installed, with dependencies', unit: 'MB' }, rows);
