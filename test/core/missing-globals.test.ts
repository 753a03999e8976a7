/** Runtimes that lack what most have: an error only where nothing can stand in for it. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBare } from '../support/bare-runtime.ts';
import { rejection } from '../support/client.ts';

const STREAM = [
  'event: delta\ndata: {"delta":"Grüße "}\n\n',
  'event: delta\ndata: {"delta":"🙂"}\n\nevent: done\ndata: {}\n\n',
];
const question = { agentId: 'a', query: 'q' };
const keys: unknown[] = [];
let failures = 0;
const server = createServer((request, response) => {
  if (request.method === 'POST') keys.push(request.headers['idempotency-key']);
  let body = '';
  request.on('data', (data) => {
    body += data;
  });
  request.on('end', () => {
    const { url = '' } = request;
    if (url.endsWith('/busy') && failures++ % 2 === 0) {
      response.writeHead(429, { 'retry-after': '0', 'x-request-id': 'req_busy' }).end('{"error":{"code":"busy"}}');
    } else if (url.endsWith('/gone')) {
      response.writeHead(404, { 'x-request-id': 'req_gone' }).end('{"error":{"code":"gone","message":"Gone – weg"}}');
    } else if (url.endsWith('/elsewhere')) {
      response.writeHead(307, { location: '/api/v1/agents/a' }).end();
    } else if (body.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(STREAM[0]);
      response.end(STREAM[1]);
    } else {
      response
        .writeHead(200, { 'x-request-id': 'req_1' })
        .end('{"id":"a","name":"Grüße","response":"Ja","sources":[],"metadata":{}}');
    }
  });
});
let baseUrl: string;
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** The `fetch` of such a runtime knows none of the web's classes: status, a plain object, a stream of Node, and `text()`. */
async function foreignFetch(url: string, init: object) {
  const response = await fetch(url, init);
  const body = response.body ? Readable.fromWeb(response.body as never) : null;
  const text = async (): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of body ?? []) parts.push(part);
    return Buffer.concat(parts).toString();
  };
  return { status: response.status, headers: Object.fromEntries(response.headers), body, text };
}

const MISSING = [
  'AbortSignal',
  'AggregateError',
  'FinalizationRegistry',
  'FormData',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TextDecoderStream',
  'TextEncoder',
  'URLSearchParams',
  'WeakRef',
  'atob',
  'console',
  'crypto',
  'performance',
  'queueMicrotask',
  'structuredClone',
];

describe.each([...MISSING.map((name) => [name]), ['all of these', ...MISSING]])('without %s', (...missing) => {
  const client = async () => {
    const { TwigClient } = await loadBare(missing);
    return new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl, fetch: foreignFetch as never });
  };

  it('calls are answered, retried and redirected, and errors are told', async () => {
    const twig = await client();
    expect((await twig.agents.get('a')).name).toBe('Grüße');
    expect((await twig.agents.get('busy').withResponse()).meta).toMatchObject({
      requestId: 'req_1',
      attempts: [{ status: 429 }, {}],
    });
    expect((await twig.agents.get('elsewhere')).name).toBe('Grüße');
    const error = await rejection(twig.agents.get('gone'));
    expect(error).toMatchObject({
      name: 'TwigNotFoundError',
      code: 'gone',
      message: 'Gone – weg',
      requestId: 'req_gone',
    });
  });

  it('a POST has a key of its own, or the one that it was given', async () => {
    const twig = await client();
    keys.length = 0;
    expect((await twig.query(question)).response).toBe('Ja');
    await twig.query(question);
    await twig.query(question, { idempotencyKey: 'mine' });
    const uuid = expect.stringMatching(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(keys).toEqual([uuid, uuid, 'mine']);
    expect(keys[0]).not.toBe(keys[1]);
  });

  it('streams are read, and left', async () => {
    const twig = await client();
    const stream = await twig.query({ ...question, stream: true });
    expect((await stream.finalResponse()).response).toBe('Grüße 🙂');
    for await (const event of await twig.query({ ...question, stream: true })) {
      expect(event.type).toBe('delta');
      break;
    }
  });

  it('asResponse() gives a response that can be read', async () => {
    const response = (await (await client()).agents.get('a').asResponse()) as Response;
    expect(response.status).toBe(200);
    expect(JSON.parse(await response.text())).toMatchObject({ name: 'Grüße' });
  });
});

