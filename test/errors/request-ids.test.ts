/** Every error of a call that was answered names the answer's request id; every error says what to do. */

import {
  TwigAbortError,
  TwigAPIError,
  TwigClient,
  type TwigClientOptions,
  TwigConfigError,
  TwigConnectionError,
  TwigError,
  TwigRateLimiterError,
  TwigStreamError,
  TwigTimeoutError,
  TwigWebhookVerificationError,
} from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { fetchFailure, json, rejection, type Script, scriptedClient, sse } from '../support/client.ts';

const headers = { 'x-request-id': 'req_7' };
const agent = { id: 'a', name: 'x' };
const breaking = (type: string, text: string): Response => {
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode(text)),
    pull: (controller) => controller.error(new TypeError('terminated')),
  });
  return new Response(stream, { headers: { ...headers, 'content-type': type } });
};
const hanging = (type: string): Response =>
  new Response(new ReadableStream({}), { headers: { ...headers, 'content-type': type } });
const oddPieces = (type: string): Response =>
  new Response(new ReadableStream({ pull: (controller) => controller.enqueue({ odd: true }) }), {
    headers: { ...headers, 'content-type': type },
  });
const ask = async (client: TwigClient) =>
  (await client.query({ agentId: 'a', query: 'q', stream: true })).finalResponse();
const stopping = (client: TwigClient): PromiseLike<unknown> => {
  const stop = new AbortController();
  return client.agents.get('a', { signal: AbortSignal.any([stop.signal, AbortSignal.timeout(20)]) });
};

interface Way {
  name: string;
  script: Script;
  call?: (client: TwigClient) => PromiseLike<unknown>;
  options?: TwigClientOptions;
  passing?: number;
}

const ways: Record<string, Way> = {
  'an error status': { name: 'TwigNotFoundError', script: () => json({}, 404, headers) },
  'a body that broke': { name: 'TwigConnectionError', script: () => breaking('application/json', '{"id":') },
  'a body that stalls': { name: 'TwigTimeoutError', script: () => hanging('application/json'), passing: 60_000 },
  'an abort inside a body': { name: 'TwigAbortError', script: () => hanging('application/json'), call: stopping },
  'a page instead of JSON': { name: 'TwigResponseValidationError', script: () => new Response('<p>', { headers }) },
  'strict validation': {
    name: 'TwigResponseValidationError',
    script: () => json({ id: 7 }, 200, headers),
    options: { responseValidation: 'strict' },
  },
  'a redirect to another origin': {
    name: 'TwigConnectionError',
    script: () => new Response(null, { status: 302, headers: { ...headers, location: 'https://x.test' } }),
  },
  'a stream that broke': {
    name: 'TwigConnectionError',
    script: () => breaking('text/event-stream', 'event: delta\ndata: {"delta":"half"}\n\n'),
    call: ask,
  },
  'a stream that is silent': {
    name: 'TwigTimeoutError',
    script: () => hanging('text/event-stream'),
    call: ask,
    passing: 60_000,
  },
  'a stream that was cut': {
    name: 'TwigStreamError',
    script: () => sse('event: delta\ndata: {"delta":"half"}\n\n', headers),
    call: ask,
  },
  'a stream that is read twice': {
    name: 'TwigStreamError',
    script: () => sse('event: done\ndata: {"response":"x"}\n\n', headers),
    call: async (client) => {
      const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
      for await (const _ of stream);
      for await (const _ of stream);
    },
  },
  'a stream that is aborted': {
    name: 'TwigAbortError',
    script: () => hanging('text/event-stream'),
    call: async (client) => {
      const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
      stream.abort();
      return stream.finalResponse();
    },
  },
  'a piece of a stream that is no bytes': {
    name: 'TwigConfigError',
    script: () => oddPieces('text/event-stream'),
    call: ask,
  },
  'a piece of a raw body that is no bytes': {
    name: 'TwigConfigError',
    script: () => oddPieces('application/json'),
    call: async (client) => (await client.agents.get('a').asResponse()).text(),
  },
  'a body that is taken a second time, as data': {
    name: 'TwigConfigError',
    script: () => json(agent, 200, headers),
    call: async (client) => {
      const call = client.agents.get('a');
      await call.asResponse();
      return call;
    },
  },
  'a body that is taken a second time, as it is': {
    name: 'TwigConfigError',
    script: () => json(agent, 200, headers),
    call: async (client) => {
      const call = client.agents.get('a');
      await call;
      return call.asResponse();
    },
  },
  'an error event': {
    name: 'TwigServerError',
    script: () => sse('event: error\ndata: {"error":{"code":"internal_error"}}\n\n', headers),
    call: ask,
  },
  'the last page': {
    name: 'TwigPaginationError',
    script: () => json({ agents: [agent] }, 200, headers),
    call: async (client) => (await client.agents.list()).getNextPage(),
  },
  'the same page again': {
    name: 'TwigPaginationError',
    script: () => json({ agents: [agent] }, 200, headers),
    call: (client) => client.agents.list({ limit: 1 }).toArray({ limit: 9 }),
  },
  'a data source that failed': {
    name: 'TwigDataSourceError',
    script: () => json({ status: 'failed' }, 200, headers),
    call: (client) => client.dataSources.waitUntilReady('ds'),
  },
  'a data source that is late': {
    name: 'TwigDataSourceError',
    script: () => json({ status: 'processing' }, 200, headers),
    call: (client) => client.dataSources.waitUntilReady('ds', { timeoutMs: 1000 }),
  },
  'a limiter that refuses the second attempt': {
    name: 'TwigRateLimiterError',
    script: () => json({}, 503, headers),
    options: { maxRetries: 1, rateLimiter: { acquire: refuseSecond() } },
    passing: 60_000,
  },
  'a second attempt without an answer': {
    name: 'TwigConnectionError',
    script: (_sent, index) => (index ? fetchFailure('ECONNRESET')() : json({}, 503, headers)),
    options: { maxRetries: 1 },
    passing: 60_000,
  },
};

