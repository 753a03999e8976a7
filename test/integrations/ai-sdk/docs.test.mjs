// The code in the documentation that imports the AI SDK compiles, each piece as a program of its own.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

const here = import.meta.dirname;
const root = join(here, '../../..');

const snippets = ['README.md', 'docs/ai-sdk.md'].flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/^```(tsx?)\n([\s\S]*?)^```/gm)]
    .filter(([, , code]) => /from '(ai|@ai-sdk\/react)'/.test(code))
    .map(([, extension, code]) => ({ extension, code })),
);

test('the code of the documentation compiles', (t) => {
  assert.ok(snippets.length > 6);
  const folder = mkdtempSync(join(here, 'snippets-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const compilerOptions = {
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable', 'dom.asynciterable'],
    module: 'nodenext',
    jsx: 'react-jsx',
    types: ['node'],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  };
  const files = snippets.map(({ extension, code }, i) => {
    const name = `snippet-${i}.${extension}`;
    writeFileSync(join(folder, name), `${code}\nexport {};\n`);
    return name;
  });
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const compiler = join(here, 'node_modules/typescript/lib/tsc.js');
  const { stdout } = spawnSync(process.execPath, [compiler, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
  assert.equal(stdout, '');
});
