/** What a custom `fetch` may answer with, other than the platform's own `Response`. */

import { Readable } from 'node:stream';
import { type FetchLike, TwigClient, TwigConfigError, TwigConnectionError } from '@twig/sdk';
import ky from 'ky';
import { describe, expect, it } from 'vitest';
import { impatient } from '../sockets/support.ts';
import { rejection } from '../support/client.ts';

const AGENT = '{"id":"a","name":"Grüße"}';
const QUOTA = '{"error":{"code":"plan_quota","message":"Quota used up","retryAfter":3600}}';
const EVENTS = ['event: delta\ndata: {"delta":"Grü', 'ße 🙂"}\n\nevent: done\nda', 'ta: {}\n\n'];
const encoder = new TextEncoder();
const question = { agentId: 'a', query: 'q' };

/** A client over a `fetch` that gives these in turn, and how often it was called. */
function over(...answers: (() => unknown)[]) {
  const calls: unknown[] = [];
  const fetch = async (_url: string, init: { signal: AbortSignal }) => {
    calls.push(init);
    return (answers[Math.min(calls.length, answers.length) - 1] as () => unknown)();
  };
  const client = new TwigClient({
    apiKey: 'twigsk_test_0123456789',
    logLevel: 'off',
    fetch: fetch as FetchLike,
    ...impatient(),
  });
  return { client, calls };
}

/** The same text as every kind of body, in pieces where that is possible. */
const bodies: Record<string, (parts: string[]) => object> = {
  'a stream of Node': (parts) => ({ body: Readable.from(parts.map((part) => Buffer.from(part))) }),
  'a stream of Node that gives text': (parts) => ({ body: Readable.from(parts) }),
  'an async iterable of bytes': (parts) => ({
    body: (async function* () {
      for (const part of parts) yield encoder.encode(part);
    })(),
  }),
  'an async iterable without return()': (parts) => {
    const rest = [...parts];
    const next = async () => ({ done: rest.length === 0, value: encoder.encode(rest.shift()) });
    return { body: { [Symbol.asyncIterator]: () => ({ next }) } };
  },
  'an async iterable of ArrayBuffers': (parts) => ({
    body: (async function* () {
      for (const part of parts) yield encoder.encode(part).buffer;
    })(),
  }),
  'a reader whose cancel throws': (parts) => {
    const rest = [...parts];
    const read = async () => ({ done: rest.length === 0, value: encoder.encode(rest.shift()) });
    const cancel = (): never => {
      throw new Error('cancel is not there');
    };
    return { body: { getReader: () => ({ read, cancel }), cancel } };
  },
  'a reader without cancel': (parts) => {
    const rest = [...parts];
    return {
      body: { getReader: () => ({ read: async () => ({ done: !rest.length, value: encoder.encode(rest.shift()) }) }) },
    };
  },
  'a body that is locked, and text()': (parts) => ({
    body: {
      getReader: () => {
        throw new TypeError('locked');
      },
      cancel: () => Promise.reject(new TypeError('locked')),
    },
    text: async () => parts.join(''),
  }),
  'no body, and text()': (parts) => ({ text: async () => parts.join('') }),
  'body: null, and text()': (parts) => ({ body: null, text: async () => parts.join('') }),
  'a body that throws, and text()': (parts) => ({
    get body(): never {
      throw new Error('not implemented');
    },
    text: () => parts.join(''),
  }),
  'arrayBuffer() alone': (parts) => ({ arrayBuffer: async () => encoder.encode(parts.join('')).buffer }),
  'bytes() alone': (parts) => ({ bytes: async () => encoder.encode(parts.join('')) }),
  'blob() alone': (parts) => ({ blob: async () => new Blob(parts) }),
  'a text for a body': (parts) => ({ body: parts.join('') }),
  'bytes for a body': (parts) => ({ body: Buffer.from(parts.join('')) }),
  'a Blob for a body': (parts) => ({ body: new Blob(parts) }),
};
/** Cut in the middle of characters of several bytes, too. */
const cut = (text: string): string[] => [text.slice(0, 7), text.slice(7)];

