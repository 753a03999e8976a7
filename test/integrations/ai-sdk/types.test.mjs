// The types of the package, in the places where each major of the AI SDK takes a model or a provider.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const here = import.meta.dirname;

/** The packages of each major, by the names of version 7. */
const majors = { 'ai 7': {}, 'ai 6': { ai: 'ai6', '@ai-sdk/provider': 'provider3' } };

for (const [name, packages] of Object.entries(majors)) {
  test(`3. ${name} takes the types`, (t) => {
    const folder = mkdtempSync(join(here, 'types', 'project-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const compilerOptions = {
      target: 'es2022',
      lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
      module: 'nodenext',
      types: [],
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: true,
      noEmit: true,
    };
    const source = readFileSync(join(here, 'types/accepted.ts'), 'utf8');
    writeFileSync(
      join(folder, 'accepted.ts'),
      source.replaceAll(/(?<= from ')[^']+/g, (specifier) => packages[specifier] ?? specifier),
    );
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['accepted.ts'] }));
    const compiler = join(here, 'node_modules/typescript/lib/tsc.js');
    const args = [compiler, '-p', folder, '--pretty', 'false', '--listFiles'];
    const { stdout, status } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    assert.equal(status, 0, stdout);
    // The types of that major, and of no other.
    const looked = ['ai', 'ai6'].filter((name) => stdout.includes(`/ai-sdk/node_modules/${name}/dist/index.d.`));
    assert.deepEqual(looked, [packages.ai ?? 'ai']);
  });
}
