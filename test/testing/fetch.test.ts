/** `twig.fetch` by itself: it does what the platform's `fetch` does, in its words. */

import { createTestClock, createTwigMock, faults } from '@twig/sdk/testing';
import { describe, expect, it, vi } from 'vitest';

const URL_OF_AGENTS = 'https://api.twig.so/api/v1/agents';
const headers = { authorization: 'Bearer twigsk_test_x' };

function mock(options = {}) {
  const clock = createTestClock();
  const twig = createTwigMock({ clock, ...options });
  const get = (init: RequestInit = {}, url = URL_OF_AGENTS) => twig.fetch(url, { headers, ...init });
  const ask = (init: RequestInit = {}) =>
    twig.fetch('https://api.twig.so/api/v1/query', {
      method: 'POST',
      headers,
      body: JSON.stringify({ agent_id: 'agent_abc123', query: 'What is pricing?', stream: true }),
      ...init,
    });
  return { ask, clock, get, twig };
}

it.each(['structuredClone', 'crypto', 'performance', 'AggregateError'])(
  'answers without %s, and keeps the seed',
  async (missing) => {
    vi.stubGlobal(missing, undefined);
    const seed = { agents: [{ id: 'agent_mine', name: 'Mine' }] };
    try {
      const { get, twig } = mock({ seed });
      expect((await get()).status).toBe(200);
      Object.assign(twig.data.agents[0] ?? {}, { name: 'Changed' });
    } finally {
      vi.unstubAllGlobals();
    }
    expect(seed.agents[0]?.name).toBe('Mine');
  },
);

/** A signal that tells who listens. No platform's own: Jest's jsdom, React Native and polyfills have others. */
class ForeignSignal {
  aborted = false;
  reason: unknown;
  listeners = new Set<() => void>();
  addEventListener = (_: string, listener: () => void) => void this.listeners.add(listener);
  removeEventListener = (_: string, listener: () => void) => void this.listeners.delete(listener);
  abort(reason: unknown) {
    this.aborted = true;
    this.reason = reason;
    for (const listener of this.listeners) listener();
  }
  // Only its shape is asked for.
  get signal() {
    return this as unknown as AbortSignal;
  }
}

describe('a request', () => {
  it('may be a text, a URL or a Request, with the method and headers that init has', async () => {
    const { twig } = mock();
    for (const input of [URL_OF_AGENTS, new URL(URL_OF_AGENTS), new Request(URL_OF_AGENTS)])
      expect((await twig.fetch(input, { headers })).status).toBe(200);
    const post = new Request(URL_OF_AGENTS, { method: 'POST', headers, body: '{"name":"N","data_source_ids":[]}' });
    expect((await twig.fetch(post)).status).toBe(201);
    expect(twig.requests.at(-1)).toMatchObject({ operation: 'agents.create', body: { name: 'N' } });
  });

  it('that is none rejects with a TypeError', async () => {
    const { twig } = mock();
    await expect(twig.fetch('nowhere')).rejects.toBeInstanceOf(TypeError);
    await expect(twig.fetch(URL_OF_AGENTS, { body: 'x' })).rejects.toBeInstanceOf(TypeError);
    expect(twig.requests).toEqual([]);
  });

  it('finds its endpoint on any host and below any path', async () => {
    const { get } = mock();
    for (const url of ['http://127.0.0.1:1/api/v1/agents', 'https://x.test/twig/api/v1/agents/'])
      expect((await get({}, url)).status).toBe(200);
    expect((await get({}, 'https://x.test/api/v1/agents/%zz')).status).toBe(404);
    expect((await get({}, 'https://x.test/api/v1/agents/a/b')).status).toBe(404);
  });
});

describe('a response', () => {
  it('knows its URL, and can be read once', async () => {
    const { get } = mock();
    const response = await get();
    expect([response.url, response.redirected, response.ok, response.type]).toEqual([
      URL_OF_AGENTS,
      false,
      true,
      'default',
    ]);
    await response.json();
    expect(response.bodyUsed).toBe(true);
    await expect(response.text()).rejects.toBeInstanceOf(TypeError);
  });
});

