/** The proxy between a page's client and the mock of the API: what gets through, and what must not. */

import { TwigAPIError, TwigClient, TwigConfigError, TwigPermissionError, TwigRateLimitError } from '@twig/sdk';
import { createTwigProxy, type TwigProxyOptions } from '@twig/sdk/proxy';
import { createTwigMock, faults } from '@twig/sdk/testing';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';

const KEY = 'twigsk_test_the_secret_key';
const twig = createTwigMock({ rateLimits: false });
const server = setupServer(...twig.handlers);
const upstream = new TwigClient({ apiKey: KEY, maxRetries: 0, logLevel: 'off' });
const grant = { agentIds: ['agent_abc123'] };
const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };

beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
beforeEach(() => twig.reset());
afterAll(() => server.close());

/** A page's client whose requests go straight to a proxy. */
function page(options: Partial<TwigProxyOptions> = {}, headers: Record<string, string> = {}) {
  const proxy = createTwigProxy({ client: upstream, authorize: () => grant, ...options });
  const client = new TwigClient({
    apiKey: null,
    baseUrl: 'https://app.test/api/twig',
    maxRetries: 0,
    logLevel: 'off',
    headers,
    fetch: (url, init) => proxy(new Request(url, init as RequestInit)) as Promise<Response>,
  });
  return { proxy, client };
}

const post = (path: string, body: BodyInit | null, init: RequestInit = {}): Request =>
  new Request(`https://app.test/api/twig${path}`, { method: 'POST', body, ...init });

describe('what gets through', () => {
  it('asks, and gives the answer and the request id back', async () => {
    const { data, meta } = await page()
      .client.query({ ...question, sessionId: 'sess_1' })
      .withResponse();
    expect(data.response).toContain('refund');
    expect(data.sources[0]?.similarityScore).toBeGreaterThan(0);
    expect(meta.requestId).toMatch(/^req_/);
    expect(twig.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(twig.requests[0]?.body).toEqual({ agent_id: 'agent_abc123', query: question.query, session_id: 'sess_1' });
  });

  it('streams, event by event', async () => {
    const stream = await page().client.query({ ...question, stream: true });
    const texts: string[] = [];
    for await (const text of stream.textStream) texts.push(text);
    expect(texts.length).toBeGreaterThan(1);
    expect((await stream.finalResponse()).response).toBe(texts.join(''));
  });

  it('passes search and feedback on when they are named', async () => {
    const operations: TwigProxyOptions['operations'] = ['query', 'semanticSearch', 'submitFeedback'];
    const { client } = page({ operations, authorize: () => ({ ...grant, orgIds: ['org_1'] }) });
    const { metadata } = await client.query(question);
    await client.interactions.submitFeedback(metadata.interactionId, { feedback: 'positive' });
    expect((await client.semanticSearch({ query: 'refund', orgId: 'org_1' })).chunks.length).toBeGreaterThan(0);
    expect(await rejection(client.semanticSearch({ query: 'refund', orgId: 'org_2' }))).toBeInstanceOf(
      TwigPermissionError,
    );
  });
});

describe('what does not get through', () => {
  const nothingSent = () => expect(twig.requests).toEqual([]);

  it.each([
    ['another agent', (client: TwigClient) => client.query({ ...question, agentId: 'agent_def456' })],
    ['another agent, streamed', (client: TwigClient) => client.query({ ...question, agentId: 'x', stream: true })],
    ['an operation that was not named', (client: TwigClient) => client.semanticSearch({ query: 'q', orgId: 'o' })],
    [
      'feedback that was not named',
      (client: TwigClient) => client.interactions.submitFeedback('i', { feedback: 'negative' }),
    ],
  ])('%s is 403', async (_, call) => {
    expect(await rejection(call(page().client))).toBeInstanceOf(TwigPermissionError);
    nothingSent();
  });

  it.each([
    ['/api/v1/agents', 404],
    ['/api/v1/users', 404],
    ['/api/v1/query/../agents', 404],
    ['/api/v1/interactions/%2e%2e%2fagents/feedback', 400],
    ['/api/v1/interactions/a%2Fb%ZZ/feedback', 400],
  ])('the path %s is %i', async (path, status) => {
    const { proxy } = page({ operations: ['query', 'submitFeedback'] });
    expect((await proxy(post(path, '{"feedback":"positive"}'))).status).toBe(status);
    nothingSent();
  });

  it('another method is 405 and names the one that works', async () => {
    const response = await page().proxy(new Request('https://app.test/api/twig/api/v1/query'));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('no header of the page, and no member of the body that is not documented', async () => {
    const smuggled = {
      authorization: 'Bearer mine',
      'idempotency-key': 'mine',
      'x-forwarded-for': '10.0.0.1',
      'x-forwarded-host': 'evil.test',
      'x-anything': 'mine',
    };
    const { client } = page({}, smuggled);
    await client.query({ ...question, evil: true, orgId: 'org_evil' } as never);
    const [sent] = twig.requests;
    expect(sent?.body).toEqual({ agent_id: 'agent_abc123', query: question.query });
    expect(sent?.headers.authorization).toBe(`Bearer ${KEY}`);
    expect(sent?.headers['idempotency-key']).not.toBe('mine');
    for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-anything'])
      expect(sent?.headers).not.toHaveProperty(name);
  });

  it('a body that is too large, told or not, nor a question that is too long, nor what is no JSON', async () => {
    const { proxy } = page({ maxBodyBytes: 1000, maxQueryLength: 100 });
    const body = JSON.stringify({ agent_id: 'agent_abc123', query: 'x'.repeat(2000) });
    const chunks = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode('x'.repeat(400))),
    });
    const statuses = await Promise.all(
      [
        post('/api/v1/query', body),
        post('/api/v1/query', chunks, { duplex: 'half' } as RequestInit),
        post('/api/v1/query', JSON.stringify({ agent_id: 'agent_abc123', query: 'x'.repeat(101) })),
        post('/api/v1/query', '<html>'),
        post('/api/v1/query', '[1]'),
      ].map(async (request) => (await proxy(request)).status),
    );
    expect(statuses).toEqual([413, 413, 400, 400, 400]);
    nothingSent();
  });

  it('anything for whom authorize grants nothing', async () => {
    const { proxy } = page({ authorize: () => null });
    expect((await proxy(post('/api/v1/query', JSON.stringify(question)))).status).toBe(403);
    nothingSent();
  });

  it('anything when authorize throws, and nothing of what it threw', async () => {
    const { proxy } = page({
      authorize: () => {
        throw new Error('the database password is hunter2');
      },
    });
    const response = await proxy(post('/api/v1/query', '{}'));
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('hunter2');
    nothingSent();
  });

  it('lets authorize answer itself', async () => {
    const { proxy } = page({ authorize: () => new Response('log in', { status: 401 }) });
    const response = await proxy(post('/api/v1/query', '{}'));
    expect([response.status, await (response as Response).text()]).toEqual([401, 'log in']);
  });
});

