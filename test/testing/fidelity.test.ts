/** Every endpoint of the API reference, with every documented success and error, through plain fetch. */

import { faults } from '@twig/sdk/testing';
import { getResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { operationIds } from '../../src/operations.ts';
import { ALL, type Answer, HOST, send, useMock } from './harness.ts';
import { rows, type Scope } from './reference.ts';

const SCOPES: Scope[] = ['execute', 'write', 'read', 'admin'];
const LIMITS = { execute: [100, 120], write: [10, 15], read: [200, 250], admin: [50, 60] } as const;

const { twig, clock } = useMock({
  keys: { [ALL]: SCOPES, ...Object.fromEntries(SCOPES.map((scope) => [`only_${scope}`, [scope]])) },
});

function expectError({ status, headers, body }: Answer, expected: number, code: string): void {
  expect({ status, body }).toEqual({
    status: expected,
    body: {
      error: { code, message: expect.stringMatching(/\w/), details: expect.any(Object) },
      request_id: expect.stringMatching(/^req_\w+$/),
    },
  });
  expect(headers.get('x-request-id')).toBe(body.request_id);
  for (const name of ['limit', 'remaining', 'reset']) expect(headers.get(`x-ratelimit-${name}`)).toMatch(/^\d+$/);
}

it('has a row for every endpoint', () => {
  expect(rows.map(({ operation }) => operation)).toEqual(operationIds());
  expect(rows).toHaveLength(19);
});

describe.each(rows)('$operation: $method $path', (row) => {
  const { answer, body, method, operation, path, scope, status } = row;
  const call = (key: string | null = ALL): Promise<Answer> => send(method, path, { body, key });

  it(`answers ${status} in the documented shape, with the rate-limit headers of its scope`, async () => {
    const got = await call();
    expect({ status: got.status, body: got.body }).toEqual({ status, body: answer });
    const [limit, burst] = LIMITS[scope];
    expect(got.headers.get('x-ratelimit-limit')).toBe(String(limit));
    expect(got.headers.get('x-ratelimit-remaining')).toBe(String(burst - 1));
    expect(Number(got.headers.get('x-ratelimit-reset'))).toBe(Math.ceil(clock.now() / 1000 + 60 / limit));
    expect(got.headers.get('x-request-id')).toMatch(/^req_\w+$/);
    expect(got.headers.get('date')).toBe(new Date(clock.now()).toUTCString());
  });

  it('is what twig.requests notes', async () => {
    await call();
    expect(twig.requests).toMatchObject([
      { operation, method, url: `https://api.twig.so/api/v1${path}`, body, at: clock.now() },
    ]);
    expect(twig.requests[0]?.headers.authorization).toBe(`Bearer ${ALL}`);
  });

  it('answers 401 without a key and with an unknown one', async () => {
    expectError(await call(null), 401, 'unauthorized');
    expectError(await call('twigsk_test_unknown'), 401, 'unauthorized');
    expectError(await call('constructor'), 401, 'unauthorized');
  });

  it(`answers 403 to a key that lacks the ${scope} scope, and not to one that has it alone`, async () => {
    for (const other of SCOPES.filter((name) => name !== scope))
      expectError(await call(`only_${other}`), 403, 'forbidden');
    expect((await call(`only_${scope}`)).status).toBe(status);
  });

  it('answers 429 with the wait when the burst is used up, and again when time has passed', async () => {
    const [limit, burst] = LIMITS[scope];
    // Without interception, which is ten times as fast: only the calls that are looked at go through fetch.
    const used = { method, headers: { authorization: `Bearer only_${scope}` }, ...(body && { body: 'no JSON' }) };
    for (let i = 0; i < burst; i++) await getResponse(twig.handlers, new Request(`${HOST}/api/v1${path}`, used));
    const refused = await call(`only_${scope}`);
    expectError(refused, 429, 'rate_limit_exceeded');
    const seconds = Math.ceil(60 / limit);
    expect(refused.headers.get('retry-after')).toBe(String(seconds));
    expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
    expect(refused.headers.get('x-ratelimit-reset')).toBe(String(Math.ceil(clock.now() / 1000 + 60 / limit)));
    await clock.advance(seconds * 1000);
    expect((await call(`only_${scope}`)).status).not.toBe(429);
  });

  it.each([
    [500, 'internal_error'],
    [503, 'service_unavailable'],
  ])('answers %i when told to, once', async (failure, code) => {
    twig.faults.next(operation, faults.status(failure, { retryAfter: 300 }));
    const failed = await call();
    expectError(failed, failure, code);
    expect(failed.headers.get('retry-after')).toBe('300');
    expect((await call()).status).toBe(status);
  });
});

describe.each(rows.filter(({ missing }) => missing))('$operation for what is not there', (row) => {
  it('answers 404', async () => {
    const { method, missing, path, body } = row;
    expectError(await send(method, missing?.path ?? path, { body: missing?.body ?? body }), 404, 'not_found');
  });
});

describe.each(rows.filter(({ body }) => body))('the body of $operation', ({ body, method, path, required = [] }) => {
  it('answers 400 when it is no JSON object', async () => {
    for (const wrong of ['{"query":', '[]', '"text"', 'null', '']) {
      expectError(await send(method, path, { body: wrong }), 400, 'invalid_request');
    }
  });

  it.each(required)('answers 400 when %s is missing, null or blank, and names it', async (name) => {
    for (const value of [undefined, null, ' ']) {
      const refused = await send(method, path, { body: { ...body, [name]: value } });
      expectError(refused, 400, 'invalid_request');
      expect(refused.body.error.details).toEqual({ [name]: expect.any(String) });
    }
  });
});

describe('what the reference does not name', () => {
  it('answers 404 in the documented shape', async () => {
    expectError(await send('GET', '/nothing'), 404, 'not_found');
    expectError(await send('PATCH', '/agents/agent_abc123', { body: {} }), 404, 'not_found');
    expect(twig.requests.map(({ operation }) => operation)).toEqual([undefined, undefined]);
  });

  it('still asks for a key', async () => {
    expectError(await send('GET', '/nothing', { key: null }), 401, 'unauthorized');
  });

  it('is answered on any host, below any prefix', async () => {
    expect((await send('GET', '/agents', { host: 'http://localhost:1234/gateway/twig' })).status).toBe(200);
  });
});
