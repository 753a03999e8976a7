/** A `fetch` that throws an error which carries its request: nothing that the client gives on shows the key. */

import { inspect } from 'node:util';
import { type FetchInit, TwigClient, type TwigClientOptions, TwigConnectionError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { rejection, sse } from '../support/client.ts';

const KEY = 'twigsk_live_TopSecret0123456789';
const secretOf = ({ headers }: FetchInit): string => headers.authorization ?? '';

/** As error trackers do: every member that can be named, with getters, and what iterates. */
function walk(value: unknown, seen = new Set<unknown>()): string {
  if (typeof value === 'symbol') return value.description ?? '';
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return String(value);
  if (seen.has(value)) return '';
  seen.add(value);
  const parts: string[] = [];
  const visit = (look: () => unknown): void => {
    try {
      parts.push(walk(look(), seen));
    } catch {
      // It shows nothing.
    }
  };
  for (const key of Reflect.ownKeys(value)) {
    parts.push(String(key));
    visit(() => Reflect.get(value, key));
  }
  for (const key in value) visit(() => Reflect.get(value, key));
  if (value instanceof Map || value instanceof Set || value instanceof Headers) visit(() => [...value]);
  return parts.join('\n');
}

function everythingOf(error: Error): string {
  const parts = [walk(error), inspect(error, { depth: 20, showHidden: true, getters: true }), JSON.stringify(error)];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
    parts.push(String(cause), String(cause.stack), JSON.stringify(cause, Object.getOwnPropertyNames(cause)));
  }
  return parts.join('\n');
}

/** An error with what `attach` puts into it, thrown by a `fetch` that knows its request. */
type Attach = (error: Error & Record<string, unknown>, init: FetchInit) => void;

/** As libraries make them that hide their request in a class. */
class Hidden {
  constructor(init: FetchInit) {
    Object.defineProperty(this, 'give', { value: () => init });
  }
  get request(): unknown {
    return (this as unknown as { give: () => unknown }).give();
  }
}

/** As libraries make them that hide their request from everybody but a console. */
class Shown {
  constructor(init: FetchInit) {
    Object.defineProperty(this, inspect.custom, { value: () => `Request ${secretOf(init)}` });
  }
}

/** As libraries make them that have their text in a private member. */
class Text {
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }
  toString(): string {
    return this.#text;
  }
}

const heir = (init: FetchInit): PropertyDescriptorMap => ({ request: { value: init, enumerable: true } });

const circle = (init: FetchInit): object => {
  const request: Record<string, unknown> = { init };
  request.self = request;
  return request;
};