describe.each(Object.entries(bodies))('%s', (_name, body) => {
  const answer =
    (status: number, parts: string[], headers: Record<string, string> = {}) =>
    (): object =>
      Object.defineProperties(
        { status, headers: new Headers(headers) },
        Object.getOwnPropertyDescriptors(body(parts)) as PropertyDescriptorMap,
      );

  it('is read as data', async () => {
    const { data, response } = await over(answer(200, cut(AGENT), { 'x-request-id': 'req_1' }))
      .client.agents.get('a')
      .withResponse();
    expect(data.name).toBe('Grüße');
    expect(response).toBeInstanceOf(Response);
    expect((response as Response).headers.get('x-request-id')).toBe('req_1');
  });

  it('is read as an error: status, code, message and wait', async () => {
    const { client, calls } = over(answer(429, cut(QUOTA)));
    const error = await rejection(client.agents.get('a'));
    expect(error).toMatchObject({
      name: 'TwigRateLimitError',
      status: 429,
      code: 'plan_quota',
      message: 'Quota used up',
      retryAfterMs: 3_600_000,
    });
    expect(calls).toHaveLength(1);
  });

  it('of a status that says "later" is let go of, and tried again', async () => {
    const { client, calls } = over(answer(503, ['{}']), answer(503, ['{}']), answer(200, cut(AGENT)));
    expect((await client.agents.get('a')).name).toBe('Grüße');
    expect(calls).toHaveLength(3);
  });

  it('is streamed', async () => {
    const stream = await over(answer(200, EVENTS)).client.query({ ...question, stream: true });
    expect((await stream.finalResponse()).response).toBe('Grüße 🙂');
  });

  it('can be left, and aborts the request', async () => {
    const { client, calls } = over(answer(200, EVENTS));
    for await (const _ of await client.query({ ...question, stream: true })) break;
    expect(calls[0]).toMatchObject({ signal: { aborted: true } });
  });

  it('is handed on by asResponse() as a Response', async () => {
    const response = (await over(answer(200, cut(AGENT), { 'x-request-id': 'req_1' }))
      .client.agents.get('a')
      .asResponse()) as Response;
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.headers.get('x-request-id'), await response.text()]).toEqual([
      200,
      'req_1',
      AGENT,
    ]);
  });
});

it('json() alone is read as data and as an error', async () => {
  const json = (status: number, value: object) => () => ({ status, json: async () => value });
  expect((await over(json(200, { id: 'a', name: 'n' })).client.agents.get('a')).name).toBe('n');
  expect(await rejection(over(json(404, { error: { code: 'gone' } })).client.agents.get('a'))).toMatchObject({
    status: 404,
    code: 'gone',
  });
});

it('text() may keep the byte order mark, as that of node-fetch 2 does', async () => {
  const { client } = over(() => ({ status: 200, headers: {}, text: async () => `\ufeff${AGENT}` }));
  expect((await client.agents.get('a')).name).toBe('Grüße');
});

