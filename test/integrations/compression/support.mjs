// An API whose answers the test holds in its hand, an app in front of it, and a page that reads what the app sends.

import { createServer, request } from 'node:http';
import { Readable } from 'node:stream';
import { constants, createGunzip } from 'node:zlib';
import { TwigClient } from '@twig/sdk';
import { createTwigProxy, toNodeHandler } from '@twig/sdk/proxy';
import compression from 'compression';
import express from 'express';

export const delta = (text) => `event: delta\ndata: ${JSON.stringify({ delta: text })}\n\n`;
export const done = 'event: done\ndata: {}\n\n';
const question = { agentId: 'agent_1', query: 'Is it?', stream: true };

/** What has to be closed after a test. */
const open = [];
export async function closeAll() {
  for (const close of open.splice(0).reverse()) await close();
}

export async function listen(listener) {
  const server = createServer(listener);
  open.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${server.address().port}`;
}
export const onClose = (close) => open.push(close);

/** The ways in which an app hands a stream on, each at a path of its own; `/bare` is what nobody should do. */
export const WAYS = {
  'toSSEResponse() by toNodeHandler': '/handler',
  'toSSEResponse() by hand': '/by-hand',
  'the proxy': '/twig/api/v1/query',
};

/** An API, and an Express app behind compression() in front of it. */
export async function start({ isCompressed = true } = {}) {
  /** Writes the next piece of the answer that is under way. */
  const api = { write: undefined };
  const url = await listen((request, response) => {
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    api.write = (text) => response.write(text);
  });
  const client = new TwigClient({ apiKey: 'twigsk_test_1', baseUrl: url, maxRetries: 0 });
  const app = express();
  if (isCompressed) app.use(compression({ threshold: 0, filter: () => true }));
  app.post('/handler', (request, response) =>
    toNodeHandler(async () => (await client.query(question)).toSSEResponse())(request, response),
  );
  app.post('/by-hand', async (_request, response) => {
    const { body, headers, status } = (await client.query(question)).toSSEResponse();
    response.writeHead(status, Object.fromEntries(headers));
    Readable.fromWeb(body).pipe(response);
  });
  app.use('/twig', toNodeHandler(createTwigProxy({ client, authorize: () => ({ agentIds: ['agent_1'] }) })));
  app.post('/bare', async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    Readable.fromWeb((await client.query(question)).toSSEResponse().body).pipe(response);
  });
  return { api, app: await listen(app) };
}

/** A page that asks, and then reads: `until` gives all that has come as soon as the text is in it. */
export async function ask(url, path) {
  const sent = request(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip, br' },
  });
  onClose(() => sent.destroy());
  sent.on('error', () => {});
  sent.end(JSON.stringify({ agent_id: 'agent_1', query: 'Is it?', stream: true }));
  let all = '';
  let look = () => {};
  sent.on('response', (response) => {
    const isPacked = response.headers['content-encoding'] === 'gzip';
    const plain = isPacked ? response.pipe(createGunzip({ flush: constants.Z_SYNC_FLUSH })) : response;
    plain.on('error', () => {});
    plain.on('data', (data) => {
      all += data;
      look();
    });
  });
  const until = (text) =>
    new Promise((resolve) => {
      look = () => all.includes(text) && resolve(all);
      look();
    });
  return { until };
}

/** The API's answer has begun. */
export async function begun(api) {
  while (!api.write) await new Promise((resolve) => setImmediate(resolve));
}
