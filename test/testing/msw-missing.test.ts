/** msw is an optional peer: where it is missing, the import says what to install. */

import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { afterAll, describe, expect, it } from 'vitest';
import { withoutMsw } from '../../src/testing/msw-missing.ts';

const REMEDY =
  '@twig/sdk/testing needs msw, which is not installed. Install it beside @twig/sdk: npm install --save-dev msw@3\n';

/** The sources where no node_modules is above them. */
const folder = mkdtempSync(join(tmpdir(), 'twig-no-msw-'));
cpSync(fileURLToPath(new URL('../../src', import.meta.url)), join(folder, 'src'), { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

describe('without msw', () => {
  it.each(['index.ts', 'server.ts'])('importing %s says what to install', async (entry) => {
    const url = pathToFileURL(join(folder, 'src/testing', entry)).href;
    const script = `import(${JSON.stringify(url)}).catch(({ message, hint }) => console.log(message, hint))`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    expect(stdout).toBe(REMEDY);
  });

  it('requiring the CommonJS build says the same', async () => {
    const outfile = join(folder, 'msw.cjs');
    const entry = join(folder, 'src/testing/msw-require.ts');
    await build({ entryPoints: [entry], outfile, bundle: true, format: 'cjs', platform: 'node', external: ['msw'] });
    const script = `try { require(${JSON.stringify(outfile)}) } catch ({ message, hint }) { console.log(message, hint) }`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', script]);
    expect(stdout).toBe(REMEDY);
  });

  it('any other failure of msw is told as it is', () => {
    const broken = new SyntaxError('Unexpected token');
    const itsOwn = Object.assign(new Error("Cannot find package 'rettime'"), { code: 'ERR_MODULE_NOT_FOUND' });
    for (const error of [broken, itsOwn]) expect(() => withoutMsw(error)).toThrow(error);
  });
});