describe('headers', () => {
  const told = {
    'Content-Type': 'application/json',
    'X-Request-Id': 'req_1',
    'X-RateLimit-Remaining': '7',
    'Retry-After': '3600',
  };
  const lower = Object.entries(told).map(([name, value]) => [name.toLowerCase(), value] as const);
  const refusing = new Headers(told);
  refusing.get = (name) => {
    throw new Error(`Failed to get response header "${name}"`);
  };
  class Foreign {
    get(name: string): string | undefined {
      const found = lower.find(([known]) => known === name.toLowerCase());
      if (!found) throw new Error(`unknown header ${name}`);
      return found[1];
    }
  }
  const kinds: [string, unknown][] = [
    ['a Headers whose get throws', refusing],
    ['a Map', new Map(lower)],
    ['pairs', Object.entries(told)],
    ['a plain object', told],
    [
      'a plain object of lists and numbers',
      { ...Object.fromEntries(lower.map(([name, value]) => [name, [value]])), 'retry-after': 3600 },
    ],
    ['an object with entries() alone', { entries: () => lower.values() }],
    ['an object with get() alone, which throws for names that it does not know', new Foreign()],
    [
      'an object whose forEach throws',
      Object.assign(new Foreign(), {
        forEach: () => {
          throw new Error('no');
        },
      }),
    ],
  ];
  it.each(kinds)('in %s are read', async (_name, headers) => {
    const answer = (status: number, text: string) => () => ({ status, headers, text: async () => text });
    const { meta } = await over(answer(200, AGENT)).client.agents.get('a').withResponse();
    expect(meta).toMatchObject({ requestId: 'req_1', rateLimit: { remaining: 7 } });
    expect(meta.headers.get('content-type')).toBe('application/json');
    expect(meta.headers.get('x-unheard-of')).toBeNull();
    const { client, calls } = over(answer(503, ''));
    expect(await rejection(client.agents.get('a'))).toMatchObject({
      status: 503,
      retryAfterMs: 3_600_000,
      requestId: 'req_1',
    });
    expect(calls).toHaveLength(1);
  });
  it('that are missing, or no headers, are none', async () => {
    for (const headers of [undefined, null, 'x-request-id: 1', 7]) {
      const { meta } = await over(() => ({ status: 200, headers, text: async () => AGENT }))
        .client.agents.get('a')
        .withResponse();
      expect(meta.requestId).toBeUndefined();
    }
  });
});

describe('a body that cannot be read', () => {
  it.each<[string, () => object]>([
    ['an object that is none', () => ({ body: { odd: true } })],
    ['chunks that are no bytes', () => ({ body: Readable.from([{ odd: true }]) })],
    ['a text() that gives none', () => ({ text: async () => 7 })],
    ['a number', () => ({ body: 7 })],
  ])('rejects with an error of ours: %s', async (_name, body) => {
    const answer = () => ({ status: 200, headers: {}, ...body() });
    expect(await rejection(over(answer).client.agents.get('a'))).toBeInstanceOf(TwigConfigError);
    const streaming = over(answer).client.query({ ...question, stream: true });
    expect(await rejection(streaming.then((stream) => stream.finalResponse()))).toBeInstanceOf(TwigConfigError);
    const { client, calls } = over(() => ({ status: 404, headers: {}, ...body() }));
    expect(await rejection(client.agents.get('a'))).toMatchObject({ status: 404 });
    expect(calls).toHaveLength(1);
  });

  it.each([
    [
      'a stream of Node that breaks',
      () => ({
        body: Readable.from(
          (async function* () {
            yield Buffer.from('{');
            throw new Error('reset');
          })(),
        ),
      }),
    ],
    [
      'a read() that throws',
      () => ({
        body: {
          getReader: () => ({
            read: () => {
              throw new Error('reset');
            },
          }),
        },
      }),
    ],
    [
      'a text() that throws',
      () => ({
        text: () => {
          throw new Error('reset');
        },
      }),
    ],
    [
      'a next() that throws',
      () => ({
        body: {
          [Symbol.asyncIterator]: () => ({
            next: () => {
              throw new Error('reset');
            },
          }),
        },
      }),
    ],
  ])('breaks as a connection does: %s', async (_name, body) => {
    const answer = () => ({ status: 200, headers: {}, ...body() });
    expect(await rejection(over(answer).client.query(question))).toBeInstanceOf(TwigConnectionError);
    const stream = await over(answer).client.query({ ...question, stream: true });
    expect(await rejection(stream.finalResponse())).toMatchObject({ phase: 'stream' });
    expect(await rejection(over(() => ({ status: 404, headers: {}, ...body() })).client.agents.get('a'))).toMatchObject(
      { status: 404 },
    );
  });

  it('is no response where whatever is touched throws', async () => {
    const get = (_target: object, name: string | symbol): undefined => {
      // Whatever a promise resolves with is asked for it.
      if (name === 'then') return undefined;
      throw new Error('touched');
    };
    expect(await rejection(over(() => new Proxy({}, { get })).client.agents.get('a'))).toBeInstanceOf(TwigConfigError);
  });
});

