// The application of examples/next-chat: installed by its own lockfile, with the package that is under test; built, served.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const here = import.meta.dirname;
const app = join(here, '../../../examples/next-chat');
const next = join(app, 'node_modules/next/dist/bin/next');

/** What Next is started with: nothing that this process knows of Twig or of Next, and what is given. */
const environment = (given) => ({
  ...Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(TWIG_|NODE_(ENV|OPTIONS|TEST)|__NEXT|NEXT_|npm_)/i.test(name)),
  ),
  NEXT_TELEMETRY_DISABLED: '1',
  ...given,
});

/** Runs a program. What it says is shown where it fails. */
function run(file, ...args) {
  try {
    execFileSync(file, args, { cwd: app, env: environment(), encoding: 'utf8', stdio: 'pipe' });
  } catch (error) {
    throw new Error(`${file} ${args.join(' ')}\n${error.stdout}${error.stderr}`);
  }
}

/** Installs and builds, without a key. */
export function build() {
  run('npm', 'ci');
  run('npm', 'install', '--no-save', '--no-package-lock', '--install-links', join(here, 'node_modules/@twig/sdk'));
  run(process.execPath, next, 'build');
}

/** Serves what was built, at the address that it says. */
export async function serve(env) {
  const args = [next, 'start', '--port', '0', '--hostname', '127.0.0.1'];
  const child = spawn(process.execPath, args, { cwd: app, env: environment(env) });
  let said = '';
  for (const output of [child.stdout, child.stderr]) {
    output.on('data', (data) => {
      said += data;
    });
  }
  const close = async () => {
    child.kill();
    await once(child, 'exit');
  };
  for await (const _ of child.stdout) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
    if (!url || !said.includes('Ready')) continue;
    child.stdout.resume();
    return { url, close, said: () => said };
  }
  throw new Error(`next start\n${said}`);
}

export const launch = () => chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });

/** The page, and what a visitor finds on it. */
export async function openChat(browser, url, options) {
  const page = await browser.newPage(options);
  await page.goto(url);
  const answer = page.locator('.answer').last();
  const input = page.getByLabel('Your question');
  const button = (name) => page.getByRole('button', { name, exact: true });
  const ask = async (question) => {
    await input.fill(question);
    await input.press('Enter');
  };
  return { page, answer, input, ask, button };
}
