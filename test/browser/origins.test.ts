/** Pages of other origins in a real browser: to http beyond loopback, where it tells nothing but `Origin`, and to loopback. */

import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TwigClient } from '@twig/sdk';
import { createTwigProxy, type TwigProxyOptions, toNodeHandler } from '@twig/sdk/proxy';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launch } from './chromium.ts';

const QUESTION = '{"agent_id":"agent_1","query":"Is it?","more":"';
const answer = { response: 'Yes.', sources: [], metadata: { interaction_id: 'int_1', latency_ms: 1 } };
const client = new TwigClient({
  apiKey: 'twigsk_test_1',
  maxRetries: 0,
  fetch: async () => Response.json(answer),
});

let browser: Browser;
let page: Page;
const open: (() => unknown)[] = [];
beforeAll(async () => {
  browser = await launch('--host-resolver-rules=MAP app.test 127.0.0.1,MAP evil.test 127.0.0.1');
});
afterAll(() => browser?.close());
beforeEach(async () => {
  const context = await browser.newContext();
  open.push(() => context.close());
  page = await context.newPage();
});
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

/** An app whose pages log their visitors in, with the proxy beside them. What it was asked, and what it answered. */
async function startApp(options: Partial<TwigProxyOptions> = {}) {
  const asked: { status: number; headers: IncomingHttpHeaders }[] = [];
  let authorized = 0;
  const authorize = (): { agentIds: string[] } => {
    authorized++;
    return { agentIds: ['agent_1'] };
  };
  const proxy = toNodeHandler(createTwigProxy({ client, authorize, ...options }));
  const port = await listen((request, response) => {
    if (request.url !== '/api/v1/query') {
      response.writeHead(200, { 'content-type': 'text/html', 'set-cookie': 'session=1' });
      return response.end('<!doctype html><title>app</title>');
    }
    response.on('close', () => {
      if (request.method === 'POST') asked.push({ status: response.statusCode, headers: request.headers });
    });
    return proxy(request, response);
  });
  return {
    port,
    authorized: () => authorized,
    /** The last question, as soon as it is answered. */
    async last() {
      await expect.poll(() => asked.length).toBe(1);
      return asked[0] as (typeof asked)[number];
    },
  };
}

const startSite = (): Promise<number> =>
  listen((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>site</title>');
  });

/** What a page can send without asking first: with cookies, as plain text. */
const sendSimple = (to: string): Promise<void> =>
  page.evaluate(
    ([url, body]) =>
      fetch(url as string, { method: 'POST', mode: 'no-cors', credentials: 'include', body: body as string }).then(
        () => {},
      ),
    [to, `${QUESTION}"}`],
  );

const forbidden = { status: 403 };

describe('to http beyond loopback', () => {
  it('the page of the app itself asks, and the browser tells its Origin alone', async () => {
    const app = await startApp();
    await page.goto(`http://app.test:${app.port}/`);
    await sendSimple('/api/v1/query');
    const { status, headers } = await app.last();
    expect(status).toBe(200);
    expect(headers).toMatchObject({ origin: `http://app.test:${app.port}`, cookie: 'session=1' });
    expect(headers).not.toHaveProperty('sec-fetch-site');
  });

  it('a page of another host is refused', async () => {
    const app = await startApp();
    const port = await startSite();
    await page.goto(`http://evil.test:${port}/`);
    await sendSimple(`http://app.test:${app.port}/api/v1/query`);
    const { headers, ...rest } = await app.last();
    expect(rest).toEqual(forbidden);
    expect(headers.origin).toBe(`http://evil.test:${port}`);
    expect(headers).not.toHaveProperty('sec-fetch-site');
    expect(app.authorized()).toBe(0);
  });

  it('a form of another host is refused, although the cookie of the visitor comes with it', async () => {
    const app = await startApp();
    await page.goto(`http://app.test:${app.port}/`);
    await page.goto(`http://evil.test:${await startSite()}/`);
    await page.evaluate(
      ([action, name]) => {
        const form = document.createElement('form');
        Object.assign(form, { method: 'POST', action, enctype: 'text/plain' });
        form.append(Object.assign(document.createElement('input'), { name, value: '"}' }));
        document.body.append(form);
        form.submit();
      },
      [`http://app.test:${app.port}/api/v1/query`, QUESTION] as const,
    );
    const { headers, ...rest } = await app.last();
    expect(rest).toEqual(forbidden);
    expect(headers).toMatchObject({ cookie: 'session=1', 'content-type': 'text/plain' });
    expect(app.authorized()).toBe(0);
  });

  it('a page of another port of the same host is refused, although it is of the same site', async () => {
    const app = await startApp();
    await page.goto(`http://app.test:${app.port}/`);
    await page.goto(`http://app.test:${await startSite()}/`);
    await sendSimple(`http://app.test:${app.port}/api/v1/query`);
    const { headers, ...rest } = await app.last();
    expect(rest).toEqual(forbidden);
    expect(headers.cookie).toBe('session=1');
    expect(app.authorized()).toBe(0);
  });

  it('a sandbox in the page of the app, which has no origin, is refused', async () => {
    const app = await startApp();
    await page.goto(`http://app.test:${app.port}/`);
    await page.evaluate(
      ([url, body]) => {
        const send = `fetch(${JSON.stringify(url)}, { method: 'POST', mode: 'no-cors', body: ${JSON.stringify(body)} })`;
        const frame = document.createElement('iframe');
        frame.setAttribute('sandbox', 'allow-scripts');
        frame.srcdoc = `<script>${send}</script>`;
        document.body.append(frame);
      },
      [`http://app.test:${app.port}/api/v1/query`, `${QUESTION}"}`] as const,
    );
    const { headers, ...rest } = await app.last();
    expect(rest).toEqual(forbidden);
    expect(headers.origin).toBe('null');
    expect(app.authorized()).toBe(0);
  });

  it('a page of another host that was let in asks, and reads the answer', async () => {
    const port = await startSite();
    const app = await startApp({ cors: { origins: [`http://evil.test:${port}`] } });
    await page.goto(`http://evil.test:${port}/`);
    const text = await page.evaluate(
      ([url, body]) => {
        const headers = { 'content-type': 'application/json' };
        return fetch(url, { method: 'POST', headers, body }).then((response) => response.text());
      },
      [`http://app.test:${app.port}/api/v1/query`, `${QUESTION}"}`] as const,
    );
    expect(JSON.parse(text)).toMatchObject({ response: 'Yes.' });
    expect((await app.last()).status).toBe(200);
  });
});

describe('to loopback, where the browser tells more', () => {
  it('the page of the app itself asks', async () => {
    const app = await startApp();
    await page.goto(`http://localhost:${app.port}/`);
    await sendSimple('/api/v1/query');
    const { status, headers } = await app.last();
    expect([status, headers['sec-fetch-site']]).toEqual([200, 'same-origin']);
  });

  it('a page of another port is refused', async () => {
    const app = await startApp();
    await page.goto(`http://localhost:${await startSite()}/`);
    await sendSimple(`http://localhost:${app.port}/api/v1/query`);
    const { status, headers } = await app.last();
    expect([status, headers['sec-fetch-site']]).toEqual([403, 'same-site']);
    expect(app.authorized()).toBe(0);
  });
});
