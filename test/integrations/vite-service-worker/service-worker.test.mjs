// The same calls where nothing may be loaded later: a module service worker, an extension's, and a page after a deploy.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { toNodeHandler } from '@twig/sdk/proxy';
import { startTwigServer } from '@twig/sdk/testing/server';
import { chromium } from 'playwright-core';
import { build } from 'vite';

const here = import.meta.dirname;
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser'];
const executablePath = places.find((place) => existsSync(place));

const EXPECTED = { agents: 2, status: 404, agentId: 'a' };
const TYPES = { '.html': 'text/html', '.js': 'text/javascript' };

function check({ response, streamed, ...rest }) {
  assert.match(response, /refund/);
  assert.equal(streamed, response);
  assert.deepEqual(rest, EXPECTED);
}

/** Serves the built page, and behind the same origin the API. */
async function serve(out, apiUrl) {
  const forward = toNodeHandler(async (request) => {
    const { pathname, search } = new URL(request.url);
    const body = await request.text();
    return fetch(apiUrl + pathname + search, {
      method: request.method,
      headers: { authorization: request.headers.get('authorization'), 'content-type': 'application/json' },
      ...(body && { body }),
    });
  });
  const server = createServer((request, response) => {
    if (request.url.startsWith('/api/')) return forward(request, response);
    const file = join(out, request.url === '/' ? 'index.html' : request.url);
    if (!existsSync(file)) return response.writeHead(404).end();
    response.setHeader('content-type', TYPES[extname(file)] ?? 'text/plain').end(readFileSync(file));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close().closeAllConnections() };
}

if (!executablePath) console.log(`NOT RUN: none of ${places.join(', ')} is installed.`);
else {
  describe('built by Vite', () => {
    const folder = mkdtempSync(join(tmpdir(), 'twig-vite-'));
    const out = join(folder, 'out');
    let api;
    let site;
    let context;
    let page;
    before(async () => {
      await build({ configFile: join(here, 'vite.config.js'), build: { outDir: out, emptyOutDir: true } });
      cpSync(join(here, 'manifest.json'), join(out, 'manifest.json'));
      // What the extension loads stays, whatever is deployed to the site.
      cpSync(out, join(folder, 'extension'), { recursive: true });
      api = await startTwigServer({ rateLimits: false });
      site = await serve(out, api.url);
      const extension = join(folder, 'extension');
      context = await chromium.launchPersistentContext(join(folder, 'profile'), {
        executablePath,
        // Its own headless mode has extensions, playwright's has none.
        headless: false,
        args: [
          '--headless=new',
          '--no-sandbox',
          `--disable-extensions-except=${extension}`,
          `--load-extension=${extension}`,
        ],
        ignoreDefaultArgs: ['--disable-extensions'],
      });
      page = await context.newPage();
      await page.goto(site.url);
    });
    after(async () => {
      await context?.close();
      site?.close();
      await api?.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });

    /** The service worker of an origin, once it runs. */
    const workerOf = async (start) => {
      const find = () => context.serviceWorkers().find((worker) => worker.url().startsWith(start));
      for (let found = find(); ; found = find()) {
        if (found) return found;
        await context.waitForEvent('serviceworker');
      }
    };

    test('works in a module service worker', async () => {
      const worker = await workerOf(site.url);
      check(await worker.evaluate((url) => globalThis.scenario(url), site.url));
    });

    test('works in an extension of Manifest V3', async () => {
      const worker = await workerOf('chrome-extension:');
      check(await worker.evaluate((url) => globalThis.scenario(url), api.url));
    });

    test('works in a page that was open during a deploy', async () => {
      rmSync(out, { recursive: true });
      assert.equal((await fetch(`${site.url}/page.js`)).status, 404);
      check(await page.evaluate((url) => globalThis.scenario(url), site.url));
    });
  });
}
