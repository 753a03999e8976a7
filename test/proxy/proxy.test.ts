/** The proxy between a page's client and the mock of the API: what gets through, and what the page is told. */

import { TwigAPIError, TwigClient, TwigConfigError, TwigRateLimitError, TwigRateLimiterError } from '@twig/sdk';
import { createTwigProxy, type TwigProxyOptions } from '@twig/sdk/proxy';
import { faults } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection } from '../support/client.ts';
import { asked, everything, grant, KEY, page, post, question, serveMock, upstream } from './harness.ts';

const twig = serveMock();

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

  it('streams, event by event, with the request id', async () => {
    const stream = await page().client.query({ ...question, stream: true });
    const texts: string[] = [];
    for await (const text of stream.textStream) texts.push(text);
    expect(texts.length).toBeGreaterThan(1);
    const { response, sources, metadata } = await stream.finalResponse();
    expect(response).toBe(texts.join(''));
    expect([sources.length > 0, metadata.interactionId]).toEqual([true, expect.stringMatching(/^int_/)]);
    expect(stream.meta.requestId).toMatch(/^req_/);
  });

  it('asks those in between to hold nothing of a stream back, and to keep nothing', async () => {
    const { headers } = await page().proxy(asked({ stream: true }));
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-store, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
  });

  it('says of a stream what toSSEResponse() says of one', async () => {
    const { headers } = await page().proxy(asked({ stream: true }));
    const own = (await upstream.query({ ...question, stream: true })).toSSEResponse() as Response;
    await own.body?.cancel();
    headers.delete('x-request-id');
    expect([...headers]).toEqual([...own.headers]);
  });

  it('passes search and feedback on when they are named', async () => {
    const { client } = page({ operations: everything, authorize: () => ({ ...grant, orgIds: ['org_1'] }) });
    const { metadata } = await client.query(question);
    await client.interactions.submitFeedback(metadata.interactionId, { feedback: 'positive', comment: 'Thanks' });
    expect(twig.data.interactions.at(-1)).toMatchObject({ feedback: 'positive' });
    expect((await client.semanticSearch({ query: 'refund', orgId: 'org_1' })).chunks.length).toBeGreaterThan(0);
  });

  it('gives back no header of the API, and no key', async () => {
    const client = upstream.withOptions({
      fetch: async () =>
        json({ response: 'Yes.', sources: [], metadata: {} }, 200, {
          'set-cookie': 'upstream=1',
          'x-ratelimit-remaining': '7',
          server: 'internal-host-17',
          'x-request-id': 'req_1',
        }),
    });
    const response = await page({ client }).proxy(asked());
    expect(Object.fromEntries(response.headers)).toEqual({
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'x-request-id': 'req_1',
    });
    expect(await response.text()).not.toContain(KEY);
  });
});

