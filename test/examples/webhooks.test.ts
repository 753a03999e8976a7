/** The servers of `examples/webhooks`, each on a socket, with good and forged deliveries. */

import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhooks } from '@twig/sdk/webhooks';
import { afterEach, expect, it, vi } from 'vitest';
import * as express from '../../examples/webhooks/express.ts';
import * as fastify from '../../examples/webhooks/fastify.ts';
import * as hono from '../../examples/webhooks/hono.ts';
import * as koa from '../../examples/webhooks/koa.ts';
import { createLambda } from '../../examples/webhooks/lambda.ts';
import * as node from '../../examples/webhooks/node.ts';

const secret = 'the secret';
const body = '{"event":"interaction.completed","timestamp":"2024-01-15T10:30:00Z","data":{"interaction_id":"int_1"}}';
const sign = (): Promise<string> => new Webhooks({ secret }).sign(body);
let server: Server | undefined;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

it.each(Object.entries({ express, fastify, hono, koa, node }))('%s', async (_, { start }) => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const seen: string[] = [];
  server = await start(secret, (text) => seen.push(text), 0);
  if (!server.listening) await new Promise((resolve) => server?.once('listening', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}/webhooks/twig`;
  const post = async (signature: string): Promise<number> => {
    const headers = { 'content-type': 'application/json', 'x-twig-signature': signature };
    return (await fetch(url, { method: 'POST', body, headers })).status;
  };
  expect(await post(await sign())).toBe(200);
  expect(await post(await sign())).toBe(200);
  expect(await post('0'.repeat(64))).toBe(400);
  expect(seen).toEqual(['answered int_1']);
});

it('a Next.js route', async () => {
  vi.stubEnv('TWIG_WEBHOOK_SECRET', secret);
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { POST } = await import('../../examples/webhooks/next-route.ts');
  const headers = { 'x-twig-signature': await sign() };
  expect((await POST(new Request('https://app.test', { method: 'POST', body, headers }))).status).toBe(200);
  expect(log).toHaveBeenCalledWith('answered int_1');
});

it.each([true, false])('a Lambda, its body in base64: %s', async (isBase64Encoded) => {
  const seen: string[] = [];
  const lambda = createLambda(secret, (text) => seen.push(text));
  const sent = isBase64Encoded ? Buffer.from(body).toString('base64') : body;
  const headers = { 'X-Twig-Signature': await sign() };
  expect(await lambda({ body: sent, isBase64Encoded, headers })).toEqual({ statusCode: 200 });
  expect(await lambda({ body: sent, isBase64Encoded, headers: { 'x-twig-signature': '0'.repeat(64) } })).toEqual({
    statusCode: 400,
  });
  expect(seen).toEqual(['answered int_1']);
});
