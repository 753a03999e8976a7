/** Secrets: whatever goes wrong, and however much of it a server repeats, no key is in what the client throws or logs. */

import { inspect } from 'node:util';
import { type Logger, TwigAPIError, TwigClient, type TwigClientOptions, TwigError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, type Script, scriptedClient, sse } from '../support/client.ts';

const KEY = 'twigsk_live_TopSecret0123456789';
const question = { agentId: 'agent_1', query: 'q' };

/** Everything that a program could show of a value. */
function everythingOf(error: unknown): string {
  const parts: string[] = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    parts.push(cause.stack ?? '', cause.message, String(cause));
  }
  const { meta } = error as TwigError;
  const headers = [...((error as TwigAPIError).headers ?? []), ...(meta?.headers ?? [])];
  parts.push(inspect(error, { depth: 10, showHidden: true }), JSON.stringify(error), JSON.stringify(headers));
  return parts.join('\n');
}

const echo = { 'x-request-id': `req_${KEY}`, 'x-echo': `Bearer ${KEY}`, 'content-type': 'application/json' };
const errorBody = {
  error: { code: `bad_${KEY}`, message: `No such key: ${KEY}`, details: { key: KEY, [KEY]: [KEY] } },
  request_id: `req_${KEY}`,
};
const broken = (): Response =>
  new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) }), {
    headers: { ...echo, 'content-type': 'text/event-stream' },
  });

interface Way {
  script: Script;
  call?: (client: TwigClient) => PromiseLike<unknown>;
  options?: TwigClientOptions;
}

const answers = (body: unknown, status = 200): Script => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return () => new Response(text, { status, headers: echo });
};
const ask = async (client: TwigClient) => (await client.query({ ...question, stream: true })).finalResponse();

/** A way to each error that a call can end in. */
const ways: Record<string, Way> = {
  ...Object.fromEntries(
    [400, 401, 403, 404, 418, 429, 500, 503].map((status) => [
      `status ${status}`,
      { script: answers(errorBody, status) },
    ]),
  ),
  'an error page': { script: answers(`<html>${KEY}</html>`, 500) },
  'an error under status 200': { script: answers({ ...errorBody, status: 'error' }) },
  'a page instead of JSON': {
    script: () => new Response(`<html>${KEY}`, { headers: { ...echo, 'content-type': `text/${KEY}` } }),
  },
  'an empty answer': { script: answers('') },
  'a list without a list': { script: answers({ secret: KEY }), call: (client) => client.agents.list() },
  'an array instead of an object': { script: answers([KEY]) },
  'strict validation': { script: answers({ [KEY]: KEY, id: 7 }), options: { responseValidation: 'strict' } },
  'a redirect': {
    script: () => new Response(null, { status: 302, headers: { ...echo, location: `https://x.example/${KEY}` } }),
  },
  'no connection': {
    script: () => Promise.reject(Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' })),
  },
  'a wrong argument': { script: answers({}), call: (client) => client.agents.get('') },
  'a wrong option': { script: answers({}), call: (client) => client.agents.get('a', { timeoutMs: -1 }) },
  'a wrong header': {
    script: answers({}),
    call: (client) => client.agents.get('a', { headers: { authorization: `${KEY}\n` } }),
  },
  'a failing key function': {
    script: answers({}),
    options: { apiKey: () => Promise.reject(new Error('vault is closed')) },
  },
  'a wrong key of a function': { script: answers({}), options: { apiKey: () => `${KEY}\n` } },
  'an aborted call': {
    script: answers({}),
    call: (client) => client.agents.get('a', { signal: AbortSignal.abort('enough') }),
  },
  'an error event': { script: () => sse(`event: error\ndata: ${JSON.stringify(errorBody)}\n\n`, echo), call: ask },
  'a broken stream': { script: broken, call: ask },
  'a truncated stream': { script: () => sse('event: delta\ndata: {"delta":"half"}\n\n', echo), call: ask },
  'a page instead of a stream': {
    script: () => new Response(`<p>${KEY}`, { headers: { ...echo, 'content-type': 'text/html' } }),
    call: (client) => client.query({ ...question, stream: true }),
  },
  'JSON without an answer instead of a stream': { script: answers({ key: KEY }), call: ask },
  'an error as JSON instead of a stream': { script: answers(errorBody), call: ask },
  'the last page': {
    script: answers({ agents: [] }),
    call: async (client) => (await client.agents.list()).getNextPage(),
  },
  'a failed data source': {
    script: answers({ status: 'failed' }),
    call: (client) => client.dataSources.waitUntilReady('ds_1'),
  },
};

describe.each(Object.entries(ways))('%s', (_name, { script, call = (client) => client.agents.get('a'), options }) => {
  it('shows no key, neither in the error nor in the log of all levels', async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]) => void lines.push(line);
    const logger: Logger = { error: write, warn: write, info: write, debug: write };
    const all = { apiKey: KEY, maxRetries: 0, logger, logLevel: 'debug', ...options } as const;
    const { client } = scriptedClient(script, all);
    const error = await rejection(call(client));
    expect(error).toBeInstanceOf(TwigError);
    expect(everythingOf(error)).not.toContain(KEY);
    expect(inspect(lines, { depth: 10, showHidden: true })).not.toContain(KEY);
  });
});