const ways: Record<string, Attach> = {
  'its request': (error, init) => Object.assign(error, { request: init }),
  'a real Request': (error, { headers }) =>
    Object.assign(error, { request: new Request('https://x.test', { headers }) }),
  Headers: (error, { headers }) => Object.assign(error, { response: { config: { headers: new Headers(headers) } } }),
  'a list': (error, { headers }) => Object.assign(error, { args: [['https://x.test', Object.entries(headers)]] }),
  'a Map': (error, { headers }) =>
    Object.assign(error, { sent: new Map([[{ a: 1 }, new Map(Object.entries(headers))]]) }),
  'a Map, as a key': (error, init) => Object.assign(error, { sent: new Map([[secretOf(init), 1]]) }),
  'a Set': (error, init) => Object.assign(error, { sent: new Set([[secretOf(init)]]) }),
  'a symbol': (error, init) => Object.assign(error, { [Symbol('request')]: init }),
  'the name of a symbol': (error, init) => Object.assign(error, { [Symbol(secretOf(init))]: 1 }),
  'the name of a member': (error, init) => Object.assign(error, { cache: { [secretOf(init)]: 1 } }),
  'a hidden member': (error, init) => Object.defineProperty(error, 'request', { value: init }),
  'a getter': (error, init) => Object.defineProperty(error, 'request', { get: () => ({ init }), enumerable: true }),
  'a getter of a class': (error, init) => Object.assign(error, { request: new Hidden(init) }),
  'a circle': (error, init) => Object.assign(error, { request: circle(init) }),
  'a function': (error, init) => Object.assign(error, { retry: Object.assign(() => {}, { init }) }),
  bytes: (error, init) => Object.assign(error, { raw: new TextEncoder().encode(`authorization: ${secretOf(init)}`) }),
  'an ArrayBuffer': (error, init) => Object.assign(error, { raw: new TextEncoder().encode(secretOf(init)).buffer }),
  'what it inherits': (error, init) => Object.setPrototypeOf(error, Object.create(TypeError.prototype, heir(init))),
  'what it shows to inspect': (error, init) => Object.assign(error, { request: new Shown(init) }),
  'a text in a box': (error, init) => Object.assign(error, { sent: new String(secretOf(init)) }),
  'what it is as a text': (error, init) => Object.assign(error, { token: new Text(secretOf(init)) }),
  'a promise': (error, init) => Object.assign(error, { pending: Promise.resolve(init) }),
  'a WeakSet': (error, init) => Object.assign(error, { known: new WeakSet([init]) }),
  'an iterator': (error, init) => Object.assign(error, { left: new Map(Object.entries(init.headers)).values() }),
  toJSON: (error, init) => Object.assign(error, { toJSON: () => ({ init }) }),
  'its message': (error, init) => Object.assign(error, { message: `401 for ${secretOf(init)}` }),
  'its stack': (error, init) => Object.assign(error, { stack: `Error: x\n  at fetch(${secretOf(init)})` }),
  'its code': (error, init) => Object.assign(error, { code: `E_${KEY}`, init }),
  'a cause of a cause': (error, init) =>
    Object.assign(error, { cause: new Error('b', { cause: new Error(secretOf(init)) }) }),
  'one of its errors': (error, init) =>
    Object.assign(error, { errors: [new Error('a'), Object.assign(new Error('b'), { init })] }),
  'something below thirty others': (error, init) => {
    let deep: unknown = init;
    for (let level = 0; level < 30; level++) deep = { deep };
    Object.assign(error, { deep });
  },
};

const make = (fetch: TwigClientOptions['fetch'], options: TwigClientOptions = {}): TwigClient =>
  new TwigClient({ apiKey: KEY, maxRetries: 0, logLevel: 'off', fetch, ...options });

/** An error of which the test itself knows that it shows the key. */
const thrownBy = (attach: Attach, init: FetchInit): Error => {
  const error = Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
  // The cast: what is attached has any name.
  attach(error as unknown as Error & Record<string, unknown>, init);
  return error;
};

describe.each(Object.entries(ways))('an error that carries the key in %s', (_way, attach) => {
  it('is copied without it', async () => {
    let thrown: Error | undefined;
    const client = make(async (_url, init) => {
      thrown = thrownBy(attach, init);
      throw thrown;
    });
    const error = (await rejection(client.agents.get('a'))) as TwigConnectionError;
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error.cause).not.toBe(thrown);
    expect(error.cause).toBeInstanceOf(Error);
    expect((error.cause as Error).name).toBe('TypeError');
    expect(everythingOf(error)).not.toContain(KEY);
  });

  it('is copied without it, inside a body', async () => {
    const client = make(async (_url, init) => {
      const body = new ReadableStream({ pull: (controller) => controller.error(thrownBy(attach, init)) });
      return new Response(body);
    });
    const error = (await rejection(client.agents.get('a'))) as TwigConnectionError;
    expect(error.phase).toBe('body');
    expect(everythingOf(error)).not.toContain(KEY);
    const raw = await client.agents.get('a').asResponse();
    expect(everythingOf((await rejection(raw.text())) as Error)).not.toContain(KEY);
  });
});

it('keeps name, message, code and stack of what it copies', async () => {
  const client = make(async (_url, init) => {
    const error = Object.assign(new RangeError(`no ${KEY} here`), { code: 'E_X', init });
    error.stack = `RangeError: no ${KEY} here\n    at somewhere`;
    throw error;
  });
  const { cause } = (await rejection(client.agents.get('a'))) as { cause: Error & { code: string } };
  expect(cause).toMatchObject({ name: 'RangeError', message: 'no [redacted] here', code: 'E_X' });
  expect(cause.stack).toBe('RangeError: no [redacted] here\n    at somewhere');
  expect(Object.keys(cause)).toEqual(['code']);
});

