/** Redirects on real sockets: followed at home, refused abroad. */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TwigClient, TwigConnectionError } from '@twig/sdk';
import { afterEach, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

interface Seen {
  line: string;
  authorization: string | undefined;
  body: string;
}

/** A server that answers with a status and a location, or with an agent; it notes what it saw. */
async function start(answer: (path: string, seen: Seen[]) => [status: number, location: string] | undefined) {
  const seen: Seen[] = [];
  const read = async (request: IncomingMessage): Promise<string> => {
    let body = '';
    for await (const chunk of request) body += chunk;
    return body;
  };
  const server = createServer(async (request, response) => {
    const body = await read(request);
    seen.push({ line: `${request.method} ${request.url}`, authorization: request.headers.authorization, body });
    const redirect = answer(request.url ?? '', seen);
    if (redirect) response.writeHead(redirect[0], { location: redirect[1] }).end();
    else response.writeHead(200, { 'content-type': 'application/json' }).end('{"id":"a","name":"n"}');
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, client: new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl: url, logLevel: 'off' }) };
}

const moved = (status: number) => (path: string) =>
  path.startsWith('/moved') ? undefined : ([status, `/moved${path}`] as [number, string]);

it.each([301, 302, 307, 308])('follows a %i of its own origin with method, body and key', async (status) => {
  const { client, seen } = await start(moved(status));
  await client.kb.create({ title: 't', content: 'c' });
  expect(seen.map(({ line }) => line)).toEqual(['POST /api/v1/kb', 'POST /moved/api/v1/kb']);
  expect(seen[1]).toMatchObject({
    body: '{"title":"t","content":"c"}',
    authorization: 'Bearer twigsk_test_0123456789',
  });
});

it('follows a 303 with a GET and without the body', async () => {
  const { client, seen } = await start(moved(303));
  await client.kb.create({ title: 't', content: 'c' });
  expect(seen[1]).toMatchObject({ line: 'GET /moved/api/v1/kb', body: '' });
});

it.each([301, 307])('refuses a %i to another origin, and sends nothing there', async (status) => {
  const abroad = await start(() => undefined);
  const { client, seen } = await start((path) => [status, abroad.url + path]);
  const error = await rejection(client.agents.get('a'));
  expect(error).toBeInstanceOf(TwigConnectionError);
  expect((error as Error).message).toContain('another origin');
  expect(seen).toHaveLength(1);
  expect(abroad.seen).toEqual([]);
});

it('takes another scheme, host or port for another origin', async () => {
  for (const location of [
    'https://127.0.0.1/',
    'http://127.0.0.2/',
    '//evil.test/',
    'javascript:alert(1)',
    'http://[',
  ]) {
    const { client, seen } = await start(() => [302, location]);
    expect(await rejection(client.agents.get('a'))).toBeInstanceOf(TwigConnectionError);
    expect(seen).toHaveLength(1);
  }
});

it('follows five in a row and no more', async () => {
  const hop = (last: number) => (path: string) => {
    const n = Number(/hop=(\d+)/.exec(path)?.[1] ?? 0);
    return n < last ? ([302, `/api/v1/agents/a?hop=${n + 1}`] as [number, string]) : undefined;
  };
  const five = await start(hop(5));
  expect((await five.client.agents.get('a')).name).toBe('n');
  const endless = await start(hop(Number.POSITIVE_INFINITY));
  expect(await rejection(endless.client.agents.get('a'))).toBeInstanceOf(TwigConnectionError);
  expect(endless.seen).toHaveLength(6);
});

it('takes a redirect without a location for the error that it is', async () => {
  const { client } = await start(() => [304, '']);
  expect(await rejection(client.agents.get('a'))).toMatchObject({ status: 304, code: 'http_304' });
});