function refuseSecond() {
  let count = 0;
  return async () => {
    if (count++) throw new TwigRateLimiterError('full', { code: 'queue_full' });
    return { observe() {}, release() {} };
  };
}

describe.each(Object.entries(ways))('%s', (_way, { name, script, call, options, passing }) => {
  it('has the request id of the answer, and a hint', async () => {
    const clock = createTestClock();
    const { client } = scriptedClient(script, { clock, maxRetries: 0, ...options });
    const failed = rejection((call ?? ((of: TwigClient) => of.agents.get('a')))(client));
    if (passing) await clock.advance(passing);
    const error = (await failed) as TwigError;
    expect(error).toBeInstanceOf(TwigError);
    expect(error.name).toBe(name);
    expect(error.requestId).toBe('req_7');
    expect(error.toJSON()).toMatchObject({ requestId: 'req_7' });
    expect(error.hint).toMatch(/\w{3}/);
  });
});

it('has the id that the body names before that of the header', async () => {
  const { client } = scriptedClient(() => json({ error: { code: 'x' }, request_id: 'req_body' }, 400, headers));
  expect(((await rejection(client.agents.get('a'))) as TwigError).requestId).toBe('req_body');
});

it('has none where nothing was answered', async () => {
  const { client } = scriptedClient(fetchFailure('ECONNREFUSED'), { maxRetries: 0 });
  const error = (await rejection(client.agents.get('a'))) as TwigError;
  expect(error.requestId).toBeUndefined();
  expect(((await rejection(client.agents.get(''))) as TwigError).requestId).toBeUndefined();
});

describe('a hint', () => {
  it('is in every class, also where it is made by hand', () => {
    const meta = { attempts: [], durationMs: 0 };
    const errors = [
      new TwigError('x'),
      new TwigConfigError('x must be y'),
      new TwigAPIError('x', { code: 'x', status: 418 }),
      ...(['connect', 'headers', 'body', 'stream'] as const).map((phase) => new TwigConnectionError('x', { phase })),
      new TwigTimeoutError('deadlineMs', 5, { phase: 'body', meta }),
      new TwigAbortError('x'),
      ...(['truncated', 'consumed'] as const).map((code) => new TwigStreamError('x', { code })),
      ...(['missing_signature', 'invalid_signature', 'timestamp_too_old', 'body_parsed'] as const).map(
        (code) => new TwigWebhookVerificationError('x', { code }),
      ),
    ];
    for (const error of errors) expect(error.hint, error.name).toMatch(/\w{3}/);
  });

  it('is in the message of a TwigConfigError, because a browser shows nothing else', async () => {
    const error = new TwigConfigError('No key.', { hint: 'Set TWIG_API_KEY.' });
    expect(error.message).toBe('No key. Set TWIG_API_KEY.');
    expect(error.hint).toBe('Set TWIG_API_KEY.');
    const { client } = scriptedClient(() => json(agent), { apiKey: () => 'with\nbreak' });
    const wrong = [
      await rejection(client.agents.get('a')),
      await rejection(client.agents.get('a', { timeoutMs: -1 })),
      await rejection(Promise.resolve().then(() => new TwigClient({ baseUrl: 'ftp://x' }))),
    ] as TwigError[];
    for (const { hint, message } of wrong) expect(message).toContain(hint);
  });
});

it('has meta and headers of an API error always', async () => {
  const { client } = scriptedClient(() => json({}, 404, headers));
  const error = (await rejection(client.agents.get('a'))) as TwigAPIError;
  // These lines compile because the types say so.
  const found: [number, string | null] = [error.meta.status, error.headers.get('x-request-id')];
  expect(found).toEqual([404, 'req_7']);
  const made = new TwigAPIError('x', { code: 'x', status: 418 });
  expect([made.meta.status, made.headers.get('x-request-id'), made.requestId]).toEqual([418, null, undefined]);
});
