// Chromium and Firefox: the scenario in a page under `script-src 'self'`, without one policy violation. The page tells its
// own result, so that no driver is needed.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';
const BROWSERS = {
  Chromium: {
    places: ['/usr/bin/chromium', '/usr/bin/chromium-browser'],
    args: (profile, url) => [...FLAGS.split(' '), `--user-data-dir=${profile}`, url],
  },
  Firefox: {
    places: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
    args: (profile, url) => ['--headless', '--no-remote', '--profile', profile, url],
  },
};

const PAGE = `import { createScenario } from './scenario.mjs';
const violations = [];
document.addEventListener('securitypolicyviolation', (event) => violations.push(event.violatedDirective));
const tell = (text) => fetch('/result', { method: 'POST', body: text });
createScenario(location.origin)().then((text) => tell(violations.length ? 'policy: ' + violations.join() : text), (error) => tell(String(error.stack)));`;

async function readAll(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The page, and behind the same origin the mock: so no CORS is needed. */
async function site(file, serverUrl, onResult) {
  const server = createServer(async (request, response) => {
    if (request.url === '/') {
      response.setHeader('content-type', 'text/html');
      response.setHeader('content-security-policy', "default-src 'none'; script-src 'self'; connect-src 'self'");
      return response.end('<!doctype html><script type="module" src="/page.js"></script>');
    }
    if (request.url === '/page.js') {
      return response.setHeader('content-type', 'text/javascript').end(readFileSync(file));
    }
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
  const cell =
    ({ places, args }) =>
    async () => {
      const path = places.find((place) => existsSync(place));
      if (!path) return `not run: none of ${places.join(', ')} is installed`;
      const file = await bundle('page.js', PAGE);
      const profile = mkdtempSync(join(tmpdir(), 'twig-browser-'));
      let tell;
      const result = new Promise((resolve) => {
        tell = resolve;
      });
      const server = await site(file, serverUrl, tell);
      const child = spawn(path, args(profile, `http://127.0.0.1:${server.address().port}/`), {
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
  return Object.fromEntries(Object.entries(BROWSERS).map(([name, browser]) => [name, cell(browser)]));
}
