// Packs both packages, installs them where nothing else is, and runs the tests of this folder against what was installed.
// `npm run test:mcp [files]` builds first, and starts this with the project's own Node.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const here = import.meta.dirname;
const env = { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env.PATH };
// What npm tells the script that started this would be taken for settings by the npm that this starts.
for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name];

function npm(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

const folder = mkdtempSync(join(tmpdir(), 'twig-mcp-'));
const pack = (cwd) => join(folder, JSON.parse(npm(cwd, 'pack', '--json', '--pack-destination', folder))[0].filename);
const tarballs = { sdk: pack(join(here, '../../..')), mcp: pack(join(here, '..')) };
const installed = join(folder, 'installed');
mkdirSync(installed);
writeFileSync(join(installed, 'package.json'), '{"private":true}');
npm(installed, 'install', '--no-audit', '--no-fund', tarballs.sdk, tarballs.mcp);
if (!existsSync(join(here, 'node_modules')) || process.env.CI) npm(here, 'ci');

const files = process.argv.slice(2);
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-timeout=120000', '--test-force-exit', ...(files.length ? files : ['*.test.js'])],
  {
    cwd: here,
    env: { ...env, TWIG_MCP_INSTALLED: installed, TWIG_MCP_TARBALLS: JSON.stringify(tarballs) },
    stdio: 'inherit',
    timeout: 170_000,
  },
);
rmSync(folder, { recursive: true, force: true });
process.exit(status ?? 1);