describe('a signal', () => {
  it('that has aborted rejects with its reason, and nothing was sent', async () => {
    const { get, twig } = mock();
    const reason = new Error('mine');
    await expect(get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    await expect(get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: 'AbortError' });
    await expect(twig.fetch(new Request(URL_OF_AGENTS, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(twig.requests).toEqual([]);
  });

  it('of null stands for none, also where the Request has one', async () => {
    const { twig } = mock();
    const request = new Request(URL_OF_AGENTS, { headers, signal: AbortSignal.abort() });
    expect((await twig.fetch(request, { signal: null })).status).toBe(200);
  });

  it('ends the wait for a response, which rejects with its reason', async () => {
    const { clock, get } = mock({ latencyMs: 1000 });
    const stop = new AbortController();
    const reason = new Error('mine');
    const call = get({ signal: stop.signal });
    await expect.poll(() => clock.pending).toBe(1);
    stop.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('ends a call that is never answered', async () => {
    const { get, twig } = mock();
    twig.faults.next('*', faults.timeout());
    const stop = new AbortController();
    const call = get({ signal: stop.signal });
    await expect.poll(() => twig.requests.length).toBe(1);
    stop.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('breaks a body under way, which errors with its reason, and the mock waits no longer', async () => {
    const { ask, clock, twig } = mock();
    twig.faults.next('query', faults.slowStream());
    const stop = new AbortController();
    const reason = new Error('mine');
    const response = await ask({ signal: stop.signal });
    const reader = response.body?.getReader();
    const reading = reader?.read();
    await expect.poll(() => clock.pending).toBe(1);
    stop.abort(reason);
    await expect(reading).rejects.toBe(reason);
    await expect(reader?.closed).rejects.toBe(reason);
    expect(clock.pending).toBe(0);
  });

  it('breaks a body that nobody has begun to read', async () => {
    const { ask } = mock();
    const stop = new AbortController();
    const reason = new Error('mine');
    const response = await ask({ signal: stop.signal });
    stop.abort(reason);
    await expect(response.text()).rejects.toBe(reason);
  });

  it('after the end changes nothing', async () => {
    const { get } = mock();
    const stop = new AbortController();
    const response = await get({ signal: stop.signal });
    const body = await response.json();
    stop.abort();
    expect(body).toMatchObject({ total: 2 });
  });

  it('of another realm does as well, and is listened to no longer than needed', async () => {
    const { ask, get, twig } = mock();
    const foreign = new ForeignSignal();
    await (await get({ signal: foreign.signal })).text();
    await (await ask({ signal: foreign.signal })).body?.cancel();
    twig.faults.next('*', faults.htmlError());
    await get({ signal: foreign.signal });
    twig.faults.next('*', faults.disconnect());
    await expect(get({ signal: foreign.signal })).rejects.toThrow('fetch failed');
    expect(foreign.listeners.size).toBe(0);
    const response = await ask({ signal: foreign.signal });
    foreign.abort('mine');
    await expect(response.text()).rejects.toBe('mine');
    await expect(get({ signal: foreign.signal })).rejects.toBe('mine');
  });
});

it('cancelling the body ends the wait for its next piece', async () => {
  const { ask, clock, twig } = mock();
  twig.faults.next('query', faults.slowStream());
  const reader = (await ask()).body?.getReader();
  const reading = reader?.read();
  await expect.poll(() => clock.pending).toBe(1);
  await reader?.cancel();
  expect(await reading).toEqual({ done: true, value: undefined });
  expect(clock.pending).toBe(0);
});

describe('a connection that is reset', () => {
  const cause = { code: 'ECONNRESET' };

  it('rejects as fetch does', async () => {
    const { get, twig } = mock();
    twig.faults.next('*', faults.disconnect());
    const error = await get().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'fetch failed', cause });
  });

  it.each([0, 20])('within the body errors as fetch does, after %i bytes', async (afterBytes) => {
    const { get, twig } = mock();
    twig.faults.next('*', faults.disconnect({ afterBytes }));
    const reader = (await get()).body?.getReader();
    if (afterBytes) expect((await reader?.read())?.value).toHaveLength(afterBytes);
    const error = await reader?.read().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ message: 'terminated', cause });
  });
});

describe('a redirect', () => {
  const to = (location: string, status = 307) => faults.status(status, { headers: { location } });

  it('is followed', async () => {
    const { get, twig } = mock();
    twig.faults.next('*', to('/api/v1/users'));
    const response = await get();
    expect([response.url, response.redirected]).toEqual(['https://api.twig.so/api/v1/users', true]);
    expect(await response.json()).toHaveProperty('users');
    expect(twig.requests).toHaveLength(2);
  });

  it.each([
    [307, 'POST', 'agents.create'],
    [308, 'POST', 'agents.create'],
    [303, 'GET', 'agents.list'],
    [302, 'GET', 'agents.list'],
    [301, 'GET', 'agents.list'],
  ])('with %i sends a POST on as %s', async (status, method, operation) => {
    const { get, twig } = mock();
    twig.faults.next('*', to('/api/v1/agents', status));
    await get({ method: 'POST', body: '{"name":"N","data_source_ids":[]}' }, 'https://api.twig.so/api/v1/kb');
    expect(twig.requests.at(-1)).toMatchObject({ method, operation });
    expect(twig.requests.at(-1)?.body).toEqual(method === 'POST' ? { name: 'N', data_source_ids: [] } : undefined);
  });

  it('to another origin takes no key there', async () => {
    const { get, twig } = mock();
    twig.faults.next('*', to('https://other.test/api/v1/agents'));
    expect((await get()).status).toBe(401);
    expect(twig.requests.at(-1)?.headers).not.toHaveProperty('authorization');
  });

  it('is handed over, or an error, where that was asked for', async () => {
    const { get, twig } = mock();
    twig.faults.next('*', to('/api/v1/users'));
    const response = await get({ redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([307, '/api/v1/users']);
    twig.faults.next('*', to('/api/v1/users'));
    await expect(get({ redirect: 'error' })).rejects.toThrow('fetch failed');
    expect(twig.requests).toHaveLength(2);
  });

  it.each(['http://[', 'mailto:a@b.test', 'data:text/plain,hi', 'file:///etc/hosts'])(
    'to %s is a failure, and goes nowhere',
    async (location) => {
      const { get, twig } = mock();
      twig.faults.next('*', to(location));
      await expect(get()).rejects.toMatchObject({ name: 'TypeError', message: 'fetch failed' });
      expect(twig.requests).toHaveLength(1);
    },
  );

  it('that leads in a circle ends after twenty', async () => {
    const { get, twig } = mock();
    twig.faults.random('*', 1, to('/api/v1/agents'));
    await expect(get()).rejects.toMatchObject({
      message: 'fetch failed',
      cause: { message: 'redirect count exceeded' },
    });
    expect(twig.requests).toHaveLength(21);
  });
});

describe('a status', () => {
  it.each([204, 205, 304])('of %i has no body', async (status) => {
    const { get, twig } = mock();
    twig.faults.next('*', faults.status(status));
    const response = await get();
    expect([response.status, response.body]).toEqual([status, null]);
  });

  it.each([0, 101, 199, 600, 503.5, Number.NaN])('of %d is refused when the fault is made', (status) => {
    expect(() => faults.status(status)).toThrow(RangeError);
    expect(() => faults.htmlError({ status })).toThrow(RangeError);
  });
});