it('leaves what holds no key as it is', async () => {
  const request = { url: 'https://x.test', headers: new Headers({ accept: 'x' }) };
  const thrown = Object.assign(new Error('x', { cause: new Error('y') }), {
    request,
    list: [new Map([[1, { a: 1 }]])],
  });
  const client = make(() => Promise.reject(thrown));
  expect(((await rejection(client.agents.get('a'))) as Error).cause).toBe(thrown);
});

it('copies what cannot be looked through', async () => {
  const locked = new Proxy(new Error('x'), {
    ownKeys() {
      throw new Error('no');
    },
  });
  const endless = Object.assign(new Error('x'), { list: Array.from({ length: 30_000 }, (_, index) => ({ index })) });
  for (const thrown of [locked, endless]) {
    const client = make(() => Promise.reject(thrown));
    expect(((await rejection(client.agents.get('a'))) as Error).cause).not.toBe(thrown);
  }
});

it('copies a text that is thrown, and knows the key of a function and the credential of the caller’s own header', async () => {
  const fetch: TwigClientOptions['fetch'] = (_url, init) => Promise.reject(`failed with ${secretOf(init)}`);
  const headers = { authorization: `Basic ${KEY}` };
  for (const options of [{}, { apiKey: () => KEY }, { apiKey: null, headers }, { apiKey: 'another_key', headers }]) {
    const error = (await rejection(make(fetch, options).agents.get('a'))) as Error;
    expect(error.cause).toMatch(/^failed with (Bearer|Basic) \[redacted\]$/);
    expect(everythingOf(error)).not.toContain(KEY);
  }
});

it.each(['proxy-authorization', 'X-Api-Key', 'x-auth-token', 'ocp-apim-subscription-key'])(
  'copies what holds the credential of %s, a header of the caller’s own',
  async (name) => {
    const fetch: TwigClientOptions['fetch'] = (_url, init) => Promise.reject(new Error(JSON.stringify(init)));
    const headers = { [name]: 'Very-Secret=0123456789', 'x-team': 'search-team' };
    const error = (await rejection(make(fetch, { headers }).agents.get('a'))) as Error;
    expect(everythingOf(error)).not.toContain('0123456789');
    // What is no credential stays, and so does what names the call.
    expect((error.cause as Error).message).toMatch(/search-team/);
    const { cause } = (await rejection(make(fetch).agents.create({ name: 'n', dataSourceIds: [] }))) as {
      cause: Error;
    };
    expect(cause.message).toMatch(/"idempotency-key":"[\w-]{36}"/);
  },
);

it('leaves a cookie as it is, which the answer sets again', async () => {
  const answer = async () =>
    new Response('{"id":"a","name":"x"}', {
      headers: [1, 2].map((n): [string, string] => ['set-cookie', `s${n}=12345678`]),
    });
  const client = make(answer, { headers: { cookie: 's1=12345678' } });
  expect((await client.agents.get('a').asResponse()).headers.getSetCookie()).toEqual(['s1=12345678', 's2=12345678']);
});

it('copies an error that breaks a stream', async () => {
  const attach: Attach = (error, init) => Object.assign(error, { request: init });
  const client = make(async (_url, init) => {
    const { body, headers } = sse('event: delta\ndata: {"delta":"half"}\n\n');
    const reader = body?.getReader();
    const stream = new ReadableStream({
      async pull(controller) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) controller.error(thrownBy(attach, init));
        else controller.enqueue(value);
      },
    });
    return new Response(stream, { headers });
  });
  const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
  const error = (await rejection(stream.finalResponse())) as TwigConnectionError;
  expect(error.phase).toBe('stream');
  expect(error.cause).toBeInstanceOf(Error);
  expect(everythingOf(error)).not.toContain(KEY);
});
