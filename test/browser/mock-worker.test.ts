/** The mock in a page: MSW's service worker answers for Twig, and nothing leaves the browser. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { launch } from './chromium.ts';

/** No name resolves, so that whatever the worker let through would fail. */
const ALONE = '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1';

async function bundle(): Promise<string> {
  const entryPoints = [fileURLToPath(new URL('mock-page.ts', import.meta.url))];
  const { outputFiles } = await build({ entryPoints, bundle: true, format: 'esm', platform: 'browser', write: false });
  return outputFiles[0]?.text ?? '';
}

const files: Record<string, [type: string, text: string]> = {
  '/': ['text/html', '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>'],
  '/mockServiceWorker.js': [
    'text/javascript',
    readFileSync(fileURLToPath(import.meta.resolve('msw/mockServiceWorker.js')), 'utf8'),
  ],
};
const site = createServer((request, response) => {
  const [type, text] = files[request.url ?? ''] ?? [];
  response.writeHead(type ? 200 : 404, { 'content-type': type ?? 'text/plain' }).end(text);
});

let browser: Browser;
let page: Page;
beforeAll(async () => {
  files['/page.js'] = ['text/javascript', await bundle()];
  await once(site.listen(0, '127.0.0.1'), 'listening');
  browser = await launch(ALONE);
});
beforeEach(async () => {
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(site.address() as AddressInfo).port}/`);
  await page.waitForFunction(() => 'mocked' in globalThis);
  return () => page.close();
});
afterAll(async () => {
  await browser?.close();
  site.close();
});

it('answers a call, and remembers it', async () => {
  const [name, names, sent] = await page.evaluate(async () => {
    const { client, twig } = mocked;
    const { id } = await client.agents.create({ name: 'Made in a page', dataSourceIds: ['ds_1'] });
    const { data } = await client.agents.list();
    return [
      (await client.agents.get(id)).name,
      data.map(({ name }) => name),
      twig.requests.map(({ operation }) => operation),
    ];
  });
  expect(name).toBe('Made in a page');
  expect(names).toEqual(['Support Agent', 'Sales Agent', 'Made in a page']);
  expect(sent).toEqual(['agents.create', 'agents.list', 'agents.get']);
});

it('streams an answer through the worker, each event when the page asks for it', async () => {
  const { first, waiting, text, response, sources } = await page.evaluate(async () => {
    const { client, clock, faults, twig } = mocked;
    twig.faults.next('query', faults.slowStream({ delayMs: 1000 }));
    const stream = await client.query({ agentId: 'agent_abc123', query: 'What is pricing?', stream: true });
    const pieces = stream.textStream[Symbol.asyncIterator]();
    const next = pieces.next();
    while (clock.pending === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await clock.advance(1000);
    const first = (await next).value;
    const waiting = clock.pending;
    const timer = setInterval(() => void clock.advance(1000), 1);
    let text = first ?? '';
    for await (const piece of { [Symbol.asyncIterator]: () => pieces }) text += piece;
    const { response, sources } = await stream.finalResponse();
    clearInterval(timer);
    return { first, waiting, text, response, sources };
  });
  expect(first).toBe('Pricing ');
  expect(waiting).toBeGreaterThan(0);
  expect(text).toMatch(/^Pricing starts at \$99\/month/);
  expect(response).toBe(text);
  expect(sources).toMatchObject([{ documentTitle: 'Pricing Page' }]);
});

it('shows faults as a page sees them', async () => {
  const seen = await page.evaluate(async () => {
    const { client, faults, twig } = mocked;
    const impatient = client.withOptions({ maxRetries: 0 });
    const ask = async (fault: ReturnType<typeof faults.timeout>): Promise<string> => {
      twig.faults.next('query', fault);
      try {
        const stream = await impatient.query({ agentId: 'agent_abc123', query: 'What is pricing?', stream: true });
        return `whole: ${(await stream.finalResponse()).response}`;
      } catch (error) {
        const { name, code, phase } = error as { name: string; code: string; phase?: string };
        return [name, phase ?? code].join(' ');
      }
    };
    return {
      status: await ask(faults.status(503)),
      rateLimit: await ask(faults.rateLimit()),
      htmlError: await ask(faults.htmlError()),
      disconnect: await ask(faults.disconnect()),
      broken: await ask(faults.disconnect({ afterBytes: 50 })),
      truncateStream: await ask(faults.truncateStream()),
      malformedEvent: await ask(faults.malformedEvent()),
      errorEvent: await ask(faults.errorEvent()),
    };
  });
  expect(seen).toEqual({
    status: 'TwigServiceUnavailableError service_unavailable',
    rateLimit: 'TwigRateLimitError rate_limit_exceeded',
    htmlError: 'TwigServerError http_502',
    // A page is not told whether the request had gone out.
    disconnect: 'TwigConnectionError headers',
    broken: 'TwigConnectionError stream',
    truncateStream: 'TwigStreamError truncated',
    malformedEvent: 'TwigStreamError malformed_event',
    errorEvent: 'TwigServerError internal_error',
  });
});

it('signs deliveries there too', async () => {
  const [header, body] = await page.evaluate(async () => {
    const request = await mocked.twig.webhook('agent.updated', { agentId: 'agent_abc123' }, { secret: 'whsec_test' });
    return [request.headers.get('x-twig-signature'), await request.text()];
  });
  expect(header).toMatch(/^sha256=[0-9a-f]{64}$/);
  expect(JSON.parse(body ?? '')).toMatchObject({ event: 'agent.updated', data: { agent_id: 'agent_abc123' } });
});
