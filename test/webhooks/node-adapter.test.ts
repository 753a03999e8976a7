/** The adapter for Node's servers: what the handler gets, what the client gets, and either of them leaving. */

import { createServer, type Server } from 'node:http';
import { connect as connectHttp2, createServer as createHttp2Server } from 'node:http2';
import { type AddressInfo, connect } from 'node:net';
import { createWebhookHandler, toNodeHandler, Webhooks } from '@twig/sdk/webhooks';
import express from 'express';
import { afterEach, expect, it } from 'vitest';

const secret = 'the secret';
const BODY = '{"event":"a"}';
const open: { close: () => unknown }[] = [];
afterEach(() => {
  for (const server of open.splice(0)) server.close();
});

function listen(server: Server | ReturnType<typeof createHttp2Server>): Promise<number> {
  open.push(server);
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));
}

/** A handler of webhooks, and the events that reached it. */
function receiver(options = {}) {
  const events: string[] = [];
  const fallback = ({ event }: { event: string }) => void events.push(event);
  return { handler: createWebhookHandler({ secret, fallback, ...options }), events };
}

it('takes a delivery by HTTP/2', async () => {
  const { handler, events } = receiver();
  const urls: string[] = [];
  const port = await listen(
    createHttp2Server(
      toNodeHandler((request) => {
        urls.push((request as Request).url);
        return handler(request);
      }),
    ),
  );
  const session = connectHttp2(`http://127.0.0.1:${port}`);
  const headers = {
    ':method': 'POST',
    ':path': '/hook?a=1',
    'x-twig-signature': await new Webhooks({ secret }).sign(BODY),
  };
  const status = await new Promise((resolve, reject) => {
    const stream = session.request(headers).on('error', reject).setEncoding('utf8');
    stream.on('response', (answer) => resolve(answer[':status'])).end(BODY);
  });
  session.destroy();
  expect(status).toBe(200);
  expect(events).toEqual(['a']);
  expect(urls).toEqual([`http://127.0.0.1:${port}/hook?a=1`]);
});

it.each(['//evil.test/hook', '/\\evil.test/hook', '///evil.test/hook', '/\\/evil.test/hook'])(
  'takes %s for a path, and not for a host',
  async (path) => {
    const urls: string[] = [];
    const handler = toNodeHandler(async (request) => {
      urls.push((request as Request).url);
      return new Response();
    });
    const session = connectHttp2(`http://127.0.0.1:${await listen(createHttp2Server(handler))}`);
    await new Promise((resolve, reject) => {
      const stream = session.request({ ':path': path, ':authority': 'app.test' }).on('error', reject);
      stream.on('response', resolve).end();
    });
    session.destroy();
    expect(urls).toEqual(['http://app.test/evil.test/hook']);
  },
);

it('sets by HTTP/2 no header of HTTP/1 alone, also when it answers before the body has come', async () => {
  const names: string[] = [];
  const handler = toNodeHandler(async () => new Response(null, { status: 413, headers: { 'x-mine': 'yes' } }));
  const server = createHttp2Server((request, response) => {
    const { setHeader } = response;
    response.setHeader = (name, value) => {
      names.push(name);
      return setHeader.call(response, name, value);
    };
    return handler(request, response);
  });
  const session = connectHttp2(`http://127.0.0.1:${await listen(server)}`);
  const status = await new Promise((resolve, reject) => {
    const stream = session.request({ ':method': 'POST', ':path': '/hook' }).on('error', reject);
    stream.on('response', (answer) => resolve(answer[':status']));
    stream.write('{');
  });
  session.destroy();
  expect([status, names]).toEqual([413, ['x-mine']]);
});

it('takes the text that a body parser made, since its bytes are the same', async () => {
  const { handler, events } = receiver();
  const app = express();
  app.use(express.text({ type: '*/*' }));
  app.post('/hook', toNodeHandler(handler));
  const port = await listen(createServer(app));
  const headers = { 'x-twig-signature': await new Webhooks({ secret }).sign(BODY), connection: 'close' };
  expect((await fetch(`http://127.0.0.1:${port}/hook`, { method: 'POST', body: BODY, headers })).status).toBe(200);
  expect(events).toEqual(['a']);
});

it.each(['before the answer', 'inside the answer'])(
  'tells the handler by the signal that the client has left %s, and cancels the body',
  async (moment) => {
    let arrived = (_request: Request): void => {};
    const arrival = new Promise<Request>((resolve) => {
      arrived = resolve;
    });
    let answer = (_response: Response): void => {};
    let cancelled = (): void => {};
    const isCancelled = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const piece = new TextEncoder().encode('half');
    const response = new Response(
      new ReadableStream({ start: (controller) => controller.enqueue(piece), cancel: () => cancelled() }),
    );
    const handler = (request: unknown): Promise<Response> =>
      new Promise((resolve) => {
        answer = resolve;
        arrived(request as Request);
      });
    const port = await listen(createServer(toNodeHandler(handler)));
    const socket = connect(port, '127.0.0.1', () => socket.write('GET / HTTP/1.1\r\nhost: a.test\r\n\r\n'));
    const { signal } = await arrival;
    const isAborted = new Promise((resolve) => signal.addEventListener('abort', resolve));
    const hasHalf = new Promise((resolve) => socket.on('data', resolve));
    if (moment === 'inside the answer') {
      answer(response);
      await hasHalf;
    }
    expect(signal.aborted).toBe(false);
    socket.destroy();
    await isAborted;
    answer(response);
    await isCancelled;
  },
);

it('stops reading at the limit: a gigabyte in chunks is answered 413, and hardly any of it is taken', async () => {
  const { handler } = receiver({ maxBodyBytes: 64 * 1024 });
  const port = await listen(createServer(toNodeHandler(handler)));
  const piece = Buffer.alloc(64 * 1024, 'x');
  const chunk = Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]);
  let sent = 0;
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    const socket = connect(port, '127.0.0.1');
    const more = (): void => {
      while (sent < 2 ** 30 && !text) {
        sent += piece.length;
        if (!socket.write(chunk)) return;
      }
      if (!text) socket.write('0\r\n\r\n');
    };
    socket.write('POST /hook HTTP/1.1\r\nhost: a.test\r\nx-twig-signature: x\r\ntransfer-encoding: chunked\r\n\r\n');
    socket.on('drain', more).on('connect', more);
    socket.on('data', (data) => (text += data));
    // The server closes with bytes unread, which is a reset.
    socket.on('error', () => {}).on('close', () => resolve(text));
  });
  expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  // What is left of the body would be taken for the next request.
  expect(answer.toLowerCase()).toContain('connection: close');
  // What the socket's two ends and the kernel between them hold, with room to spare.
  expect(sent).toBeLessThan(2 ** 26);
});