describe('a status', () => {
  const answer = (status: unknown) => () => ({ status, headers: {}, text: async () => AGENT });

  it.each<[string, () => unknown]>([
    ['of Response.error()', () => Response.error()],
    ['of 0, as a service worker or XMLHttpRequest has it', answer(0)],
  ])('%s is a connection that failed', async (_name, broken) => {
    const { client, calls } = over(broken, answer(200));
    expect(await client.agents.get('a')).toMatchObject({ id: 'a' });
    expect(calls).toHaveLength(2);
    expect(await rejection(over(broken).client.query(question))).toMatchObject({
      name: 'TwigConnectionError',
      phase: 'headers',
    });
  });

  it('alone tells an error, and an answer that has no body, as mocks have it', async () => {
    const alone = (status: number) => () => ({ ok: status < 300, status });
    expect(await over(alone(204)).client.agents.delete('a')).toBeUndefined();
    expect(await rejection(over(alone(404)).client.agents.get('a'))).toMatchObject({ name: 'TwigNotFoundError' });
  });

  it.each([Number.NaN, -1, 20, 200.5, 2000, '200', null])('of %s is none', async (status) => {
    expect(await rejection(over(answer(status)).client.agents.get('a'))).toBeInstanceOf(TwigConfigError);
  });
});

describe('a body that the fetch has read itself, to log it', () => {
  const read = (status: number, text: string) => async () => {
    const response = new Response(text, { status, headers: { 'content-type': 'text/event-stream' } });
    await response.text();
    return response;
  };

  it('is told, and not asked for again', async () => {
    const { client, calls } = over(read(200, AGENT));
    expect(await rejection(client.agents.get('a'))).toMatchObject({
      name: 'TwigConfigError',
      message: expect.stringContaining('read before'),
    });
    expect(calls).toHaveLength(1);
    const streaming = over(read(200, EVENTS.join(''))).client.query({ ...question, stream: true });
    expect(await rejection(streaming.then((stream) => stream.finalResponse()))).toBeInstanceOf(TwigConfigError);
  });

  it('hides no status', async () => {
    expect(await rejection(over(read(404, QUOTA)).client.agents.get('a'))).toMatchObject({ status: 404 });
  });
});

describe('an answer that is thrown for its status', () => {
  const thrown = (response: object) => (): never => {
    throw Object.assign(new Error('Request failed'), { response });
  };

  it.each<[string, (status: number) => () => unknown]>([
    ['by ky', (status) => () => ky('https://x.test', { retry: 0, fetch: async () => new Response('{}', { status }) })],
    ['as ofetch does', (status) => thrown(new Response('{}', { status }))],
    ['as axios does', (status) => thrown({ status, headers: { 'x-request-id': 'r' }, data: {} })],
  ])('%s, is the answer', async (_tool, answer) => {
    for (const [status, name, attempts] of [
      [404, 'TwigNotFoundError', 1],
      [503, 'TwigServiceUnavailableError', 3],
    ] as const) {
      const { client, calls } = over(answer(status));
      expect(await rejection(client.agents.get('a'))).toMatchObject({ name, status });
      expect(calls).toHaveLength(attempts);
    }
  });

  it.each([
    ['of a success', { status: 200, headers: {} }],
    ['that is none', { status: 'x' }],
    [
      'that throws when it is touched',
      {
        get status() {
          throw new Error('no');
        },
      },
    ],
  ])('%s leaves the error what it is', async (_kind, response) => {
    expect(await rejection(over(thrown(response)).client.agents.get('a'))).toBeInstanceOf(TwigConnectionError);
  });
});

describe('what fetch gave instead of a response', () => {
  it('is let go of, and what its body emits then is heard: undici.request()', async () => {
    const body = new Readable({ read() {} });
    const { client, calls } = over(() => ({ statusCode: 200, headers: {}, body }));
    expect(await rejection(client.agents.get('a'))).toBeInstanceOf(TwigConfigError);
    expect(calls).toMatchObject([{ signal: { aborted: true } }]);
    expect(body.destroyed).toBe(true);
    expect(() => body.emit('error', new Error('aborted'))).not.toThrow();
  });
});

