/** A call is a promise, to everybody who asks, and who handles its failure in one way is not told of it in another. */

import { callbackify, inspect, isDeepStrictEqual, types } from 'node:util';
import {
  type Page,
  type PagePromise,
  type TwigClient,
  TwigConfigError,
  TwigConnectionError,
  type TwigPromise,
} from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { fetchFailure, json, rejection, scriptedClient, sse } from '../support/client.ts';
import { leftBehind } from '../support/no-leaks.ts';

const agent = { id: 'a', name: 'x' };
const script = ({ url, init }: { url: string; init: { headers: Record<string, string> } }): Response =>
  init.headers.accept === 'text/event-stream'
    ? sse('event: done\ndata: {"response":"x"}\n\n')
    : json(
        url.endsWith('/agents') ? { agents: [agent], total: 1 } : url.endsWith('/query') ? { response: 'x' } : agent,
      );

/** One call of each kind. */
const kinds: Record<string, (client: TwigClient) => TwigPromise<unknown>> = {
  get: (client) => client.agents.get('a'),
  list: (client) => client.agents.list(),
  query: (client) => client.query({ agentId: 'a', query: 'q' }),
  'streamed query': (client) => client.query({ agentId: 'a', query: 'q', stream: true }),
  request: (client) => client.request('GET', '/x'),
};

describe.each(Object.entries(kinds))('a call: %s', (_kind, call) => {
  const start = (): TwigPromise<unknown> => call(scriptedClient(script).client);

  it('is a native promise', async () => {
    const call = start();
    expect(call).toBeInstanceOf(Promise);
    expect(types.isPromise(call)).toBe(true);
    expect(Object.prototype.toString.call(call)).toBe('[object Promise]');
    expect(inspect(call)).toMatch(/Promise.*<pending>/);
    await call;
    expect(inspect(call)).not.toContain('<pending>');
  });

  it('has no enumerable member', async () => {
    const call = start();
    const members: string[] = [];
    for (const name in call) members.push(name);
    expect([members, Object.keys(call), Object.getOwnPropertySymbols(call), JSON.stringify(call)]).toEqual([
      [],
      [],
      [],
      '{}',
    ]);
    expect(inspect(call)).not.toMatch(/_call|settled|mode/);
    expect({ ...call }).toEqual({});
    await call;
  });

  it('gives the same by every way of asking', async () => {
    const call = start();
    const data = await call;
    expect(await (async () => call)()).toBe(data);
    expect(await Promise.resolve(call)).toBe(data);
    expect(await Promise.all([call])).toEqual([data]);
    expect(await Promise.race([call])).toBe(data);
    expect(await Promise.any([call])).toBe(data);
    expect(await call.finally(() => {})).toBe(data);
    // Node itself, and whoever keeps the engine's own functions, does not ask for `then`.
    expect(await Promise.prototype.then.call(call, (value: unknown) => value)).toBe(data);
    expect(
      await new Promise((resolve, reject) => callbackify(() => call)((e, value) => (e ? reject(e) : resolve(value)))),
    ).toBe(data);
  });

  it('makes plain promises of what is done with it', async () => {
    const call = start();
    for (const derived of [call.then(), call.catch(() => {}), call.finally(() => {}), call.withResponse()]) {
      expect(derived.constructor).toBe(Promise);
      await derived;
    }
  });

  it('works behind a Proxy', async () => {
    const wrapped = new Proxy(start(), {});
    const data = await wrapped;
    expect(wrapped).toBeInstanceOf(Promise);
    expect(await wrapped.then((value) => value)).toBe(data);
    expect(await wrapped.catch(() => 'failed')).toBe(data);
    expect(await wrapped.finally(() => {})).toBe(data);
    expect((await wrapped.withResponse()).data).toBe(data);
    expect((await new Proxy(start(), {}).asResponse()).status).toBe(200);
  });

  it('can be marked by a framework, as React marks what it has seen', async () => {
    const call = Object.assign(start(), { status: 'pending' });
    await call.then(() => Object.assign(call, { status: 'fulfilled' }));
    expect(call.status).toBe('fulfilled');
  });
});

