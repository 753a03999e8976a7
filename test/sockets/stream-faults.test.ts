/** Streams that go wrong on a real socket: each early end is told, with all that came before it. */

import type { ServerResponse } from 'node:http';
import { type FetchInit, TwigConnectionError, TwigRateLimitError, TwigStreamError, TwigTimeoutError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { until } from '../support/turns.ts';
import { beginStream, type FaultServer, httpServer, rawServer, sendPieces } from './fault-server.ts';
import { collect, delta, done, patient, streamed } from './support.ts';

const HEAD =
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\nx-request-id: req_stream\r\n\r\n';
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;

async function read(server: FaultServer, options = {}): Promise<Awaited<ReturnType<typeof collect>>> {
  return collect(await server.client(options).query(streamed));
}
const half = [
  { type: 'delta', text: 'Half' },
  { type: 'delta', text: ' of it' },
];

describe('a stream that breaks', () => {
  it('by a reset is a connection error with the half that came', async () => {
    await using server = await rawServer((socket) => socket.write(HEAD + chunk(delta('Half') + delta(' of it'))));
    // What has come and was not read yet, a reset takes away.
    const reset = (count: number): unknown => count === half.length && server.connections[0]?.resetAndDestroy();
    const { events, error } = await collect(await server.client().query(streamed), reset);
    expect(events).toEqual(half);
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({
      phase: 'stream',
      meta: { requestId: 'req_stream' },
      partialResponse: { response: 'Half of it' },
    });
    expect(server.arrivals).toHaveLength(1);
  });

  it('by a socket closed without the last chunk is a connection error too', async () => {
    await using server = await rawServer((socket) => void socket.end(HEAD + chunk(delta('Half') + delta(' of it'))));
    const { events, error } = await read(server);
    expect(events).toEqual(half);
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({ phase: 'stream', partialResponse: { response: 'Half of it' } });
  });

  it('by a clean end without done is a truncated stream', async () => {
    await using server = await rawServer(
      (socket) => void socket.write(`${HEAD}${chunk(delta('Half') + delta(' of it'))}0\r\n\r\n`),
    );
    const { events, error } = await read(server);
    expect(events).toEqual(half);
    expect(error).toBeInstanceOf(TwigStreamError);
    expect(error).toMatchObject({ code: 'truncated', eventCount: 2, partialResponse: { response: 'Half of it' } });
  });

  it('in the middle of an event loses the event, and no event before it', async () => {
    await using server = await rawServer(
      (socket) => void socket.write(`${HEAD}${chunk(delta('Half'))}${chunk('event: delta\ndata: {"del')}0\r\n\r\n`),
    );
    const { events, error } = await read(server);
    expect(events).toEqual(half.slice(0, 1));
    expect(error).toBeInstanceOf(TwigStreamError);
    expect(error).toMatchObject({ partialResponse: { response: 'Half' } });
  });
});

describe('a silent stream', () => {
  it('is given up after the idle limit, and its socket closed', async () => {
    await using server = await httpServer((response) => beginStream(response, delta('Half') + delta(' of it')));
    const { options } = patient();
    const stream = await server.client({ ...options, streamIdleTimeoutMs: 100 }).query(streamed);
    const iterator = stream[Symbol.asyncIterator]();
    const events = [(await iterator.next()).value, (await iterator.next()).value];
    const silent = rejection(iterator.next());
    await options.clock.advance(100);
    const error = await silent;
    expect(events).toEqual(half);
    expect(error).toBeInstanceOf(TwigTimeoutError);
    expect(error).toMatchObject({
      limit: 'streamIdleTimeoutMs',
      limitMs: 100,
      phase: 'stream',
      partialResponse: { response: 'Half of it' },
    });
    await server.arrivals[0]?.closed;
  });

  it('is none when keep-alive comments come: it may be longer than the limit as a whole', async () => {
    let response: ServerResponse | undefined;
    await using server = await httpServer((begun) => {
      response = beginStream(begun, delta('Half'));
    });
    const { options } = patient();
    let chunks = 0;
    const count = new TransformStream<Uint8Array, Uint8Array>({
      transform(piece, controller) {
        chunks++;
        controller.enqueue(piece);
      },
    });
    const counting = async (url: string, init: FetchInit): Promise<Response> => {
      const { body, headers } = await fetch(url, init as RequestInit);
      return new Response(body?.pipeThrough(count) ?? null, { headers });
    };
    const client = server.client({ ...options, fetch: counting, streamIdleTimeoutMs: 1500 });
    const reading = collect(await client.query(streamed));
    await until(() => chunks === 1);
    for (let sent = 1; sent <= 20; sent++) {
      await options.clock.advance(1000);
      response?.write(': keep-alive\n\n');
      await until(() => chunks === 1 + sent);
    }
    response?.end(delta(' of it') + done);
    const { events, error } = await reading;
    expect(error).toBeUndefined();
    expect(events.slice(0, 2)).toEqual(half);
  });
});

describe('an error event', () => {
  it('is the error that it names, with the half that came', async () => {
    const body = '{"error":{"code":"rate_limit_exceeded","message":"Too many requests","retryAfter":7}}';
    await using server = await httpServer(
      (response) =>
        void sendPieces(beginStream(response), [
          delta('Half'),
          delta(' of it'),
          `event: error\ndata: ${body}\n\n`,
          done,
        ]),
    );
    const { events, error } = await read(server);
    expect(events).toEqual(half);
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(error).toMatchObject({
      code: 'rate_limit_exceeded',
      retryAfterMs: 7000,
      requestId: 'req_stream',
      partialResponse: { response: 'Half of it' },
    });
  });
});
