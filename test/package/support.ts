/** What the consumers' tests share: a folder with files beside the installed package, and programs run in it. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ENTRIES as entries, sourcesOf, specifierOf } from '../../scripts/entries.ts';

/** All entry points, as users import them. */
export const ENTRIES: readonly string[] = Object.keys(entries).map(specifierOf);

/** Those that browsers have a build of. */
export const BROWSER_ENTRIES: readonly string[] = Object.keys(sourcesOf('browser')).map(specifierOf);

/** Where the package and the tools of its consumers are installed. */
export const workspace = inject('workspace');

/** A tool's own file, to be run by Node. */
export const tool = (file: string): string => join(workspace, 'node_modules', file);

export function folder(name: string, files: Record<string, string>): string {
  const path = join(workspace, name);
  mkdirSync(path, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(path, file), text);
  return path;
}

/** Runs Node and gives what it printed. Throws all of it where the program fails. */
export function node(cwd: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`node ${args.join(' ')}\n${stdout}${stderr}`);
  return stdout + stderr;
}