it('the random number of the clock is the last resort for a key', async () => {
  const { TwigClient } = await loadBare(['crypto']);
  const random = (): number => 0.7;
  const clock = { now: () => 0, random, sleep: () => new Promise<void>(() => {}) };
  const twig = new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl, fetch: foreignFetch as never, clock });
  keys.length = 0;
  await twig.query(question);
  expect(keys).toEqual(['23333333-2333-4333-b333-233333333333']);
});

it('without Symbol.asyncIterator, which Hermes lacks, streams are handed on, and iterated as Babel does it', async () => {
  const get = (_: object, name: PropertyKey) => (name === 'asyncIterator' ? undefined : Reflect.get(Symbol, name));
  const OldSymbol = new Proxy(() => {}, { get, apply: (_target, _this, [name]) => Symbol(name) });
  const { TwigClient } = await loadBare([], { Symbol: { value: OldSymbol } });
  const twig = new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl, fetch: foreignFetch as never });
  const open = () => twig.query({ ...question, stream: true });
  expect(await new Response((await open()).toTextStream() as ReadableStream).text()).toBe('Grüße 🙂');
  expect(await open().then((stream) => (stream.toSSEResponse() as Response).text())).toContain('event: done');
  const stream = (await open()) as unknown as { '@@asyncIterator': () => AsyncIterator<{ type: string }> };
  expect((await stream['@@asyncIterator']().next()).value).toMatchObject({ type: 'delta' });
});

describe('a Response that takes a stream for a text, as of node-fetch or React Native', () => {
  class OldResponse {
    readonly body: unknown;
    constructor(body: unknown) {
      this.body = Buffer.from(String(body));
    }
  }
  const client = async () => {
    const { TwigClient } = await loadBare([], { Response: { value: OldResponse } });
    return new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl, fetch: foreignFetch as never });
  };

  it('is not given in the place of the one that was answered', async () => {
    const response = (await (await client()).agents.get('a').asResponse()) as Response;
    expect(JSON.parse(await response.text())).toMatchObject({ name: 'Grüße' });
  });

  it('hands no answer on, and takes nothing of it', async () => {
    const stream = await (await client()).query({ ...question, stream: true });
    expect(() => stream.toSSEResponse()).toThrow('the global Response');
    expect((await stream.finalResponse()).response).toBe('Grüße 🙂');
  });
});

it('a URL whose parts throw, as that of older React Natives, counts as missing', async () => {
  class OldURL {
    get origin(): never {
      throw new Error('URL.origin is not implemented');
    }
  }
  const { TwigClient, TwigConfigError } = await loadBare([], { URL: { value: OldURL } });
  const make = () => new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl });
  expect(make).toThrow(TwigConfigError);
  expect(make).toThrow('the global URL');
});

it('a URL that cannot be parsed ahead of time is parsed all the same', async () => {
  class OldURL extends URL {}
  Object.defineProperty(OldURL, 'canParse', { value: undefined });
  const { TwigClient } = await loadBare([], { URL: { value: OldURL } });
  const twig = new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl, fetch: foreignFetch as never });
  expect((await twig.agents.get('elsewhere')).name).toBe('Grüße');
});

it('without AbortSignal.any and AbortSignal.timeout limits of time hold', async () => {
  class OldSignal extends EventTarget {}
  const { TwigClient, TwigTimeoutError } = await loadBare([], { AbortSignal: { value: OldSignal } });
  const fetch = (_url: string, init: { signal: AbortSignal }) =>
    new Promise<never>((_, reject) => init.signal.addEventListener('abort', () => reject(init.signal.reason)));
  const twig = new TwigClient({ apiKey: 'twigsk_test_0123456789', fetch: fetch as never, maxRetries: 0, timeoutMs: 5 });
  expect(await rejection(twig.agents.get('a'))).toBeInstanceOf(TwigTimeoutError);
});

