/** The client as an object: derived clients, what it remembers, and that a Proxy around it works. */

import { type LimiterLike, TwigClient, TwigConfigError, TwigValidationError } from '@twig/sdk';
import { describe, expect, it, vi } from 'vitest';
import { fetchFailure, json, rejection, scriptedClient } from '../support/client.ts';

const agent = { id: 'a', name: 'x' };

describe('withOptions', () => {
  it('gives a client with other options and leaves the first as it is', async () => {
    const { client, sent } = scriptedClient(() => json(agent), { headers: { 'x-a': '1', 'x-b': '2' } });
    const other = client.withOptions({ baseUrl: 'https://other.example', headers: { 'X-B': '3', 'x-c': '4' } });
    expect(other).toBeInstanceOf(TwigClient);
    await other.agents.get('a');
    await client.agents.get('a');
    expect(sent.map(({ url }) => new URL(url).origin)).toEqual(['https://other.example', 'https://api.twig.so']);
    expect(sent[0]?.init.headers).toMatchObject({ 'x-a': '1', 'x-b': '3', 'x-c': '4' });
    expect(sent[1]?.init.headers).toMatchObject({ 'x-a': '1', 'x-b': '2' });
    expect(sent[1]?.init.headers).not.toHaveProperty('x-c');
  });

  it('merges headers over several steps, removals too', async () => {
    const { client, sent } = scriptedClient(() => json(agent), { headers: new Headers({ 'x-a': '1' }) });
    const last = client.withOptions({ headers: { 'X-A': null } }).withOptions({ headers: { 'user-agent': null } });
    await last.agents.get('a');
    expect(sent[0]?.init.headers).not.toHaveProperty('x-a');
    expect(sent[0]?.init.headers).not.toHaveProperty('user-agent');
  });

  it('shares the limiter and rateLimits', async () => {
    const acquire = vi.fn<LimiterLike['acquire']>(async () => ({ observe: () => {}, release: () => {} }));
    const { client } = scriptedClient(() => json(agent, 200, { 'x-ratelimit-remaining': '5' }), {
      rateLimiter: { acquire },
    });
    const other = client.withOptions({ timeoutMs: 5000 });
    await other.agents.get('a');
    expect(acquire).toHaveBeenCalledOnce();
    expect(client.rateLimits.read?.remaining).toBe(5);
    expect(client.rateLimits).toBe(other.rateLimits);
  });

  it('takes undefined for an option that was not given', async () => {
    const { client, sent } = scriptedClient(() => json({}, 503), { maxRetries: 0 });
    await rejection(client.withOptions({ apiKey: undefined, maxRetries: undefined }).agents.get('a'));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.init.headers.authorization).toBe('Bearer twigsk_test_0123456789');
  });

  it('checks as the constructor does', () => {
    const { client } = scriptedClient(() => json(agent));
    expect(() => client.withOptions({ apiKey: ' ' })).toThrow(TwigConfigError);
    expect(() => client.withOptions({ maxRetryDelayMs: -1 })).toThrow(/maxRetryDelayMs/);
    expect(() => client.withOptions({ responseValidation: 'loud' as never })).toThrow(/responseValidation/);
  });
});

it('takes null for no options, in every place', async () => {
  const { client, sent } = scriptedClient(() => json(agent));
  const none = null as never;
  await client.agents.get('a', none);
  await client.query({ agentId: 'a', query: 'q' }, none);
  await client.request('GET', '/x', none);
  await client.withOptions(undefined).agents.get('a');
  expect(sent).toHaveLength(4);
});

