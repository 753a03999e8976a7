/** Bodies as frameworks leave them: kept beside the parsed one, decoded, with a byte order mark, or gone. */

import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { runInNewContext } from 'node:vm';
import {
  createWebhookHandler,
  type NodeHandler,
  type TwigWebhookVerificationError,
  toNodeHandler,
  Webhooks,
} from '@twig/sdk/webhooks';
import express from 'express';
import Koa from 'koa';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rejection } from '../support/client.ts';

const secret = 'the secret';
const webhooks = new Webhooks({ secret });
// Parsed and written again, it would be other bytes.
const BODY = '{ "event": "a",\n "data": {"text": "ü"} }';
const MARK = '\ufeff';

function receiver() {
  const events: string[] = [];
  const errors: unknown[] = [];
  const handler = createWebhookHandler({
    secret,
    fallback: ({ event }) => void events.push(event),
    onError: (error) => void errors.push(error),
  });
  return { node: toNodeHandler(handler), handler, events, errors };
}

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
async function listen(listener: RequestListener): Promise<number> {
  const server: Server = createServer(listener);
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
async function post(port: number, body = BODY, type = 'application/json'): Promise<number> {
  const headers = { 'content-type': type, 'x-twig-signature': await webhooks.sign(body), connection: 'close' };
  return (await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body, headers })).status;
}

/** What has read the body before the handler, and kept its bytes. */
const keepers: Record<string, (node: NodeHandler) => Promise<number>> = {
  'rawBody as bytes, beside the parsed body (Firebase, Google Cloud Functions, NestJS)': (node) => {
    const app = express();
    const verify = (request: object, _response: unknown, rawBody: Buffer): void =>
      void Object.assign(request, { rawBody });
    app.use(express.json({ verify }), express.text({ verify }), express.raw({ verify, type: '*/*' }));
    return listen(app.post('/hook', node));
  },
  'rawBody as a text, without its parsed form': (node) =>
    listen(async (request, response) => {
      let rawBody = '';
      for await (const piece of request.setEncoding('utf8')) rawBody += piece;
      await node(Object.assign(request, { rawBody }), response);
    }),
  'rawBody as an ArrayBuffer, of another realm': (node) =>
    listen(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece);
      const rawBody = runInNewContext('Uint8Array.from(bytes).buffer', { bytes: [...Buffer.concat(pieces)] });
      await node(Object.assign(request, { rawBody }), response);
    }),
  'body as bytes (express.raw)': (node) => {
    const app = express().use(express.raw({ type: '*/*' }));
    return listen(app.post('/hook', node));
  },
  'body as a text (express.text)': (node) => {
    const app = express().use(express.text({ type: '*/*' }));
    return listen(app.post('/hook', node));
  },
  'body as bytes of another realm (a serverless adapter in a sandbox)': (node) =>
    listen(async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece);
      const body = runInNewContext('Uint8Array.from(bytes)', { bytes: [...Buffer.concat(pieces)] });
      await node(Object.assign(request, { body }), response);
    }),
};

describe.each(Object.keys(keepers))('%s', (name) => {
  it.each([
    ['a delivery', BODY],
    ['a delivery that begins with a byte order mark', MARK + BODY],
  ])('takes %s', async (_, body) => {
    const { node, events, errors } = receiver();
    const port = (await keepers[name]?.(node)) ?? 0;
    expect(await post(port, body)).toBe(200);
    expect(errors).toEqual([]);
    expect(events).toEqual(['a']);
  });

  it('refuses what was not signed', async () => {
    const { node, events } = receiver();
    const port = (await keepers[name]?.(node)) ?? 0;
    vi.spyOn(webhooks, 'sign').mockResolvedValue(`sha256=${'0'.repeat(64)}`);
    expect(await post(port)).toBe(400);
    expect(events).toEqual([]);
  });
});

describe('a byte order mark', () => {
  const marked = MARK + BODY;
  const bytes = new TextEncoder().encode(marked);
  const request = (signature: string): Request =>
    new Request('https://app.test', { method: 'POST', body: bytes, headers: { 'x-twig-signature': signature } });

  it.each(['node:crypto', 'Web Crypto'])('is the same in a text and in bytes (%s)', async (runtime) => {
    if (runtime === 'Web Crypto') vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
    const own = new Webhooks({ secret });
    const signature = await own.sign(bytes);
    expect(await own.sign(marked)).toBe(signature);
    for (const payload of [marked, bytes, bytes.buffer as ArrayBuffer, await request(signature).text()]) {
      expect(await own.unwrap(payload, signature)).toMatchObject({ event: 'a', data: { text: 'ü' } });
      await own.verify(payload, signature);
    }
    expect(await own.unwrap(request(signature))).toMatchObject({ event: 'a' });
  });

  it('that nobody signed is a forgery, and so is a second one', async () => {
    const signature = await webhooks.sign(BODY);
    expect(await rejection(webhooks.verify(marked, signature))).toMatchObject({ code: 'invalid_signature' });
    const twice = await webhooks.sign(MARK + marked);
    expect(await rejection(webhooks.unwrap(BODY, twice))).toMatchObject({ code: 'invalid_signature' });
  });

  it('is looked past by the time that a delivery may be old', async () => {
    const timed = `${MARK}{"event":"a","timestamp":"2024-01-15T10:30:00Z"}`;
    const options = { toleranceSeconds: 0, now: () => Date.parse('2024-01-15T10:30:00Z') };
    expect(await webhooks.unwrap(timed, await webhooks.sign(timed), options)).toMatchObject({ event: 'a' });
  });
});

describe('a body that is gone', () => {
  const names = [
    'Express',
    'Fastify',
    'Next.js',
    'Hono',
    'NestJS',
    'Koa',
    'Lambda',
    'Firebase',
    'Google Cloud Functions',
    'Azure',
    'Vercel',
  ];

  it.each([
    ['an object', JSON.parse(BODY)],
    ['nothing', undefined],
    ['a list', [1]],
  ])('handed over as %s: the message itself says how to get it everywhere', async (_, payload) => {
    const error = (await rejection(
      webhooks.verify(payload as never, await webhooks.sign(BODY)),
    )) as TwigWebhookVerificationError;
    expect(error.code).toBe('body_parsed');
    for (const name of names) expect(error.message).toContain(name);
  });

  it.each<[string, (node: NodeHandler) => RequestListener]>([
    ['express.json()', (node) => express().use(express.json()).post('/hook', node)],
    [
      'a parser of Koa',
      (node) => {
        const app = new Koa();
        app.use(async (context) => {
          for await (const _ of context.req);
          context.respond = false;
          await node(context.req, context.res);
        });
        return app.callback();
      },
    ],
    [
      'something that leaves an empty rawBody behind',
      (node) => async (request, response) => {
        for await (const _ of request);
        await node(Object.assign(request, { rawBody: undefined, body: { event: 'a' } }), response);
      },
    ],
  ])('taken by %s: 400, and onError is told what to do', async (_, framework) => {
    const { node, errors } = receiver();
    expect(await post(await listen(framework(node)))).toBe(400);
    expect(errors).toMatchObject([{ code: 'body_parsed', message: expect.stringContaining('express.raw') }]);
  });
});