it('shows no key of a call that ran out of time', async () => {
  const clock = createTestClock();
  const { client } = scriptedClient(() => new Promise(() => {}), { apiKey: KEY, clock, maxRetries: 0 });
  const failed = rejection(client.agents.get('a'));
  await clock.advance(60_000);
  expect(everythingOf(await failed)).not.toContain(KEY);
});

it('replaces the key where a server repeats it, and keeps the rest', async () => {
  const { client } = scriptedClient(() => json(errorBody, 401, echo), { apiKey: KEY });
  const error = (await rejection(client.agents.get('a'))) as TwigAPIError;
  expect(error).toBeInstanceOf(TwigAPIError);
  expect(error).toMatchObject({
    message: 'No such key: [redacted]',
    code: 'bad_[redacted]',
    requestId: 'req_[redacted]',
    details: { key: '[redacted]', '[redacted]': ['[redacted]'] },
  });
  expect(error.headers?.get('x-echo')).toBe('Bearer [redacted]');
  expect(error.headers?.get('content-type')).toBe('application/json');
});

describe('a secret is known in other spellings', () => {
  // With what JSON writers and URLs escape.
  const secret = 'Ab+/=="\\%(k)$0123';
  const hex = (prefix: string) => (char: string) => prefix + char.charCodeAt(0).toString(16);
  const each = (spell: (char: string) => string): string => Array.from(secret, spell).join('');

  it.each<[string, string]>([
    ['as it is in JSON', JSON.stringify(secret).slice(1, -1)],
    ['with an escaped slash, as PHP writes', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
    [
      'with escapes, as .NET writes',
      each((char) => (/\w/.test(char) ? char : hex('\\u00')(char).toUpperCase().replace('U', 'u'))),
    ],
    ['with escapes only', each(hex('\\u00'))],
  ])('%s', async (_spelling, spelled) => {
    for (const status of [200, 400]) {
      const body = `{"error":{"code":"x","message":"for ${spelled}!","details":{"${spelled}":["${spelled}"]}},"status":400}`;
      const { client } = scriptedClient(() => new Response(body, { status }), { apiKey: secret });
      expect(await rejection(client.agents.get('a'))).toMatchObject({
        message: 'for [redacted]!',
        details: { '[redacted]': ['[redacted]'] },
      });
    }
  });

  it.each([encodeURIComponent(secret), each(hex('%')), encodeURIComponent(secret).toLowerCase()])(
    'in a URL: %s',
    async (spelled) => {
      const { client } = scriptedClient(() => Promise.reject(new Error(`fetch https://x/?k=${spelled}&a failed`)), {
        apiKey: secret,
        maxRetries: 0,
      });
      const { cause } = (await rejection(client.agents.get('a'))) as Error;
      expect((cause as Error).message).toBe('fetch https://x/?k=[redacted]&a failed');
    },
  );

  it('and what is no spelling of it stays', async () => {
    const message = '100% of C:\\\\keys, Ab+/==';
    const { client } = scriptedClient(() => new Response(`{"error":{"message":"${message}"}}`, { status: 400 }), {
      apiKey: secret,
    });
    expect(await rejection(client.agents.get('a'))).toMatchObject({ message: '100% of C:\\keys, Ab+/==' });
  });
});

it('replaces the key in the request id of a good answer', async () => {
  const { client } = scriptedClient(() => json({ id: 'a', request_id: `req_${KEY}` }), { apiKey: KEY });
  const { meta } = await client.agents.get('a').withResponse();
  expect(meta.requestId).toBe('req_[redacted]');
});

it('leaves texts alone that hold a key of a few letters, as one for tests is', async () => {
  const { client } = scriptedClient(() => json({ error: { code: 'a', message: 'a bad day' } }, 400), { apiKey: 'a' });
  expect(await rejection(client.agents.get('a'))).toMatchObject({ message: 'a bad day', code: 'a' });
});

it('replaces the key that a function gave', async () => {
  const { client } = scriptedClient(() => json(errorBody, 403), { apiKey: async () => KEY });
  expect(everythingOf(await rejection(client.agents.get('a')))).not.toContain(KEY);
});

it('shows no key when a client is refused, inspected, serialised or wrapped', () => {
  for (const apiKey of [`${KEY} `, `${KEY}\n`, `\u00fc${KEY}`]) {
    let error: unknown;
    try {
      new TwigClient({ apiKey });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TwigError);
    expect(everythingOf(error)).not.toContain(KEY);
  }
  const client = new TwigClient({ apiKey: KEY, headers: { authorization: `Bearer ${KEY}` } });
  const proxied = new Proxy(client, {});
  for (const shown of [client, proxied, client.agents, client.withOptions({ maxRetries: 1 })]) {
    expect(inspect(shown, { depth: 10, showHidden: true, showProxy: true })).not.toContain(KEY);
    expect(JSON.stringify(shown)).not.toContain(KEY);
    expect(JSON.stringify(Object.getOwnPropertyDescriptors(shown))).not.toContain(KEY);
  }
  expect(JSON.parse(JSON.stringify(client)).baseUrl).toBe('https://api.twig.so');
});
