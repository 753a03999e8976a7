// A page with the mock, built by the Vites that people have, with their default targets, and served by them to Chromium.

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';

const root = import.meta.dirname;

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
after(() => browser.close());

for (const name of ['vite6', 'vite7', 'vite8']) {
  test(`${name} builds the page`, async (t) => {
    const vite = await import(name);
    const outDir = mkdtempSync(join(tmpdir(), `twig-${name}-`));
    t.after(() => rmSync(outDir, { recursive: true }));
    await vite.build({ root, logLevel: 'error', build: { outDir, emptyOutDir: true } });
    const [script] = readdirSync(join(outDir, 'assets')).filter((file) => file.endsWith('.js'));
    assert.match(readFileSync(join(outDir, 'assets', script), 'utf8'), /Refund Policy/);
  });

  test(`${name} serves the page, and both doors of the mock are open in it`, async (t) => {
    const vite = await import(name);
    const cacheDir = mkdtempSync(join(tmpdir(), `twig-${name}-`));
    const server = await vite.createServer({
      root,
      cacheDir,
      publicDir: 'node_modules/msw/lib', // Where the worker's script is.
      logLevel: 'error',
      server: { port: 0, host: '127.0.0.1' },
    });
    t.after(async () => {
      await server.close();
      rmSync(cacheDir, { recursive: true });
    });
    await server.listen();
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.httpServer.address().port}/`);
    await page.waitForFunction(() => globalThis.seen?.length === 2);
    assert.deepEqual(await page.evaluate(() => globalThis.seen), ['fetch: 2', 'worker: 2']);
  });
}
