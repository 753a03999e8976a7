/** The handler: routing, answers, repetitions, limits; and the same behind real servers. */

import { createHmac } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { serve } from '@hono/node-server';
import { createTestClock, createTwigMock } from '@twig/sdk/testing';
import {
  createWebhookHandler,
  memoryDedupe,
  TwigConfigError,
  toNodeHandler,
  type WebhookHandlerOptions,
  Webhooks,
} from '@twig/sdk/webhooks';
import express from 'express';
import Fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { alive } from '../support/collect.ts';

const secret = 'the secret';
const webhooks = new Webhooks({ secret });
const body = (id = 'int_1', event = 'interaction.completed'): string =>
  JSON.stringify({ event, timestamp: '2024-01-15T10:30:00Z', data: { interaction_id: id } });

async function delivery(text = body(), signature?: string): Promise<Request> {
  const headers = { 'x-twig-signature': signature ?? (await webhooks.sign(text)) };
  return new Request('https://app.test/hook', { method: 'POST', body: text, headers });
}

function setup(options: Partial<WebhookHandlerOptions> = {}) {
  const calls: string[] = [];
  const errors: unknown[] = [];
  const handler = createWebhookHandler({
    secret,
    on: { 'interaction.completed': (event) => void calls.push(event.data.interactionId) },
    fallback: (event) => void calls.push(`fallback ${event.event}`),
    onError: (error) => void errors.push(error),
    ...options,
  });
  return { handler, calls, errors };
}