describe('errors of the API', () => {
  const detail = { message: 'internal detail 4711', details: { host: 'internal detail 4711' } };

  it.each([
    [400, 400],
    [401, 502],
    [403, 502],
    [404, 404],
    [422, 422],
    [500, 502],
    [503, 502],
  ])('%i becomes %i, with its request id and nothing of what the API said', async (status, seen) => {
    twig.faults.next('query', faults.status(status, { ...detail, headers: { 'x-internal': '4711' } }));
    const { client, errors } = page();
    const error = (await rejection(client.query(question))) as TwigAPIError;
    expect(error).toBeInstanceOf(TwigAPIError);
    expect(error.status).toBe(seen);
    expect(error.requestId).toMatch(/^req_/);
    expect(JSON.stringify([error, [...(error.headers as Headers)]])).not.toContain('4711');
    expect(errors).toMatchObject([{ status, message: detail.message }]);
  });

  it('429 stays one, with its wait', async () => {
    twig.faults.next('query', faults.status(429, { retryAfter: 7 }));
    const error = await rejection(page().client.query(question));
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(error).toMatchObject({ retryAfterMs: 7000 });
  });

  it('a limiter that is full is 429 too', async () => {
    const failure = new TwigRateLimiterError('17 calls wait already.', { code: 'queue_full' });
    const rateLimiter = { acquire: () => Promise.reject(failure) };
    const client = new TwigClient({ apiKey: KEY, maxRetries: 0, logLevel: 'off', rateLimiter: rateLimiter as never });
    const error = await rejection(page({ client }).client.query(question));
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(String((error as Error).message)).not.toContain('17');
  });

  it.each([
    ['a page of a gateway', faults.htmlError(), 502],
    ['a broken connection', faults.disconnect(), 502],
  ])('%s becomes %i', async (_, fault, status) => {
    twig.faults.next('query', fault);
    expect(await rejection(page().client.query(question))).toMatchObject({ status, code: 'upstream_error' });
  });

  it('no answer in time becomes 504', async () => {
    twig.faults.next('query', faults.timeout());
    const client = upstream.withOptions({ timeoutMs: 20 });
    expect(await rejection(page({ client }).client.query(question))).toMatchObject({ status: 504 });
  });

  it('a status that no body may go with, and a request id that no header can carry, are answered all the same', async () => {
    const answering = (response: () => Response) =>
      page({ client: upstream.withOptions({ fetch: async () => response() }) }).proxy(asked());
    expect((await answering(() => new Response(null, { status: 304 }))).status).toBe(502);
    const body = { error: { code: 'not_found', message: 'x' }, request_id: 'req\n1' };
    const response = await answering(() => json(body, 404));
    expect([response.status, response.headers.get('x-request-id')]).toEqual([404, null]);
  });

  it.each([
    ['an error event', faults.errorEvent({ afterEvents: 2, message: detail.message }), 'upstream_error'],
    ['an end too early', faults.truncateStream({ afterEvents: 2 }), 'upstream_error'],
    ['a broken connection', faults.disconnect({ afterBytes: 80 }), 'upstream_error'],
    [
      'a limit',
      faults.errorEvent({ afterEvents: 2, code: 'rate_limit_exceeded', message: detail.message }),
      'rate_limit_exceeded',
    ],
  ])('%s inside a stream is told in the same way, after the words before it', async (_, fault, code) => {
    twig.faults.next('query', fault);
    const { client, errors } = page();
    const stream = await client.query({ ...question, stream: true });
    const error = (await rejection(stream.finalResponse())) as TwigAPIError;
    expect(error).toBeInstanceOf(TwigAPIError);
    expect(error.code).toBe(code);
    expect(error.requestId).toMatch(/^req_/);
    expect(JSON.stringify(error)).not.toContain('4711');
    expect(stream.partialResponse.response).toMatch(/^Our /);
    expect(errors).toHaveLength(1);
  });

  it('an onError that throws changes nothing', async () => {
    twig.faults.next('query', faults.status(500));
    const onError = (): never => {
      throw new Error('mine');
    };
    expect((await page({ onError }).proxy(asked())).status).toBe(502);
  });
});

it('cannot be made without authorize or client', () => {
  expect(() => createTwigProxy({ client: upstream } as unknown as TwigProxyOptions)).toThrow(TwigConfigError);
  expect(() => createTwigProxy({ authorize: () => null } as unknown as TwigProxyOptions)).toThrow(TwigConfigError);
});

it('takes whatever asks as a client does: a fake, or the client of another copy of the package', async () => {
  const { interactions } = upstream;
  // The cast: what is bound has lost its overloads.
  const query = upstream.query.bind(upstream) as typeof upstream.query;
  const semanticSearch = upstream.semanticSearch.bind(upstream);
  const response = await page({ client: { interactions, query, semanticSearch } }).proxy(asked());
  expect(response.status).toBe(200);
});

it('works with the second argument that platforms give', async () => {
  const { proxy } = page();
  const platform: (request: Request, context: object) => Promise<Response> = proxy;
  expect((await platform(post('/api/v1/query', await asked().text()), { params: {} })).status).toBe(200);
});
