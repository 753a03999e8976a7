/** msw is an optional peer: where it is missing, the import says what to install. */

import { execFile, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';

const REMEDY =
  '@twig/sdk/testing needs msw, which is not installed. Install it beside @twig/sdk: npm install --save-dev msw@3\n';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A copy of the sources, where no `node_modules` is above them. */
function copy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'twig-no-msw-'));
  folders.push(folder);
  cpSync(fileURLToPath(new URL('../../src', import.meta.url)), join(folder, 'src'), { recursive: true });
  return folder;
}
const folder = copy();

/** What importing an entry says. */
async function complaint(folder: string, entry: string): Promise<string> {
  const url = pathToFileURL(join(folder, 'src/testing', entry)).href;
  const script = `import(${JSON.stringify(url)}).catch(({ message, hint }) => console.log(message, hint))`;
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
  return stdout;
}

describe('without msw', () => {
  it.each(['index.ts', 'server.ts'])('importing %s says what to install', async (entry) => {
    expect(await complaint(folder, entry)).toBe(REMEDY);
  });

  it('requiring the CommonJS build says the same', async () => {
    const outfile = join(folder, 'msw.cjs');
    const entry = join(folder, 'src/testing/msw-require.ts');
    await build({ entryPoints: [entry], outfile, bundle: true, format: 'cjs', platform: 'node', external: ['msw'] });
    const script = `try { require(${JSON.stringify(outfile)}) } catch ({ message, hint }) { console.log(message, hint) }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    expect(stdout).toBe(REMEDY);
  });

  it('the command says the same, without a stack, and still explains itself', () => {
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [join(folder, 'src/testing/cli.ts'), ...args], { encoding: 'utf8' });
    const { status, stderr } = run('--port', '0');
    expect(status).toBe(2);
    expect(stderr).toBe(`twig-mock: ${REMEDY.replace('. ', '.\n')}See twig-mock --help.\n`);
    expect(run('--help').stdout).toContain('--port');
  });
});

describe('an msw that fails by itself', () => {
  it.each([
    ['it is broken', 'throw new SyntaxError("Unexpected token");', 'Unexpected token'],
    ['it lacks a part of its own', 'import "rettime";', "Cannot find package 'rettime'"],
  ])('is told as it is when %s', async (_, code, message) => {
    const folder = copy();
    mkdirSync(join(folder, 'node_modules/msw'), { recursive: true });
    writeFileSync(join(folder, 'node_modules/msw/package.json'), '{"type":"module","exports":"./index.js"}');
    writeFileSync(join(folder, 'node_modules/msw/index.js'), code);
    const said = await complaint(folder, 'index.ts');
    expect(said).toContain(message);
    expect(said).not.toContain('npm install');
  });
});