describe('the handler', () => {
  it('routes an event to its function, and every other to the fallback', async () => {
    const { handler, calls } = setup();
    for (const name of ['interaction.completed', 'agent.created', 'brand.new', 'constructor', '__proto__']) {
      expect((await handler(await delivery(body('int_1', name)))).status).toBe(200);
    }
    expect(calls).toEqual([
      'int_1',
      'fallback agent.created',
      'fallback brand.new',
      'fallback constructor',
      'fallback __proto__',
    ]);
  });

  it('takes what the mock delivers', async () => {
    const { handler, calls } = setup();
    expect(
      (await handler(await createTwigMock().webhook('interaction.completed', { interactionId: 'int_9' }, { secret })))
        .status,
    ).toBe(200);
    expect(calls).toEqual(['int_9']);
  });

  it('answers 400 to a forgery, and does not say why', async () => {
    const { handler, calls, errors } = setup();
    const response = (await handler(await delivery(body(), '0'.repeat(64)))) as Response;
    expect([response.status, await response.text()]).toEqual([400, '']);
    expect(calls).toEqual([]);
    expect(errors).toMatchObject([{ code: 'invalid_signature' }]);
  });

  it.each([
    ['Next.js', [{ params: Promise.resolve({}) }]],
    ['Workers', [{ TWIG_WEBHOOK_SECRET: secret }, { waitUntil() {} }]],
    ['Bun and Deno', [{ remoteAddr: { hostname: '127.0.0.1' } }]],
  ])('takes no notice of what %s gives beside the request', async (_, more) => {
    const { handler, calls } = setup();
    const platform: (request: Request, ...more: object[]) => Promise<unknown> = handler;
    expect(await platform(await delivery(), ...more)).toMatchObject({ status: 200 });
    expect(calls).toEqual(['int_1']);
  });

  it.each([
    ['read', (request: Request): unknown => request.text()],
    ['locked', (request: Request): unknown => request.body?.getReader()],
  ])('answers 400 to a request whose body was %s before, and tells why', async (_, take) => {
    const { handler, errors } = setup();
    const request = await delivery();
    await take(request);
    expect((await handler(request)).status).toBe(400);
    expect(errors).toMatchObject([{ code: 'body_parsed' }]);
  });

  it('answers 405 to other methods and 413 to a body beyond the limit', async () => {
    const { handler } = setup({ maxBodyBytes: 100 });
    const refused = (await handler(new Request('https://app.test/hook'))) as Response;
    expect([refused.status, refused.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await handler(await delivery(body('x'.repeat(200))))).status).toBe(413);
  });

  it('takes a body of 1 MiB and no longer one, unless told otherwise', async () => {
    const { handler } = setup();
    const longest = 2 ** 20 - body('').length;
    expect((await handler(await delivery(body('x'.repeat(longest))))).status).toBe(200);
    expect((await handler(await delivery(body('x'.repeat(longest + 1))))).status).toBe(413);
  });

  it('takes every option of Webhooks: the time that a delivery may be old', async () => {
    const at = Date.parse('2024-01-15T10:30:00Z');
    const clock = createTestClock({ now: at });
    for (const time of [{ clock }, { now: () => clock.now() }]) {
      const { handler, errors } = setup({ toleranceSeconds: 300, ...time });
      expect((await handler(await delivery())).status).toBe(200);
      await clock.advance(300_001);
      expect((await handler(await delivery())).status).toBe(400);
      expect(errors).toMatchObject([{ code: 'timestamp_too_old' }]);
      await clock.advance(-300_001);
    }
  });

  it('answers 500 to a fault of a function, also when it is one of verification', async () => {
    const { handler } = setup({ on: { 'interaction.completed': () => webhooks.verify('other', '0'.repeat(64)) } });
    expect((await handler(await delivery())).status).toBe(500);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('mine');
      },
    ],
    ['rejects', () => Promise.reject(new Error('mine'))],
  ])('gives the same answer when onError %s', async (_, onError) => {
    const { handler } = setup({ onError, fallback: () => Promise.reject(new Error('database down')) });
    expect((await handler(await delivery(body(), '0'.repeat(64)))).status).toBe(400);
    expect((await handler(await delivery(body('int_1', 'agent.created')))).status).toBe(500);
  });

  it('tells onError which event it was about, and waits for it: some platforms stop at the answer', async () => {
    const told: unknown[] = [];
    const { handler } = setup({
      on: { 'interaction.completed': () => Promise.reject(new Error('database down')) },
      onError: async (error, event) => {
        await new Promise((resolve) => setImmediate(resolve));
        told.push([String(error), event?.event]);
      },
    });
    await handler(await delivery());
    expect(told).toEqual([['Error: database down', 'interaction.completed']]);
  });

  it('answers 500 when a function throws, forgets the delivery, and handles it when it comes again', async () => {
    let fails = true;
    const done: string[] = [];
    const { handler } = setup({
      dedupe: memoryDedupe(),
      on: {
        'interaction.completed': (event) => {
          if (fails) throw new Error('database down');
          done.push(event.data.interactionId);
        },
      },
    });
    expect((await handler(await delivery())).status).toBe(500);
    fails = false;
    expect((await handler(await delivery())).status).toBe(200);
    expect((await handler(await delivery())).status).toBe(200);
    expect(done).toEqual(['int_1']);
  });

  it('takes another spelling of the same signature for the same delivery', async () => {
    const { handler, calls } = setup({ dedupe: memoryDedupe() });
    const signature = await webhooks.sign(body());
    await handler(await delivery(body(), signature));
    await handler(await delivery(body(), signature.slice(7).toUpperCase()));
    expect(calls).toEqual(['int_1']);
  });

  it('takes two bodies for two deliveries, each known by its whole HMAC', async () => {
    const keys: string[] = [];
    const { handler } = setup({ dedupe: { seen: (key) => keys.push(key) > 99 } });
    const bodies = Array.from({ length: 3 }, (_, i) => body(`int_${i}`));
    for (const text of bodies) await handler(await delivery(text));
    expect(keys).toEqual(bodies.map((text) => createHmac('sha256', secret).update(text).digest('hex')));
  });

  it('answers 500 when the store fails', async () => {
    const { handler, calls } = setup({ dedupe: { seen: () => Promise.reject(new Error('store down')) } });
    expect((await handler(await delivery())).status).toBe(500);
    expect(calls).toEqual([]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('cannot forget');
      },
    ],
    ['rejects', () => Promise.reject(new Error('cannot forget'))],
  ])('answers 500 when the store %s on forgetting, and tells of both', async (_, forget) => {
    const { handler, errors } = setup({
      dedupe: { seen: () => false, forget },
      on: { 'interaction.completed': () => Promise.reject(new Error('database down')) },
    });
    expect((await handler(await delivery())).status).toBe(500);
    expect(errors.map(String)).toEqual(['Error: database down', 'Error: cannot forget']);
  });

  it('answers 400 to a signed body that is nested deeper than the stack goes', async () => {
    const { handler, errors } = setup();
    const deep = `{"event":"a","data":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    expect((await handler(await delivery(deep))).status).toBe(400);
    expect(errors).toMatchObject([{ code: 'invalid_payload' }]);
  });

  it.each([
    { maxBodyBytes: Number.NaN },
    { maxBodyBytes: '1kb' as never },
    { maxBodyBytes: -1 },
    { dedupe: new Map() as never },
    { dedupe: memoryDedupe as never },
    { toleranceSeconds: Number.NaN },
    { toleranceSeconds: -1 },
  ])('cannot be made with %o', (options) => {
    expect(() => setup(options)).toThrow(TwigConfigError);
  });

  it('cannot be made without a fallback', () => {
    expect(() => createWebhookHandler({ secret } as WebhookHandlerOptions)).toThrow(TwigConfigError);
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['blank', ' '],
    ['an empty list', []],
    ['a list with an empty one', [secret, '']],
    ['an empty one of a function', () => ''],
    ['none of a function', () => undefined as never],
  ])(
    'is made with a secret that is %s, as builds do, and answers 500 and tells when a delivery comes',
    async (_, none) => {
      vi.stubEnv('TWIG_WEBHOOK_SECRET', '');
      const { handler, calls, errors } = setup({ secret: none });
      const signed = [
        await webhooks.sign(body()),
        createHmac('sha256', '').update(body()).digest('hex'),
        '0'.repeat(64),
      ];
      for (const signature of signed) expect((await handler(await delivery(body(), signature))).status).toBe(500);
      expect((await handler(new Request('https://app.test', { method: 'POST', body: body() }))).status).toBe(500);
      expect(calls).toEqual([]);
      expect(errors).toHaveLength(4);
      for (const error of errors) {
        expect(error).toBeInstanceOf(TwigConfigError);
        expect(String(error)).toMatch(/secret.*TWIG_WEBHOOK_SECRET/);
      }
    },
  );

  it('takes the secret that the environment has when the delivery comes', async () => {
    vi.stubEnv('TWIG_WEBHOOK_SECRET', '');
    const { handler, calls } = setup({ secret: undefined });
    vi.stubEnv('TWIG_WEBHOOK_SECRET', secret);
    expect((await handler(await delivery())).status).toBe(200);
    expect(calls).toEqual(['int_1']);
  });
});

describe('behind a real server', () => {
  const open: { close: () => unknown }[] = [];
  afterEach(async () => {
    for (const server of open.splice(0)) await server.close();
  });

  const frameworks: Record<string, (handler: ReturnType<typeof setup>['handler']) => Promise<number>> = {
    'node:http': async (handler) => listen(createServer(toNodeHandler(handler))),
    'Express 5': async (handler) => {
      const app = express();
      app.post('/hook', toNodeHandler(handler));
      app.use(express.json());
      return listen(createServer(app));
    },
    'Express 5 with a raw body': async (handler) => {
      const app = express();
      app.use(express.raw({ type: '*/*' }));
      app.post('/hook', toNodeHandler(handler));
      return listen(createServer(app));
    },
    'Fastify 5': async (handler) => {
      const app = Fastify();
      app.addContentTypeParser('application/json', (_request, _payload, done) => done(null));
      app.post('/hook', async (request, reply) => {
        reply.hijack();
        await toNodeHandler(handler)(request.raw, reply.raw);
      });
      await app.listen({ port: 0, host: '127.0.0.1' });
      open.push(app);
      return (app.server.address() as AddressInfo).port;
    },
    Hono: (handler) =>
      new Promise((resolve) => {
        const app = new Hono();
        app.post('/hook', (context) => handler(context.req.raw) as Promise<Response>);
        const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => resolve(port));
        open.push(server);
      }),
    Koa: async (handler) => {
      const app = new Koa();
      app.use(async (context) => {
        context.respond = false;
        await toNodeHandler(handler)(context.req, context.res);
      });
      return listen(createServer(app.callback()));
    },
  };

  function listen(server: Server): Promise<number> {
    open.push({ close: () => server.close() });
    return new Promise((resolve) =>
      server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
    );
  }

  it.each(Object.keys(frameworks))('%s: takes the good delivery and refuses the forged one', async (name) => {
    const { handler, calls } = setup();
    const port = await frameworks[name]?.(handler);
    const post = async (signature: string): Promise<number> => {
      const headers = { 'content-type': 'application/json', 'x-twig-signature': signature, connection: 'close' };
      return (await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body: body(), headers })).status;
    };
    expect([await post(await webhooks.sign(body())), await post('0'.repeat(64))]).toEqual([200, 400]);
    expect(calls).toEqual(['int_1']);
  });

  it('Express with express.json() before: says that the body was parsed', async () => {
    const { handler, errors } = setup();
    const app = express();
    app.use(express.json());
    app.post('/hook', toNodeHandler(handler));
    const port = await listen(createServer(app));
    const headers = { 'content-type': 'application/json', 'x-twig-signature': await webhooks.sign(body()) };
    expect((await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body: body(), headers })).status).toBe(400);
    expect(errors).toMatchObject([{ code: 'body_parsed' }]);
  });

  it('Koa with a parser of bodies before: says that the body was parsed, although no object came along', async () => {
    const { handler, errors } = setup();
    const app = new Koa();
    app.use(async (context) => {
      for await (const _ of context.req);
      context.respond = false;
      await toNodeHandler(handler)(context.req, context.res);
    });
    const port = await listen(createServer(app.callback()));
    const headers = { 'content-type': 'application/json', 'x-twig-signature': await webhooks.sign(body()) };
    expect((await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body: body(), headers })).status).toBe(400);
    expect(errors).toMatchObject([{ code: 'body_parsed' }]);
  });

  /** What is answered to a request as it stands. */
  const raw = (port: number, text: string): Promise<string> =>
    new Promise((resolve) => {
      let answer = '';
      const socket = connect(port, '127.0.0.1', () => socket.write(text));
      socket.on('data', (data) => (answer += data)).on('close', () => resolve(answer.split('\r\n')[0] ?? ''));
    });

  it('takes a path of two slashes for one, never for a host', async () => {
    const { handler, calls } = setup();
    const port = await listen(createServer(toNodeHandler(handler)));
    const head = `x-twig-signature: ${await webhooks.sign(body())}\r\ncontent-length: ${body().length}`;
    const post = `POST //evil.test/hook HTTP/1.1\r\nhost: app.test\r\nconnection: close\r\n${head}\r\n\r\n${body()}`;
    expect(await raw(port, post)).toBe('HTTP/1.1 200 OK');
    expect(calls).toEqual(['int_1']);
  });

  it('answers 400 to what no request can be made of', async () => {
    const port = await listen(createServer(toNodeHandler(setup().handler)));
    expect(await raw(port, 'POST / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n')).toContain(' 400 ');
    expect(await raw(port, 'TRACE / HTTP/1.1\r\nhost: a.test\r\nconnection: close\r\n\r\n')).toContain(' 400 ');
  });
});

it('keeps no list of the pieces of a body that comes byte by byte', async () => {
  const { handler } = setup();
  const pieces: WeakRef<Uint8Array>[] = [];
  let living = Number.NaN;
  const body = new ReadableStream({
    async pull(controller) {
      const piece = new Uint8Array(1);
      controller.enqueue(piece);
      if (pieces.push(new WeakRef(piece)) < 10_000) return;
      // The last of them are still on their way.
      living = await alive(pieces, 100);
      controller.close();
    },
  });
  const request = new Request('https://app.test/hook', { method: 'POST', body, duplex: 'half' } as RequestInit);
  expect((await handler(request)).status).toBe(400);
  expect(living).toBeLessThanOrEqual(100);
});
