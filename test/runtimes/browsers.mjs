// Chromium and Firefox: the scenario in a page under `script-src 'self'`, without one policy violation. The page tells its
// own result, so that no driver is needed.

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TwigClient } from '@twig/sdk';
import { createTwigProxy, toNodeHandler } from '@twig/sdk/proxy';

const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const BROWSERS = {
  Chromium: {
    places: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
    args: (profile, url) => [...FLAGS.split(' '), `--user-data-dir=${profile}`, url],
  },
  Firefox: {
    places: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
    args: (profile, url) => ['--headless', '--no-remote', '--profile', profile, url],
  },
};

async function readAll(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The page, and behind the same origin a proxy and the mock: so no CORS is needed. */
async function site(file, serverUrl, onResult) {
  const client = new TwigClient({ apiKey: 'twigsk_test_x', baseUrl: serverUrl });
  const proxy = toNodeHandler(createTwigProxy({ client, authorize: () => ({ agentIds: ['agent_abc123'] }) }));
  const server = createServer(async (request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.setHeader('content-security-policy', "default-src 'none'; script-src 'self'; connect-src 'self'");
      return response.end('<!doctype html><script type="module" src="/page.js"></script>');
    }
    if (request.url === '/page.js') {
      return response.setHeader('content-type', 'text/javascript').end(readFileSync(file));
    }
    if (request.url.startsWith('/api/twig/')) return proxy(request, response);
    const body = await readAll(request);
    if (request.url === '/result') return response.end(onResult(body.toString()));
    if (!request.url.startsWith('/api/')) return response.writeHead(404).end();
    const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers;
    const answer = await fetch(serverUrl + request.url, {
      method: request.method,
      headers,
      ...(body.length && { body }),
    });
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    try {
      for await (const chunk of answer.body ?? []) response.write(chunk);
    } catch {
      // The page has gone: it does that on purpose.
    }
    response.end();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

/** A cell for each browser. */
export function browsers({ bundle, serverUrl }) {
  const cell = (place, args) => async () => {
    const file = await bundle('page.js', "import './page.mjs';", { conditions: ['browser', 'import'] });
    const profile = mkdtempSync(join(tmpdir(), 'twig-browser-'));
    let tell;
    const result = new Promise((resolve) => {
      tell = resolve;
    });
    const server = await site(file, serverUrl, tell);
    const child = spawn(place, args(profile, `http://127.0.0.1:${server.address().port}/`), {
      stdio: 'ignore',
      detached: true,
    });
    const timer = setTimeout(() => tell('no result within 60 s'), 60_000);
    try {
      return await result;
    } finally {
      clearTimeout(timer);
      process.kill(-child.pid, 'SIGKILL');
      server.close();
      server.closeAllConnections();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  };
  const version = (place) =>
    execFileSync(place, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).match(
      /[\d.]+/,
    )?.[0] ?? '';
  return Object.fromEntries(
    Object.entries(BROWSERS).map(([name, browser]) => {
      const place = browser.places.find((candidate) => existsSync(candidate));
      return place
        ? [`${name} ${version(place)}`, cell(place, browser.args)]
        : [name, async () => `not run: none of ${browser.places.join(', ')} is installed`];
    }),
  );
}