describe('errors of the API', () => {
  it.each([
    [401, 502],
    [403, 502],
    [404, 404],
    [500, 502],
    [503, 502],
  ])('%i becomes %i, with its request id and nothing of its message', async (status, seen) => {
    twig.faults.next('query', faults.status(status, { message: 'internal detail 4711' }));
    const error = (await rejection(page().client.query(question))) as TwigAPIError;
    expect(error).toBeInstanceOf(TwigAPIError);
    expect(error.status).toBe(seen);
    expect(error.requestId).toMatch(/^req_/);
    expect(JSON.stringify(error)).not.toContain('4711');
  });

  it('429 stays one, with its wait', async () => {
    twig.faults.next('query', faults.status(429, { retryAfter: 7 }));
    const error = await rejection(page().client.query(question));
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(error).toMatchObject({ retryAfterMs: 7000 });
  });

  it('inside a stream are cleaned in the same way', async () => {
    twig.faults.next('query', faults.errorEvent({ code: 'internal_error', message: 'internal detail 4711' }));
    const stream = await page().client.query({ ...question, stream: true });
    const error = await rejection(stream.finalResponse());
    expect(error).toBeInstanceOf(TwigAPIError);
    expect(String((error as Error).message)).not.toContain('4711');
  });
});

describe('the page', () => {
  it('that goes away ends the upstream call', async () => {
    let upstreamSignal: AbortSignal | undefined;
    const client = upstream.withOptions({
      fetch: (_, init) => {
        upstreamSignal = init.signal;
        return new Promise((_resolve, reject) =>
          init.signal.addEventListener('abort', () => reject(init.signal.reason)),
        );
      },
    });
    const { proxy } = page({ client });
    const gone = new AbortController();
    const response = proxy(post('/api/v1/query', '{"agent_id":"agent_abc123","query":"q"}', { signal: gone.signal }));
    while (!upstreamSignal) await new Promise((resolve) => setTimeout(resolve, 1));
    gone.abort();
    await response;
    expect(upstreamSignal.aborted).toBe(true);
  });

  it('of another origin gets in only where it was let in', async () => {
    const cors = { origins: ['https://page.test'] };
    const ask = (origin: string) =>
      post('/api/v1/query', JSON.stringify({ agent_id: 'agent_abc123', query: 'q' }), { headers: { origin } });
    const { proxy } = page({ cors });
    const allowed = await proxy(ask('https://page.test'));
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://page.test');
    expect((await proxy(ask('https://evil.test'))).headers.get('access-control-allow-origin')).toBeNull();
    const preflight = (origin: string) =>
      proxy(new Request('https://app.test/api/twig/api/v1/query', { method: 'OPTIONS', headers: { origin } }));
    expect((await preflight('https://page.test')).status).toBe(204);
    expect((await preflight('https://evil.test')).status).toBe(403);
    expect((await page().proxy(ask('https://page.test'))).headers.get('access-control-allow-origin')).toBeNull();
  });
});

it('cannot be made without authorize or client', () => {
  expect(() => createTwigProxy({ client: upstream } as TwigProxyOptions)).toThrow(TwigConfigError);
  expect(() => createTwigProxy({ authorize: () => null } as unknown as TwigProxyOptions)).toThrow(TwigConfigError);
});

it('shows no key in any answer', async () => {
  const { proxy } = page();
  const response = (await proxy(
    post('/api/v1/query', JSON.stringify({ agent_id: 'agent_abc123', query: 'q' })),
  )) as Response;
  const headers = JSON.stringify([...response.headers]);
  expect((await response.text()) + headers).not.toContain(KEY);
});
