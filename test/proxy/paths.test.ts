/** Paths as servers write them: mounted anywhere, with a slash more, escaped in another way. */

import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { TwigClient } from '@twig/sdk';
import { type NodeHandler, toNodeHandler } from '@twig/sdk/proxy';
import express from 'express';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { json, sse } from '../support/client.ts';
import { asked, everything, page as makePage, post, question, upstream } from './harness.ts';

/** What the API was asked for. */
let paths: string[] = [];
beforeEach(() => {
  paths = [];
});
const answer = { response: 'Yes.', sources: [], metadata: { interaction_id: 'int_1', latency_ms: 1 } };
const client = upstream.withOptions({
  fetch: async (url, { body }) => {
    paths.push(new URL(url).pathname);
    if (url.endsWith('/feedback')) return json({});
    if (url.endsWith('/semantic-search')) return json({ chunks: [], query_embedding: [], metadata: {} });
    return body?.includes('"stream":true')
      ? sse('event: delta\ndata: {"delta":"Yes."}\n\nevent: done\ndata: {}\n\n')
      : json(answer);
  },
});
const page = (options: Parameters<typeof makePage>[0] = {}) => makePage({ client, ...options });
const open: { close(): unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

async function listen(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('another spelling of a path', () => {
  it.each([
    '/api/v1/query/',
    '/api/v1/query//',
    '//api/v1/query',
    '/api//v1///query',
    '/api/v1/%71uery',
    '/%61pi/v1/query/',
    '/api/v1/query/?stream=',
    '/api/v1/query/.',
    '/api/v1/query/%2e',
    '/fr/api/v1/query/',
    '/api/v1/api/v1/query',
  ])('%s is the same path', async (path) => {
    const response = await page().proxy(post(path, await asked().text()));
    expect(response.status).toBe(200);
    expect(paths).toEqual(['/api/v1/query']);
  });

  it.each(['/api/v1/interactions/int_1/feedback/', '/api/v1//interactions/int_1//feedback'])(
    '%s names the same interaction',
    async (path) => {
      await page({ operations: everything }).proxy(post(path, '{"feedback":"positive"}'));
      expect(paths).toEqual(['/api/v1/interactions/int_1/feedback']);
    },
  );

  it('semantic-search, with its hyphen escaped and a slash at the end', async () => {
    const authorize = () => ({ agentIds: [], orgIds: ['org_1'] });
    const { proxy } = page({ operations: everything, authorize });
    const body = '{"query":"refund","org_id":"org_1"}';
    expect((await proxy(post('/api/v1/semantic%2Dsearch/', body))).status).toBe(200);
  });
});

describe('a server that redirects to a slash at the end, as Next.js does with trailingSlash', () => {
  it('a page asks and streams through it', async () => {
    const app = express();
    const node = toNodeHandler(page().proxy as never);
    app.use((request, response, next) => {
      if (request.path.endsWith('/')) return next();
      response.redirect(308, `${request.path}/`);
    });
    app.use('/api/twig', node);
    const baseUrl = `${await listen(app)}/api/twig`;
    const client = new TwigClient({ apiKey: null, baseUrl, maxRetries: 0, logLevel: 'off' });
    expect((await client.query(question)).response).toBe('Yes.');
    const stream = await client.query({ ...question, stream: true });
    expect((await stream.finalResponse()).response).toBe('Yes.');
  });
});

describe('mounted', () => {
  const mounts: Record<string, (node: NodeHandler) => Promise<string>> = {
    'in Express, at a folder': async (node) => `${await listen(express().use('/api/twig', node))}/api/twig`,
    'in Express, at the path itself': async (node) => listen(express().use('/api/v1/query', node)),
    'in Express, in the middle of the path': async (node) => listen(express().use('/api/v1', node)),
    'in a router of a router of Express': async (node) => {
      const inner = express.Router().use('/twig', node);
      return `${await listen(express().use('/app', express.Router().use('/api', inner)))}/app/api/twig`;
    },
    'in Express, behind something that rewrites the address': async (node) => {
      const app = express();
      app.use('/ask', (request, _response, next) => {
        request.url = '/api/v1/query';
        next();
      });
      app.use('/ask', node);
      return `${await listen(app)}/ask`;
    },
    'in Hono, at a folder': (node) => onHono(node, (app, handler) => app.all('/api/twig/*', handler)),
    'in Hono, in an app of an app': (node) =>
      onHono(node, (app, handler) => app.route('/api', new Hono().all('/twig/*', handler))),
  };
  const onHono = (
    _node: NodeHandler,
    mount: (app: Hono, handler: (context: { req: { raw: Request } }) => Promise<Response>) => unknown,
  ): Promise<string> =>
    new Promise((resolve) => {
      const app = new Hono();
      const { proxy } = page();
      mount(app, (context) => proxy(context.req.raw));
      const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
        resolve(`http://127.0.0.1:${port}/api/twig`),
      );
      open.push(server);
    });

  it.each(Object.keys(mounts))('%s, it answers', async (name) => {
    const baseUrl = await mounts[name]?.(toNodeHandler(page().proxy as never));
    const client = new TwigClient({ apiKey: null, baseUrl, maxRetries: 0, logLevel: 'off' });
    expect((await client.query(question)).response).toBe('Yes.');
  });

  it('in Express, authorize sees the whole address', async () => {
    const seen: string[] = [];
    const authorize = ({ url }: Request): null => {
      seen.push(new URL(url).pathname);
      return null;
    };
    const { proxy } = page({ authorize: authorize as never });
    const url = await listen(express().use('/api/twig', toNodeHandler(proxy as never)));
    await fetch(`${url}/api/twig/api/v1/query`, { method: 'POST', body: '{}' });
    expect(seen).toEqual(['/api/twig/api/v1/query']);
  });
});
