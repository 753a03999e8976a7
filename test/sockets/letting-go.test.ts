/** A `fetch` that keeps a clone of what it gives, as instrumentation does: leaving a response ends the request all the same. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FetchLike, TwigClient } from '@twig/sdk';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { delta, done, streamed } from './support.ts';

let handle: (response: ServerResponse) => void;
let closed: Promise<unknown>;
let url: string;
const server = createServer((request, response) => {
  request.resume();
  closed = new Promise((resolve) => response.on('close', resolve));
  handle(response);
});
beforeEach(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

/** What the clones gave: a text, or how they ended. */
let clones: Promise<string>[] = [];
const cloning = (async (input: string, init: RequestInit) => {
  const response = await fetch(input, init);
  clones.push(
    response
      .clone()
      .text()
      .catch((error: Error) => error.name),
  );
  return response;
}) as FetchLike;
const client = (): TwigClient => {
  clones = [];
  return new TwigClient({ apiKey: 'twigsk_test_x', baseUrl: url, logLevel: 'off', maxRetries: 0, fetch: cloning });
};
const sse = { 'content-type': 'text/event-stream' };
const writeForever = (response: ServerResponse): void => void response.writeHead(200, sse).write(delta('a'));

it('break', async () => {
  handle = writeForever;
  for await (const _ of await client().query(streamed)) break;
  await closed;
  expect(await clones[0]).toBe('AbortError');
});

it('abort(), and await using', async () => {
  handle = writeForever;
  (await client().query(streamed)).abort();
  await closed;
  await (await client().query(streamed))[Symbol.asyncDispose]();
  await closed;
});

it('the cancel of what was handed on', async () => {
  handle = writeForever;
  const body = (await client().query(streamed)).toTextStream() as ReadableStream;
  await body.cancel();
  await closed;
  const { body: events } = (await client().query(streamed)).toSSEResponse() as Response;
  await events?.cancel();
  await closed;
});

it('an event that breaks the dialect', async () => {
  handle = (response) => void response.writeHead(200, sse).write('event: sources\ndata: 7\n\n');
  expect(await rejection((await client().query(streamed)).finalResponse())).toMatchObject({ code: 'malformed_event' });
  await closed;
});

it('a stream that goes on after done', async () => {
  handle = (response) => void response.writeHead(200, sse).write(delta('a') + done);
  expect((await (await client().query(streamed)).finalResponse()).response).toBe('a');
  await closed;
});

it('an error whose body is longer than is read', async () => {
  handle = (response) => void response.writeHead(404).write('x'.repeat(70_000));
  expect(await rejection(client().agents.get('a'))).toMatchObject({ status: 404 });
  await closed;
});

it('an answer that is no stream', async () => {
  handle = (response) => void response.writeHead(200, { 'content-type': 'text/html' }).write('<'.repeat(70_000));
  expect(await rejection(client().query(streamed))).toMatchObject({ name: 'TwigResponseValidationError' });
  await closed;
});

it('asResponse() whose body is cancelled', async () => {
  handle = writeForever;
  const { body } = (await client().query(streamed).asResponse()) as Response;
  await body?.cancel();
  await closed;
});

it('what was read to its end is not aborted: the clone has it whole', async () => {
  const twig = client();
  handle = (response) => void response.writeHead(404).end('{"error":{"code":"gone"}}');
  expect(await rejection(twig.agents.get('a'))).toMatchObject({ code: 'gone' });
  handle = (response) => void response.end('{"id":"a","name":"n"}');
  await twig.agents.get('a');
  handle = (response) => void response.writeHead(200, sse).end(delta('a') + done);
  await (await twig.query(streamed)).finalResponse();
  expect(await Promise.all(clones)).toEqual(['{"error":{"code":"gone"}}', '{"id":"a","name":"n"}', delta('a') + done]);
});