describe('rateLimits', () => {
  it('holds what the headers last said, by scope, and of errors too', async () => {
    const reset = Date.UTC(2024, 0, 15) / 1000;
    const answers = [
      json({ response: '' }, 200, { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '99' }),
      json({ agents: [] }, 200, { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': String(reset) }),
      json({}, 429, { 'x-ratelimit-remaining': '0', 'x-ratelimit-used': '200' }),
      json(agent),
    ];
    const { client } = scriptedClient((_sent, index) => answers[index] as Response, { maxRetries: 0 });
    expect(client.rateLimits).toEqual({});
    await client.query({ agentId: 'a', query: 'q' });
    expect(client.rateLimits).toEqual({ execute: { limit: 100, remaining: 99, resetAt: undefined } });
    await client.agents.list();
    expect(client.rateLimits.read).toEqual({ limit: undefined, remaining: 7, resetAt: new Date(reset * 1000) });
    await rejection(client.agents.get('a'));
    expect(client.rateLimits.read).toEqual({ limit: undefined, remaining: 0, resetAt: undefined, used: 200 });
    await client.agents.get('a');
    expect(client.rateLimits.read?.remaining).toBe(0);
  });
});

it('works behind a Proxy, and so do its namespaces, promises, pages and streams', async () => {
  const wrap = <T extends object>(target: T): T => new Proxy(target, {});
  const answers = [
    () => json(agent),
    () => json({ agents: [agent], total: 2 }),
    () => json({ agents: [{ ...agent, id: 'b' }], total: 2 }),
    () => json({ response: 'whole' }),
    () => json(agent),
  ];
  const { client, sent } = scriptedClient((_sent, index) => (answers[index] as () => Response)());
  const proxied = wrap(client);
  expect(await wrap(wrap(proxied.agents).get('a'))).toMatchObject(agent);
  const page = wrap(await wrap(proxied.agents).list());
  expect((await page.getNextPage()).data[0]?.id).toBe('b');
  const stream = wrap(await proxied.query({ agentId: 'a', query: 'q', stream: true }));
  expect((await stream.finalResponse()).response).toBe('whole');
  await proxied.withOptions({ timeoutMs: 5 }).agents.get('a');
  expect(sent).toHaveLength(5);
  expect(proxied.environment).toBe('test');
});

it('can be subclassed', async () => {
  class TracedClient extends TwigClient {
    calls = 0;
    override request(...args: Parameters<TwigClient['request']>): never {
      this.calls++;
      return super.request(...args) as never;
    }
  }
  const client = new TracedClient({ apiKey: 'twigsk_test_1', fetch: async () => json({ someKey: 1, other_key: 2 }) });
  expect(await client.request('GET', '/x')).toEqual({ someKey: 1, otherKey: 2 });
  expect(client.calls).toBe(1);
});

describe('request()', () => {
  it('sends any method and path with the rest of the client behind it', async () => {
    const { client, sent } = scriptedClient(() => json({ some_key: [{ inner_key: 1 }] }));
    const body = { someKey: { innerKey: [1] } };
    expect(await client.request('PATCH', '/api/v2/things', { body, headers: { 'x-a': '1' } })).toEqual({
      someKey: [{ innerKey: 1 }],
    });
    expect(sent[0]).toMatchObject({
      url: 'https://api.twig.so/api/v2/things',
      init: { method: 'PATCH', body: '{"some_key":{"inner_key":[1]}}', headers: { 'x-a': '1' } },
    });
  });

  it('takes the method in any case: a POST in small letters has its key and is not sent twice either', async () => {
    const { client, sent } = scriptedClient(fetchFailure('ECONNRESET'));
    await rejection(client.request('post' as never, '/x', { body: {} }));
    expect(sent).toHaveLength(1);
    expect(sent[0]?.init).toMatchObject({ method: 'POST', headers: { 'idempotency-key': expect.any(String) } });
  });

  it.each(['TRACE', 'HEAD', '', undefined, 'GET /y'])('refuses the method %j, and sends nothing', async (method) => {
    const { client, sent } = scriptedClient(() => json({}));
    const error = await rejection(client.request(method as never, '/x'));
    expect(error).toBeInstanceOf(TwigValidationError);
    expect(error).toMatchObject({ issues: [{ path: 'method' }] });
    expect(sent).toHaveLength(0);
  });

  it('refuses a body with GET, which fetch cannot send, and sends nothing', async () => {
    const { client, sent } = scriptedClient(() => json({}));
    const error = await rejection(client.request('GET', '/x', { body: {} }));
    expect(error).toMatchObject({ code: 'invalid_arguments', issues: [{ path: 'body' }] });
    expect(sent).toHaveLength(0);
  });

  it.each([[{ a: 1 }], [[['a']]], [new Map()]])('refuses %j in a query string, and sends nothing', async (filter) => {
    const { client, sent } = scriptedClient(() => json({}));
    const error = await rejection(client.request('GET', '/x', { query: { filter } }));
    expect(error).toMatchObject({ code: 'invalid_arguments', issues: [{ path: 'filter' }] });
    expect(sent).toHaveLength(0);
  });

  it('sends a list as the body', async () => {
    const { client, sent } = scriptedClient(() => json({}));
    await client.request('POST', '/x', { body: [{ someKey: 1 }, 'two', null] });
    expect(sent[0]?.init.body).toBe('[{"some_key":1},"two",null]');
  });

  it('gives whatever JSON comes, and undefined for nothing', async () => {
    for (const value of [[1], 'text', 7, null, false]) {
      const { client } = scriptedClient(() => json(value));
      expect(await client.request('GET', '/x')).toEqual(value);
    }
    const { client } = scriptedClient(() => new Response(null, { status: 204 }));
    expect(await client.request('DELETE', '/x')).toBeUndefined();
  });
});