it('an AbortController without reasons, as React Native has it, ends a call between two attempts with an error of ours', async () => {
  class OldController {
    readonly signal = Object.assign(new EventTarget(), { aborted: false });
    abort(): void {
      this.signal.aborted = true;
      this.signal.dispatchEvent(new Event('abort'));
    }
  }
  const { TwigClient } = await loadBare([], { AbortController: { value: OldController } });
  const stop = new OldController();
  const fetch = async () => ({ status: 503, headers: { 'retry-after': '30' }, text: async () => '' });
  const hooks = { onRetry: () => void setTimeout(() => stop.abort()) };
  const twig = new TwigClient({ apiKey: 'twigsk_test_0123456789', fetch: fetch as never, hooks });
  expect(await rejection(twig.agents.get('a', { signal: stop.signal }))).toMatchObject({ name: 'TwigAbortError' });
});

it('without Web Crypto and Node a webhook is no forgery but a mistake of the program', async () => {
  const { Webhooks } = await loadBare(['crypto']);
  const error = await rejection(new Webhooks({ secret: 's' }).verify('{}', 'a'.repeat(64)));
  expect(error).toMatchObject({ name: 'TwigConfigError', message: expect.stringContaining('crypto') });
});

it.each(['hex', 'base64', 'base64url'] as const)('without atob a signature in %s is read', async (encoding) => {
  const { Webhooks } = await loadBare(['atob']);
  const webhooks = new Webhooks({ secret: 's' });
  const body = '{"event":"agent.updated"}';
  const signature = Buffer.from((await webhooks.sign(body)).slice(7), 'hex').toString(encoding);
  await webhooks.verify(body, signature);
  expect(await rejection(webhooks.verify(`${body} `, signature))).toMatchObject({ code: 'invalid_signature' });
});

describe('what nothing can stand in for is told by name', () => {
  const make = async (missing: string) => {
    const { TwigClient } = await loadBare([missing]);
    return new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl, maxRetries: 0, fetch: foreignFetch as never });
  };
  const told = (name: string) => ({ name: 'TwigConfigError', message: expect.stringContaining(`the global ${name}`) });

  it('TextDecoder, for a stream of bytes', async () => {
    const stream = await (await make('TextDecoder')).query({ ...question, stream: true });
    expect(await rejection(stream.finalResponse())).toMatchObject(told('TextDecoder'));
  });
  it('but not for an answer, or for an error', async () => {
    const twig = await make('TextDecoder');
    expect((await twig.agents.get('a')).name).toBe('Grüße');
    expect(await rejection(twig.agents.get('gone'))).toMatchObject({ status: 404, requestId: 'req_gone' });
  });
  it('TextEncoder, ReadableStream and Response, for what is handed on', async () => {
    const hand = async (missing: string): Promise<unknown> => {
      const stream = await (await make(missing)).query({ ...question, stream: true });
      try {
        return stream.toSSEResponse();
      } catch (error) {
        return error;
      } finally {
        stream.abort();
      }
    };
    for (const name of ['TextEncoder', 'ReadableStream', 'Response'])
      expect(await hand(name)).toMatchObject(told(name));
  });
  it('AbortController, for any call', async () => {
    expect(await rejection((await make('AbortController')).agents.get('a'))).toMatchObject(told('AbortController'));
  });
  it('URL, for any client', async () => {
    expect(await rejection(make('URL'))).toMatchObject(told('URL'));
  });
  it('fetch, where no other is given', async () => {
    const { TwigClient } = await loadBare(['fetch']);
    const error = await rejection(new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl }).agents.get('a'));
    expect(error).toMatchObject(told('fetch'));
  });
});
