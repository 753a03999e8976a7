// Tries the packed package in the projects beside this file, each with the tools of its kind of user.
// `npm run test:integrations [name…]` builds the package and starts this with the project's own Node. How a project is
// made says README.md.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

const LIMIT_MS = 10 * 60_000;

const here = import.meta.dirname;
const root = join(here, '../..');
const all = readdirSync(here).filter((name) => existsSync(join(here, name, 'package.json')));
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !all.includes(name));
if (unknown.length) {
  console.error(`There is no project ${unknown.join(', ')} in test/integrations. There are: ${all.join(', ')}.`);
  process.exit(2);
}

const env = { ...process.env, PATH: dirname(process.execPath) + delimiter + process.env.PATH };
// What npm tells the script that started this would be taken for settings by the npm that this starts.
for (const name of Object.keys(env)) if (/^npm_/i.test(name)) delete env[name];

/** Runs npm. What it says is shown as it comes, or, where only a failure is of interest, afterwards. */
function npm(cwd, quiet, ...args) {
  const { status, error, stdout, stderr } = spawnSync('npm', args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: quiet ? 'pipe' : 'inherit',
    timeout: LIMIT_MS,
  });
  if (status === 0) return stdout;
  if (quiet) process.stderr.write(`${stdout}${stderr}`);
  throw new Error(`npm ${args.join(' ')}: ${error?.message ?? `exit ${status}`}`);
}

const packed = mkdtempSync(join(tmpdir(), 'twig-packed-'));
const [{ filename }] = JSON.parse(npm(root, true, 'pack', '--json', '--pack-destination', packed));

const results = {};
for (const name of asked.length ? asked : all) {
  const cwd = join(here, name);
  const start = process.uptime();
  console.log(`\n── ${name}`);
  try {
    npm(cwd, true, 'ci');
    npm(cwd, true, 'install', '--no-save', '--no-package-lock', join(packed, filename));
    npm(cwd, false, 'test');
    results[name] = 'passed';
  } catch (error) {
    results[name] = `FAILED: ${error.message}`;
  }
  results[name] += ` (${Math.round(process.uptime() - start)} s)`;
}
rmSync(packed, { recursive: true });

console.log();
for (const [name, result] of Object.entries(results)) console.log(`${name.padEnd(28)} ${result}`);
const failed = Object.values(results).filter((result) => result.startsWith('FAILED')).length;
console.log(`\n${Object.keys(results).length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
