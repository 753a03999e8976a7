/** Leaving a stream on a real socket: the server sees it without another word of its own, and a slow reader slows it. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { getEventListeners } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type QueryStream, TwigAbortError, TwigClient, TwigConnectionError } from '@twig/sdk';
import { createTestClock, type TestClock } from '@twig/sdk/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { settled, turn } from '../support/turns.ts';

const event = (text: string): string => `event: delta\ndata: ${JSON.stringify({ delta: text })}\n\n`;
let handle: (response: ServerResponse) => void;
let closed: Promise<unknown>;
let url: string;
/** Stands still, so that no limit of time ever closes a socket. */
let clock: TestClock;
const server = createServer((request, response) => {
  request.resume();
  closed = new Promise((resolve) => response.on('close', resolve));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.flushHeaders();
  handle(response);
});

beforeEach(async () => {
  clock = createTestClock();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
});

const open = (options: { signal?: AbortSignal } = {}): Promise<QueryStream> =>
  Promise.resolve(
    new TwigClient({ apiKey: 'twigsk_test_x', baseUrl: url, clock, logLevel: 'off' }).query(
      { agentId: 'a', query: 'q', stream: true },
      options,
    ),
  );

describe.each(['before the first byte', 'while reading', 'while a read is pending'])('%s', (moment) => {
  /** A stream in that moment, and the read that waits, if any does. */
  async function at(signal?: AbortSignal) {
    handle = (response) => {
      if (moment !== 'before the first byte') response.write(event('a') + event('b'));
    };
    const stream = await open(signal ? { signal } : {});
    const iterator = stream[Symbol.asyncIterator]();
    if (moment === 'before the first byte') return { stream, iterator, pending: undefined };
    await iterator.next();
    if (moment === 'while reading') return { stream, iterator, pending: undefined };
    await iterator.next();
    const pending = rejection(iterator.next()).catch((error: unknown) => error);
    await turn();
    return { stream, iterator, pending };
  }

  it('abort() closes the socket', async () => {
    const { stream, pending } = await at();
    stream.abort('enough');
    await closed;
    if (pending) expect(await pending).toMatchObject({ cause: 'enough' });
  });

  it('the signal closes the socket, and is left without a listener', async () => {
    const stop = new AbortController();
    const { pending } = await at(stop.signal);
    stop.abort();
    await closed;
    if (pending) expect(await pending).toBeInstanceOf(TwigAbortError);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });

  it.each(['return', 'throw'] as const)('%s() closes the socket, and a read that waits ends', async (how) => {
    const { iterator, pending } = await at();
    await (how === 'return' ? iterator.return?.() : iterator.throw?.(new Error('mine')).catch(() => {}));
    await closed;
    // Silently: it is the caller who has left.
    if (pending) expect(String(await pending)).toContain('expected a rejection');
  });

  it('`await using` closes the socket', async () => {
    const { stream } = await at();
    await stream[Symbol.asyncDispose]();
    await closed;
  });
});

it.each(['break', 'return', 'throw'])('%s closes the socket', async (how) => {
  handle = (response) => void response.write(event('a'));
  const stream = await open();
  const loop = async (): Promise<void> => {
    for await (const _ of stream) {
      if (how === 'break') break;
      if (how === 'return') return;
      throw new Error('mine');
    }
  };
  await loop().catch(() => {});
  await closed;
});

it('a socket that stays open after done is closed by us', async () => {
  handle = (response) => void response.write(`${event('a')}event: done\ndata: {}\n\n`);
  const stream = await open();
  expect((await stream.finalResponse()).response).toBe('a');
  // It might end by itself a moment later, and then it could serve the next call.
  await clock.advance(100);
  await closed;
});

/** Resolves when Node's `fetch` has read the next of its responses to the end. */
const nextEnd = (): Promise<void> =>
  new Promise((resolve) => {
    const told = (): void => {
      unsubscribe('undici:request:trailers', told);
      resolve();
    };
    subscribe('undici:request:trailers', told);
  });

it('a socket that ends after done serves the next call', async () => {
  const ports = new Set<number | undefined>();
  server.on('request', (request) => ports.add(request.socket.remotePort));
  handle = (response) => void response.end(`${event('a')}event: done\ndata: {}\n\n`);
  for (let i = 0; i < 3; i++) {
    const ended = nextEnd();
    await (await open()).finalResponse();
    await ended;
    await turn(); // Only then does Node's fetch use the socket again.
  }
  expect(ports.size).toBe(1);
});

it('a slow reader bounds what the server can write', async () => {
  let written = 0;
  const piece = event('x'.repeat(64 * 1024));
  handle = (response) => {
    const more = (): void => {
      while (written < 200 * 2 ** 20) {
        written += piece.length;
        if (!response.write(piece)) return void response.once('drain', more);
      }
    };
    more();
  };
  const stream = await open();
  const iterator = stream[Symbol.asyncIterator]();
  await iterator.next();
  // What the two kernels and the two ends hold; the reader has asked for one event.
  expect(await settled(() => written)).toBeLessThan(32 * 2 ** 20);
  await iterator.return?.();
});

it('a slow reader still sees the error', async () => {
  let breakOff: () => unknown = () => undefined;
  handle = (response) => {
    response.write(event('a') + event('b'));
    breakOff = () => response.destroy();
  };
  const stream = await open();
  const texts: string[] = [];
  const error = await rejection(
    (async () => {
      for await (const text of stream.textStream) {
        texts.push(text);
        breakOff();
        await closed;
        await turn();
      }
    })(),
  );
  expect(texts).toEqual(['a', 'b']);
  expect(error).toBeInstanceOf(TwigConnectionError);
  expect(error).toMatchObject({ phase: 'stream' });
});