describe('a call that failed', () => {
  it('gives the same error whichever way it is asked, in any order', async () => {
    for (const failure of [
      () => json({ error: { code: 'gone', message: 'Gone' } }, 404),
      fetchFailure('ECONNREFUSED'),
    ]) {
      const ways: ((call: TwigPromise<unknown>) => Promise<unknown>)[] = [
        (call) => call.asResponse(),
        (call) => call.then(),
        (call) => call.withResponse(),
      ];
      for (const first of ways) {
        for (const second of ways) {
          const call = scriptedClient(failure, { maxRetries: 0 }).client.agents.get('a');
          const error = await rejection(first(call));
          expect(error).not.toBeInstanceOf(TwigConfigError);
          expect(await rejection(second(call))).toBe(error);
        }
      }
    }
  });

  it('tells the engine its error too', async () => {
    const call = scriptedClient(() => json({}, 404)).client.agents.get('a');
    const error = await rejection(call);
    expect(await rejection(Promise.prototype.then.call(call))).toBe(error);
  });
});

describe('who handles the failure that he was given', () => {
  const gone = { maxRetries: 0 };
  const ways: [string, (call: PagePromise<unknown>) => unknown][] = [
    ['await', (call) => call],
    ['then', (call) => call.then(() => {})],
    ['catch', (call) => call.catch(() => Promise.reject(new Error('another')))],
    ['finally', (call) => call.finally(() => {})],
    ['withResponse()', (call) => call.withResponse()],
    ['asResponse()', (call) => call.asResponse()],
    ['asResponse(), twice', (call) => Promise.all([call.asResponse(), call.asResponse()])],
    ['withResponse(), then asResponse()', (call) => Promise.all([call.withResponse(), call.asResponse()])],
    ['toArray()', (call) => call.toArray({ limit: 5 })],
    ['toArray() without its limit', (call) => call.toArray(undefined as never)],
    ['toArray() with a wrong limit', (call) => call.toArray({ limit: -1 })],
    ['pages()', (call) => call.pages().next()],
    ['an iterator', (call) => call[Symbol.asyncIterator]().next()],
    [
      'a loop',
      async (call) => {
        for await (const _ of call) break;
      },
    ],
    [
      'a loop over pages',
      async (call) => {
        for await (const _ of call.pages()) break;
      },
    ],
    ['Promise.all', (call) => Promise.all([call])],
    ['an async function', (call) => (async () => call)()],
    ['a Proxy', (call) => new Proxy(call, {}).toArray(undefined as never)],
  ];

  it.each(ways)('by %s is not told of it again', async (_name, ask) => {
    const { client } = scriptedClient(fetchFailure('ECONNREFUSED'), gone);
    await Promise.resolve(ask(client.agents.list())).then(
      () => expect.unreachable(),
      () => {},
    );
    expect(await leftBehind()).toEqual([]);
  });

  it('by an iterator that he begins later is not ended before', async () => {
    const { client } = scriptedClient(fetchFailure('ECONNREFUSED'), gone);
    const pages = client.agents.list().pages();
    const items = client.agents.list()[Symbol.asyncIterator]();
    expect(await leftBehind()).toEqual([]);
    expect(await rejection(pages.next())).toBeInstanceOf(TwigConnectionError);
    expect(await rejection(items.next())).toBeInstanceOf(TwigConnectionError);
  });

  it('by waiting for a data source, or for the end of a stream, is not told of it again', async () => {
    const { client } = scriptedClient(fetchFailure('ECONNREFUSED'), gone);
    await rejection(client.dataSources.waitUntilReady('ds_1'));
    await rejection(client.query({ agentId: 'a', query: 'q', stream: true }).then((stream) => stream.finalResponse()));
    expect(await leftBehind()).toEqual([]);
  });

  it('is told of it once, when he handles nothing: a failure is never lost in silence', async () => {
    const { client } = scriptedClient(fetchFailure('ECONNREFUSED'), gone);
    void client.agents.get('a');
    void client.agents.list();
    void client.agents.get('a').withResponse();
    void client.agents.list().toArray({ limit: 5 });
    expect(await leftBehind()).toEqual(Array.from({ length: 4 }, () => expect.any(TwigConnectionError)));
  });
});

