/** Error answers: every status in every shape that servers use becomes the same typed error. */

import {
  TwigAPIError,
  TwigAuthenticationError,
  TwigBadRequestError,
  TwigNotFoundError,
  TwigPermissionError,
  TwigRateLimitError,
  TwigServerError,
  TwigServiceUnavailableError,
} from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

const headers = {
  'x-request-id': 'req_header',
  'x-ratelimit-limit': '100',
  'x-ratelimit-remaining': '0',
  'x-ratelimit-reset': '1705314700',
  'x-ratelimit-used': '100',
};

const statuses = [
  [400, TwigBadRequestError, 'invalid_request', false],
  [401, TwigAuthenticationError, 'unauthorized', false],
  [403, TwigPermissionError, 'forbidden', false],
  [404, TwigNotFoundError, 'not_found', false],
  [408, TwigAPIError, 'http_408', true],
  [409, TwigAPIError, 'http_409', false],
  [418, TwigAPIError, 'http_418', false],
  [422, TwigAPIError, 'http_422', false],
  [429, TwigRateLimitError, 'rate_limit_exceeded', true],
  [500, TwigServerError, 'internal_error', true],
  [501, TwigServerError, 'http_501', false],
  [502, TwigServerError, 'http_502', true],
  [503, TwigServiceUnavailableError, 'service_unavailable', true],
  [504, TwigServerError, 'http_504', true],
] as const;

/** The error of a call that is answered so, without retries. */
async function errorOf(answer: Response): Promise<TwigAPIError> {
  const { client } = scriptedClient(() => answer, { maxRetries: 0 });
  const error = await rejection(client.agents.get('agent_1'));
  expect(error).toBeInstanceOf(TwigAPIError);
  return error as TwigAPIError;
}

describe.each(statuses)('status %i', (status, Kind, code, isRetryable) => {
  it('becomes its class, with the same facts from each shape of body', async () => {
    const details = { agent_id: 'agent_1', orgId: 'org_1' };
    const inner = { code: 'some_code', message: 'Some message', details };
    const shapes = [
      { error: inner, request_id: 'req_body' },
      { error: { ...inner, request_id: 'req_body' }, status: 'error' },
      { error: { ...inner, retryAfter: 45 }, status, request_id: 'req_body' },
    ];
    for (const shape of shapes) {
      const error = await errorOf(json(shape, status, headers));
      expect(error.constructor).toBe(Kind);
      expect(error).toMatchObject({
        name: Kind.brand,
        message: 'Some message',
        code: 'some_code',
        status,
        details,
        requestId: 'req_body',
        isRetryable,
      });
      expect(error.meta).toMatchObject({
        status,
        requestId: 'req_body',
        rateLimit: { limit: 100, remaining: 0, used: 100, resetAt: new Date(1705314700_000) },
        attempts: [{ status, error: 'some_code', delayMs: 0, requestId: 'req_header' }],
      });
      expect(error.headers?.get('x-ratelimit-limit')).toBe('100');
    }
  });

  it('has the documented code when the server gives a mere text, and the id of the header', async () => {
    const error = await errorOf(json({ error: 'Plain words', status }, status, headers));
    expect(error.constructor).toBe(Kind);
    expect(error).toMatchObject({ message: 'Plain words', code, status, details: undefined, requestId: 'req_header' });
  });

  it('survives a body that is empty, no JSON, or JSON of no known shape', async () => {
    for (const body of ['', '<html><h1>Bad</h1></html>', '{"cut": ', 'null', '[]', '7', '{"error":null}']) {
      const error = await errorOf(new Response(body, { status, headers: { 'content-type': 'text/html' } }));
      expect(error.constructor).toBe(Kind);
      expect(error).toMatchObject({ message: `The API answered ${status}.`, code, status, requestId: undefined });
    }
  });
});

describe('an API error', () => {
  it('tells the remedy of each documented status as its hint', async () => {
    for (const [status, pattern] of [
      [400, /arguments/],
      [401, /API Keys/],
      [403, /scope/],
      [404, /id/],
      [429, /rateLimiter/],
      [500, /requestId/],
      [503, /minutes/],
    ] as const) {
      expect((await errorOf(json({}, status))).hint).toMatch(pattern);
    }
    expect((await errorOf(json({}, 418))).hint).toMatch(/API reference/);
  });

  it('keeps text that is no JSON as details, at most 1 KiB of it', async () => {
    const error = await errorOf(new Response('ü'.repeat(5000), { status: 502 }));
    expect(error.details).toBe('ü'.repeat(512));
  });

  it('keeps the keys of details as they were sent', async () => {
    const details = { snake_case: { inner_key: 1 }, camelCase: 2, 'X-Foo': 3 };
    expect((await errorOf(json({ error: { code: 'c', message: 'm', details } }, 400))).details).toEqual(details);
  });

  it('has the rate limit and the wait of a 429 at hand', async () => {
    const error = await errorOf(json({}, 429, { ...headers, 'retry-after': '7' }));
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(error.retryAfterMs).toBe(7000);
    expect((error as TwigRateLimitError).rateLimit).toEqual(error.meta?.rateLimit);
    expect((error as TwigRateLimitError).rateLimit?.remaining).toBe(0);
  });

  it('has no rate limit when no header tells one, and undefined for the members that are missing', async () => {
    expect((await errorOf(json({}, 429))).meta?.rateLimit).toBeUndefined();
    const { meta } = await errorOf(json({}, 429, { 'x-ratelimit-remaining': '3', 'x-ratelimit-reset': 'soon' }));
    expect(meta?.rateLimit).toEqual({ limit: undefined, remaining: 3, resetAt: undefined });
  });

  it('reads an endless body to 64 KiB and cancels the rest', async () => {
    let given = 0;
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        given += 16_384;
        controller.enqueue(new Uint8Array(16_384).fill(120));
      },
      cancel() {
        isCancelled = true;
      },
    });
    const error = await errorOf(new Response(body, { status: 500 }));
    expect(error.details).toBe('x'.repeat(1024));
    expect(isCancelled).toBe(true);
    expect(given).toBeLessThan(64 * 1024 + 3 * 16_384);
  });

  it('keeps its status when the body breaks off', async () => {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode('half of it')),
      pull: (controller) => controller.error(new Error('reset')),
    });
    const error = await errorOf(new Response(body, { status: 404 }));
    expect(error).toBeInstanceOf(TwigNotFoundError);
    expect(error.details).toBe('half of it');
  });

  it('also comes of an error body under status 200', async () => {
    const body = { error: { code: 'rate_limit_exceeded', message: 'Slow down', retryAfter: 45 }, status: 429 };
    const error = await errorOf(json(body));
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(error).toMatchObject({ status: 429, message: 'Slow down', retryAfterMs: 45_000 });
    const named = await errorOf(json({ error: { code: 'not_found', message: 'Gone' }, status: 'error' }));
    expect(named).toBeInstanceOf(TwigNotFoundError);
  });

  it('is plain data in JSON, without headers and cause', async () => {
    const error = await errorOf(json({ error: { code: 'c', message: 'm' } }, 404, headers));
    const plain = JSON.parse(JSON.stringify(error));
    expect(plain).toMatchObject({ name: 'TwigNotFoundError', message: 'm', code: 'c', status: 404 });
    expect(plain.requestId).toBe('req_header');
    expect(plain).not.toHaveProperty('headers');
    expect(plain.meta).not.toHaveProperty('headers');
    expect(plain).not.toHaveProperty('stack');
  });
});