it.each([
  ['what HTTP cannot carry', 'Größe ✓\n'],
  ['an object that is no text', Object.create(null)],
])('statusText and url that are %s keep no response from being given', async (_name, odd) => {
  const answer = () => ({ status: 200, statusText: odd, url: odd, text: async () => AGENT });
  const response = (await over(answer).client.agents.get('a').asResponse()) as Response;
  expect(await response.text()).toBe(AGENT);
  const { response: read } = await over(answer).client.agents.get('a').withResponse();
  expect(['Größe ', '']).toContain((read as Response).statusText);
});

describe('a body of Node that is left', () => {
  it.each(['while somebody reads it', 'while nobody does'])(
    'by the signal, %s, is destroyed: asResponse()',
    async (when) => {
      const body = new Readable({ read() {} });
      const stop = new AbortController();
      const { client } = over(() => ({ status: 200, headers: {}, body }));
      const response = (await client.agents.get('a', { signal: stop.signal }).asResponse()) as Response;
      const reading = when === 'while nobody does' ? undefined : rejection(response.text());
      stop.abort();
      expect(await (reading ?? rejection(response.text()))).toMatchObject({ name: 'TwigAbortError' });
      expect(body.destroyed).toBe(true);
    },
  );

  it('is given up when it goes on after the answer without ever making anybody wait', async () => {
    let given = 0;
    const body = (async function* () {
      yield EVENTS.join('');
      while (given < 5000) yield `: ping ${given++}\n\n`;
    })();
    const stream = await over(() => ({ status: 200, headers: {}, body })).client.query({ ...question, stream: true });
    expect((await stream.finalResponse()).response).toBe('Grüße 🙂');
    await new Promise((resolve) => setImmediate(resolve));
    expect(given).toBeLessThan(200);
  });

  it('that breaks beside a text() ends nothing', async () => {
    const body = new Readable({ read() {} });
    const { client } = over(() => ({ status: 200, headers: {}, body, text: async () => AGENT }));
    await client.agents.get('a');
    expect(() => body.emit('error', new Error('reset'))).not.toThrow();
  });

  it('is read no further than it is asked for, and destroyed', async () => {
    let made = 0;
    const body = Readable.from(
      (async function* () {
        for (;;) yield Buffer.from(`event: delta\ndata: {"delta":"${made++}"}\n\n`);
      })(),
      { highWaterMark: 2 },
    );
    const { client } = over(() => ({ status: 200, headers: {}, body }));
    for await (const event of await client.query({ ...question, stream: true })) {
      if (event.type === 'delta' && event.text === '2') break;
    }
    expect(body.destroyed).toBe(true);
    expect(made).toBeLessThan(12);
  });

  it('while it is silent is destroyed by the idle limit, and what it emits then is heard', async () => {
    const body = new Readable({ read() {} });
    const options = impatient();
    const fetch = async () => ({ status: 200, headers: new Headers(), body, text: async () => '' });
    const client = new TwigClient({ apiKey: 'twigsk_test_0123456789', fetch, ...options, streamIdleTimeoutMs: 300 });
    const stream = await client.query({ ...question, stream: true });
    const reading = rejection(stream.finalResponse());
    await new Promise((resolve) => setImmediate(resolve));
    options.clock.advance(300);
    expect(await reading).toMatchObject({ name: 'TwigTimeoutError' });
    expect(body.destroyed).toBe(true);
    body.emit('error', new Error('aborted')); // As node-fetch does for a signal that aborts: nobody listening ends the process.
  });

  it('after a refused answer is destroyed, and what it emits then is heard', async () => {
    const body = new Readable({ read() {} });
    body.push('x'.repeat(70_000));
    const { client } = over(() => ({ status: 404, headers: {}, body }));
    expect(await rejection(client.agents.get('a'))).toMatchObject({ status: 404 });
    expect(body.destroyed).toBe(true);
    body.emit('error', new Error('aborted'));
  });
});