describe('a page', () => {
  const items = Array.from({ length: 5 }, (_, i) => ({ id: `agent_${i}`, name: `Agent ${i}` }));
  const lists = () =>
    scriptedClient(({ url }) => {
      const { searchParams } = new URL(url);
      const offset = Number(searchParams.get('offset') ?? 0);
      return json({ agents: items.slice(offset, offset + 2), total: items.length, limit: 2, next_hint: 'x' });
    });
  const plain = { data: items.slice(0, 2), total: 5, limit: 2, offset: 0, extra: { nextHint: 'x' } };

  it('can be iterated: its own items, then those of the pages after it', async () => {
    const { client, sent } = lists();
    const ids: string[] = [];
    for await (const { id } of await client.agents.list({ limit: 2 })) ids.push(id);
    expect(ids).toEqual(items.map(({ id }) => id));
    expect(sent).toHaveLength(3);
    const second = await (await client.agents.list({ limit: 2 })).getNextPage();
    const rest: string[] = [];
    for await (const { id } of second) rest.push(id);
    expect(rest).toEqual(['agent_2', 'agent_3', 'agent_4']);
    for await (const { id } of second) rest.push(id);
    expect(rest).toHaveLength(6);
  });

  it('sends nothing more when the loop is left', async () => {
    const { client, sent } = lists();
    for await (const { id } of await client.agents.list({ limit: 2 })) if (id === 'agent_1') break;
    expect(sent).toHaveLength(1);
  });

  it.each<[string, (page: Page<unknown>) => unknown]>([
    ['structuredClone', (page) => structuredClone(page)],
    ['JSON', (page) => JSON.parse(JSON.stringify(page))],
    ['a spread', (page) => ({ ...page })],
    ['Object.fromEntries', (page) => Object.fromEntries(Object.entries(page))],
  ])('is plain data to %s', async (_name, copy) => {
    const page = await lists().client.agents.list();
    const copied = copy(page);
    expect(isDeepStrictEqual(copied, plain)).toBe(true);
    // What carries data to a page (React, React Router) refuses what is of a class.
    expect(Object.getPrototypeOf(page)).toBe(Object.prototype);
  });

  it('shows its data and nothing else', async () => {
    const page = await lists().client.agents.list();
    expect(Object.keys(page)).toEqual(['data', 'total', 'limit', 'offset', 'extra']);
    expect(inspect(page)).not.toMatch(/meta|getNextPage|asyncIterator/);
    expect(page.meta.status).toBe(200);
  });

  it('without a total is plain data too', async () => {
    const page = await scriptedClient(() => json({ agents: items })).client.agents.list();
    expect(structuredClone(page)).toEqual({ data: items, total: undefined, limit: 50, offset: 0, extra: {} });
    expect(Object.keys(page)).toEqual(['data', 'total', 'limit', 'offset', 'extra']);
  });
});

it('what a call gives can be cloned: answers, and errors with what is standard of them', async () => {
  const { client } = scriptedClient(script);
  expect(structuredClone(await client.agents.get('a'))).toEqual(agent);
  expect(structuredClone(await client.query({ agentId: 'a', query: 'q' }))).toMatchObject({ response: 'x' });
  for (const failure of [() => json({}, 404), fetchFailure('ECONNREFUSED'), () => new Response('<html>')]) {
    const failing = scriptedClient(failure, { maxRetries: 0 }).client;
    const error = (await rejection(failing.agents.get('a'))) as Error;
    expect(structuredClone(error)).toMatchObject({ message: error.message });
  }
});

it('a stream is no secret to JSON and inspection', async () => {
  const { client } = scriptedClient(script);
  const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
  expect(JSON.stringify(stream) + inspect(stream, { depth: 9 })).not.toContain('twigsk_test');
  await stream.finalResponse();
});
