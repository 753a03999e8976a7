/** The proxy on real sockets, in front of a real server: pages that leave, pages that are slow, and the frameworks. */

import { once } from 'node:events';
import { createServer, request, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { TwigClient } from '@twig/sdk';
import { createTwigProxy, type FetchHandler, toNodeHandler } from '@twig/sdk/proxy';
import express from 'express';
import { Hono } from 'hono';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, beginStream, type FaultServer, httpServer, sendJson } from '../sockets/fault-server.ts';
import { answer, delta, done } from '../sockets/support.ts';
import { settled, turn, until } from '../support/turns.ts';

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

async function listen(server: Server): Promise<string> {
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An API that answers as told, and a proxy in front of it. */
async function behind(respond: Answer): Promise<{ api: FaultServer; proxy: FetchHandler }> {
  const api = await httpServer(respond);
  cleanups.push(() => api[Symbol.asyncDispose]());
  return { api, proxy: createTwigProxy({ client: api.client(), authorize: () => ({ agentIds: ['agent_1'] }) }) };
}

const onNode = (handler: FetchHandler): Promise<string> => listen(createServer(toNodeHandler(handler)));
const pageOf = (url: string): TwigClient =>
  new TwigClient({ apiKey: null, baseUrl: `${url}/api/twig`, logLevel: 'off', maxRetries: 0 });
const question = { agentId: 'agent_1', query: 'Is it?', stream: true } as const;
const path = '/api/twig/api/v1/query';
const body = JSON.stringify({ agent_id: 'agent_1', query: 'Is it?', stream: true });

describe('a page that leaves', () => {
  it.each(['an answer that streams', 'before the first word', 'before the API has answered'])(
    'closes the upstream socket: %s',
    async (moment) => {
      const { api, proxy } = await behind((response) => {
        if (moment === 'before the API has answered') return;
        beginStream(response, moment === 'an answer that streams' ? delta('Yes') : '');
      });
      const url = await onNode(proxy);
      const leaving = new AbortController();
      const asking = fetch(url + path, { method: 'POST', body, signal: leaving.signal });
      if (moment === 'an answer that streams') await (await asking).body?.getReader().read();
      else await api.arrived(1);
      leaving.abort();
      await asking.catch(() => {});
      await api.arrivals[0]?.closed;
    },
  );

  it('before the answer of a handler that ignores it: the body is given up all the same', async () => {
    let isCalled = false;
    let isCancelled = false;
    const leaving = new AbortController();
    const url = await onNode(async (request) => {
      isCalled = true;
      await once((request as Request).signal, 'abort');
      await turn();
      return new Response(
        new ReadableStream({
          cancel: () => {
            isCancelled = true;
          },
        }),
      );
    });
    const asking = fetch(url, { signal: leaving.signal });
    await until(() => isCalled);
    leaving.abort();
    await asking.catch(() => {});
    await until(() => isCancelled);
  });
});

it('a page that reads slowly bounds what the API can write', async () => {
  let written = 0;
  const piece = delta('x'.repeat(64 * 1024));
  const { proxy } = await behind((response) => {
    beginStream(response);
    const more = (): void => {
      while (written < 200 * 2 ** 20) {
        written += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
    };
    more();
  });
  const response = await fetch((await onNode(proxy)) + path, { method: 'POST', body });
  const reader = response.body?.getReader();
  await reader?.read();
  // What four ends and the kernels between them hold; the page has asked for one chunk.
  expect(await settled(() => written)).toBeLessThan(32 * 2 ** 20);
  await reader?.cancel();
});

it('sends the API its own Host and none of the headers between page and proxy', async () => {
  const { api, proxy } = await behind((response) => sendJson(response, answer()));
  const url = new URL(path, await onNode(proxy));
  const headers = {
    host: 'evil.test',
    authorization: 'Bearer mine',
    'idempotency-key': 'mine',
    'x-forwarded-for': 'mine',
    'x-forwarded-host': 'evil.test',
    forwarded: 'for=mine;host=evil.test',
    connection: 'close, x-request-id',
    te: 'trailers',
    cookie: 'session=mine',
  };
  const sent = request(url, { method: 'POST', headers });
  sent.end(body.replace(',"stream":true', ''));
  const [response] = await once(sent, 'response');
  response.resume();
  expect(response.statusCode).toBe(200);
  const arrived = api.arrivals[0]?.headers ?? {};
  expect(arrived.host).toBe(new URL(api.url).host);
  expect(arrived.authorization).toMatch(/^Bearer twigsk_/);
  expect(JSON.stringify(arrived)).not.toMatch(/mine|evil|trailers/);
});

it('stops reading a body at its limit, however much is sent', async () => {
  const { api, proxy } = await behind((response) => sendJson(response, answer()));
  const chunk = new Uint8Array(64 * 1024);
  let sent = 0;
  const gigabyte = new ReadableStream({
    pull(controller) {
      if (sent >= 2 ** 30) return controller.close();
      sent += chunk.length;
      controller.enqueue(chunk);
    },
  });
  const init = { method: 'POST', body: gigabyte, duplex: 'half' } as RequestInit;
  // The connection may close while the sender still writes.
  const response = await fetch((await onNode(proxy)) + path, init).catch(() => undefined);
  expect(response?.status ?? 413).toBe(413);
  expect(sent).toBeLessThan(2 ** 26);
  expect(api.arrivals).toEqual([]);
});

describe('in a framework', () => {
  const frameworks: Record<string, (proxy: FetchHandler) => Promise<string>> = {
    'node:http': onNode,
    'Express 5': (proxy) => {
      const app = express();
      app.use('/api/twig', toNodeHandler(proxy));
      return listen(createServer(app));
    },
    'Express 5 behind express.json()': (proxy) => {
      const app = express();
      app.use(express.json());
      app.post('/api/twig/*path', toNodeHandler(proxy));
      return listen(createServer(app));
    },
    Hono: (proxy) => {
      const app = new Hono();
      app.post('/api/twig/*', (context) => proxy(context.req.raw) as Promise<Response>);
      return listen(serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server);
    },
  };

  it.each(Object.keys(frameworks))('%s: the words come one by one, and leaving closes the socket', async (name) => {
    let upstream: ServerResponse | undefined;
    const { api, proxy } = await behind((response) => {
      upstream = beginStream(response, delta('One '));
    });
    const client = pageOf((await frameworks[name]?.(proxy)) ?? '');
    const whole = await client.query(question);
    const words = whole.textStream[Symbol.asyncIterator]();
    expect(await words.next()).toEqual({ value: 'One ', done: false });
    upstream?.end(delta('two.') + done);
    expect(await whole.finalResponse()).toMatchObject({ response: 'One two.', sessionId: 'sess_1' });

    const left = await client.query(question);
    for await (const _ of left) break;
    await api.arrivals[1]?.closed;
  });
});
