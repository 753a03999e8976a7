/** The headers of a request, and what `fetch` is called with. */

import { TwigClient, TwigConfigError, VERSION } from '@twig/sdk';
import { describe, expect, it, vi } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

const agent = { id: 'a', name: 'x' };
const key = 'Bearer twigsk_test_0123456789';

/** The headers that a GET sends. */
async function headersOf(client: object = {}, call: object = {}): Promise<Record<string, string>> {
  const scripted = scriptedClient(() => json(agent), client);
  await scripted.client.agents.get('a', call);
  return scripted.sent[0]?.init.headers ?? {};
}

describe('headers', () => {
  it('are few by default, and only those with a body name its type', async () => {
    const basic = { accept: 'application/json', authorization: key, 'user-agent': `twig-sdk-js/${VERSION}` };
    expect(await headersOf()).toEqual(basic);
    const { client, sent } = scriptedClient(() => json(agent));
    await client.agents.update('a', { name: 'x' });
    expect(sent[0]?.init.headers).toEqual({ ...basic, 'content-type': 'application/json' });
  });

  it('ask for a stream where one is wanted', async () => {
    const { client, sent } = scriptedClient(() => json({ response: '' }));
    await client.query({ agentId: 'a', query: 'q', stream: true });
    expect(sent[0]?.init.headers.accept).toBe('text/event-stream');
    await client.query({ agentId: 'a', query: 'q', stream: true }, { headers: { Accept: 'text/plain' } });
    expect(sent[1]?.init.headers.accept).toBe('text/plain');
  });

  it('merge over client and call, whatever the case of their names', async () => {
    const client = { headers: { 'X-Tenant': 'one', 'x-keep': 'kept', 'USER-AGENT': 'mine' } };
    expect(await headersOf(client, { headers: { 'x-tenant': 'two', 'X-New': '' } })).toEqual({
      accept: 'application/json',
      authorization: key,
      'user-agent': 'mine',
      'x-tenant': 'two',
      'x-keep': 'kept',
      'x-new': '',
    });
  });

  it('are removed by null and left alone by undefined', async () => {
    const client = { headers: { 'User-Agent': null, 'x-a': '1', 'x-b': '2' } };
    const headers = await headersOf(client, { headers: { 'X-A': null, 'X-B': undefined, Accept: null } });
    expect(headers).toEqual({ authorization: key, 'x-b': '2' });
  });

  it('may come as Headers', async () => {
    const headers = await headersOf({ headers: new Headers({ 'X-A': '1' }) }, { headers: new Headers({ 'X-B': '2' }) });
    expect(headers).toMatchObject({ 'x-a': '1', 'x-b': '2' });
  });

  it('of no text stay so: an empty authorization is sent without the key', async () => {
    const empty = { Authorization: '' };
    expect((await headersOf({ headers: empty })).authorization).toBe('');
    expect((await headersOf({}, { headers: empty })).authorization).toBe('');
  });

  it('do not reach from one call into the next', async () => {
    const { client, sent } = scriptedClient(() => json(agent));
    await client.agents.get('a', { headers: { 'x-once': '1', authorization: null } });
    await client.agents.get('a');
    expect(sent[1]?.init.headers).not.toHaveProperty('x-once');
    expect(sent[1]?.init.headers.authorization).toBe(key);
  });

  it.each([
    { 'x-a': 'line\nbreak' },
    { 'x-a': 'nul\u0000' },
    { 'x-a': '日本' },
    { 'bad name': 'x' },
    { '': 'x' },
    { 'x-a': 7 },
    { 'x-a': ['1', '2'] },
  ])('%j are refused without printing the value', async (headers) => {
    const { client, sent } = scriptedClient(() => json(agent));
    const error = await rejection(client.agents.get('a', { headers: headers as never }));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect((error as Error).message).toContain(Object.keys(headers)[0]);
    expect((error as Error).message).not.toContain('line');
    expect(sent).toHaveLength(0);
    expect(() => client.withOptions({ headers: headers as never })).toThrow(TwigConfigError);
  });
});

describe('fetch', () => {
  it('is called bare, with a text and plain values', async () => {
    const calls: unknown[][] = [];
    const fetch = function (this: unknown, ...args: unknown[]) {
      calls.push([this, ...args]);
      return Promise.resolve(json(agent));
    };
    await scriptedClient(() => json({}), { fetch: fetch as never }).client.agents.update('a', { name: 'n' });
    const [self, url, init] = calls[0] as [unknown, unknown, Record<string, unknown>];
    expect(self).toBeUndefined();
    expect(url).toBe('https://api.twig.so/api/v1/agents/a');
    expect(Object.getPrototypeOf(init)).toBe(Object.prototype);
    expect(Object.getPrototypeOf(init.headers)).toBe(Object.prototype);
    expect(init).toMatchObject({ method: 'PUT', body: '{"name":"n"}', redirect: 'manual' });
    expect(init.signal).toBeInstanceOf(AbortSignal);
  });

  it('is the global one as it is when the call is made', async () => {
    const client = new TwigClient({ apiKey: 'twigsk_test_1' });
    const later = vi.fn(async (_url: string, _init: object) => json(agent));
    vi.stubGlobal('fetch', later);
    expect(await client.agents.get('a')).toMatchObject(agent);
    expect(later).toHaveBeenCalledOnce();
  });

  it('gets fetchOptions of client and call, which cannot change what the call is', async () => {
    const dispatcher = { name: 'client' };
    const { client, sent } = scriptedClient(() => json(agent), {
      fetchOptions: { dispatcher, cache: 'no-store', method: 'PATCH', headers: { evil: '1' }, body: 'x' },
    });
    await client.agents.get('a', { fetchOptions: { dispatcher: 'call', next: { revalidate: 5 } } });
    await client.agents.get('a');
    expect(sent[0]?.init).toMatchObject({
      dispatcher: 'call',
      cache: 'no-store',
      next: { revalidate: 5 },
      method: 'GET',
    });
    expect(sent[0]?.init.headers).not.toHaveProperty('evil');
    expect(sent[1]?.init).toMatchObject({ dispatcher });
    expect(sent[1]?.init).not.toHaveProperty('next');
  });

  it.each(['content-length', 'Transfer-Encoding', 'expect', 'keep-alive', 'upgrade'])(
    'is not called with %s of another request, with which it fails or hangs',
    async (name) => {
      const { client, sent } = scriptedClient(() => json(agent), { headers: { [name]: '3' } });
      const error = await rejection(client.agents.get('a'));
      expect(error).toMatchObject({ name: 'TwigConfigError', message: expect.stringContaining(name.toLowerCase()) });
      expect(sent).toEqual([]);
    },
  );

  it.each([undefined, null, 'text', {}, { status: 200 }, { headers: new Headers() }])(
    'that gives %j, which is no Response, is a mistake of the program: told as one, and not repeated',
    async (answer) => {
      const { client, sent } = scriptedClient(() => answer as never);
      const error = await rejection(client.agents.get('a'));
      expect(error).toBeInstanceOf(TwigConfigError);
      expect((error as Error).message).toContain('fetch');
      expect(sent).toHaveLength(1);
    },
  );

  it('may give an answer that is only like a Response', async () => {
    const fetch = async () => ({
      status: 200,
      ok: true,
      headers: new Headers({ 'x-request-id': 'req_1' }),
      body: null,
      text: async () => JSON.stringify(agent),
    });
    const { data, meta } = await scriptedClient(() => json({}), { fetch })
      .client.agents.get('a')
      .withResponse();
    expect([data, meta.requestId]).toEqual([agent, 'req_1']);
  });
});
