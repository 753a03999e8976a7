/** Where servers differ from the reference: the client reads them all the same. */

import { TwigResponseValidationError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

/** A client that is always answered with this body. */
const answering = (body: unknown) => scriptedClient(() => json(body), { responseValidation: 'off' }).client;
const question = { agentId: 'a', query: 'q' };

describe('the envelope', () => {
  const agent = { id: 'a', name: 'x' };

  it('{data, status: "success"} is taken off', async () => {
    expect(await answering({ data: agent, status: 'success' }).agents.get('a')).toEqual(agent);
    expect(await answering({ data: agent, status: 'success', request_id: 'r' }).agents.get('a')).toEqual(agent);
    const list = { agents: [agent], total: 1, limit: 5, offset: 0 };
    expect(await answering({ data: list, status: 'success' }).agents.list()).toMatchObject({ data: [agent], limit: 5 });
    expect((await answering({ data: [agent], status: 'success' }).agents.list()).data).toEqual([agent]);
  });

  it('is left on when it is not exactly that', async () => {
    for (const body of [
      { data: agent, status: 'success', more: 1 },
      { data: agent, status: 'ok' },
      { data: agent },
      { status: 'success' },
    ]) {
      expect(await answering(body).request('GET', '/x')).toEqual(body);
    }
  });

  it('does not take an object with members of that name for an error or an envelope', async () => {
    const source = { id: 'ds', type: 'file', name: 'n', status: 'failed', error: 'no such file' };
    expect(await answering(source).dataSources.create({ type: 'file', name: 'n' })).toEqual(source);
    const status = { status: 'error', error: 'crawl blocked', chunks_indexed: 1 };
    expect(await answering(status).dataSources.status('ds')).toEqual({
      status: 'error',
      error: 'crawl blocked',
      chunksIndexed: 1,
    });
  });
});

describe('a list', () => {
  const item = { id: 'x', name: 'n', type: 't', title: 't', email: 'e' };
  const lists = [
    ['agents', 'agents'],
    ['dataSources', 'data_sources'],
    ['interactions', 'interactions'],
    ['users', 'users'],
    ['kb', 'articles'],
  ] as const;

  it.each(lists)('of %s is found under each of its names, or bare', async (namespace, key) => {
    for (const name of [key, 'data', 'items', 'results']) {
      const page = await answering({ [name]: [item], total: 1 })[namespace].list();
      expect(page.data).toEqual([item]);
      expect(page.total).toBe(1);
    }
    const bare = await answering([item])[namespace].list({ limit: 7, offset: 3 });
    expect(bare).toMatchObject({ data: [item], total: undefined, limit: 7, offset: 3, extra: {} });
  });

  it.each(lists)('of %s without any list is an error in every mode', async (namespace) => {
    for (const body of [{}, { rows: [] }, { data: {} }, null, 'text', 7]) {
      const error = await rejection(answering(body)[namespace].list());
      expect(error).toBeInstanceOf(TwigResponseValidationError);
      expect(error).toMatchObject({ status: 200, contentType: 'application/json', bodySnippet: JSON.stringify(body) });
    }
  });

  it('keeps what else is in its envelope as extra', async () => {
    const page = await answering({ agents: [], next_cursor: 'c', has_more: false }).agents.list();
    expect(page.extra).toEqual({ nextCursor: 'c', hasMore: false });
  });
});

describe('members under another name', () => {
  it('score: similarity becomes similarityScore, in answers and searches', async () => {
    const passages = [
      { similarity: 0.5 },
      { similarity_score: 0, similarity: 0.9 },
      { similarity_score: null, similarity: 1 },
    ];
    const { sources } = await answering({ response: '', sources: passages }).query(question);
    const { chunks } = await answering({ chunks: passages }).semanticSearch({ query: 'q', orgId: 'o' });
    for (const found of [sources, chunks]) expect(found.map((one) => one.similarityScore)).toEqual([0.5, 0, 1]);
    expect(sources[0]).toHaveProperty('similarity', 0.5);
  });

  it('latency: the one beside the metadata becomes metadata.latencyMs', async () => {
    expect((await answering({ response: '', latency_ms: 12 }).query(question)).metadata.latencyMs).toBe(12);
    const both = await answering({ response: '', latency_ms: 12, metadata: { latency_ms: 0 } }).query(question);
    expect(both.metadata.latencyMs).toBe(0);
    const search = await answering({ chunks: [], latency_ms: 0 }).semanticSearch({ query: 'q', orgId: 'o' });
    expect(search.metadata.latencyMs).toBe(0);
  });

  it('id: agent_id becomes the id of an agent, alone or in a list', async () => {
    const given = { agent_id: 'a', name: 'x' };
    expect(await answering(given).agents.get('a')).toEqual({ id: 'a', agentId: 'a', name: 'x' });
    expect((await answering({ agents: [given] }).agents.list()).data[0]?.id).toBe('a');
    expect((await answering({ ...given, id: '' }).agents.get('a')).id).toBe('');
    // An interaction's agent_id is another thing.
    const interactions = await answering({ interactions: [{ agent_id: 'a' }] }).interactions.list();
    expect(interactions.data[0]).toEqual({ agentId: 'a' });
  });

  it('data source: type, config and syncFrequency come from their older names', async () => {
    const older = {
      id: 'd',
      name: 'n',
      source_type: 'website',
      connection_params: { max_pages: 2 },
      sync_schedule: 'daily',
    };
    const expected = { type: 'website', config: { maxPages: 2 }, syncFrequency: 'daily' };
    expect(await answering(older).dataSources.create({ type: 'website', name: 'n' })).toMatchObject(expected);
    expect((await answering([older]).dataSources.list()).data[0]).toMatchObject(expected);
    const both = await answering({ ...older, type: '', config: {}, sync_frequency: 'weekly' }).dataSources.create({
      type: 'website',
      name: 'n',
    });
    expect(both).toMatchObject({ type: '', config: {}, syncFrequency: 'weekly' });
  });

  it('sources of an answer that has none are an empty list', async () => {
    expect(await answering({ response: 'x' }).query(question)).toEqual({ response: 'x', sources: [], metadata: {} });
  });
});

describe('keys', () => {
  it('become camelCase at any depth, and unknown members survive', async () => {
    const body = {
      some_key: [{ deep_er: { deepest_key_2: 1 } }],
      kept: null,
      'X-Foo': 1,
      _id: 2,
      Some_Name: 3,
      URL: 4,
    };
    expect(await answering(body).request('GET', '/x')).toEqual({
      someKey: [{ deepEr: { deepestKey2: 1 } }],
      kept: null,
      'X-Foo': 1,
      _id: 2,
      Some_Name: 3,
      URL: 4,
    });
  });

  it('become snake_case on their way out where they are camelCase identifiers, and stay elsewhere', async () => {
    const { client, sent } = scriptedClient(() => json({}));
    const body = {
      orgID: 1,
      dataSourceIds: [{ innerKey: 2 }],
      'X-Foo': { Accept: 'a' },
      URL: 3,
      HTMLPage: 4,
      a_b: 5,
      'a b': 6,
    };
    await client.request('POST', '/x', { body });
    expect(JSON.parse(sent[0]?.init.body ?? '')).toEqual({
      org_id: 1,
      data_source_ids: [{ inner_key: 2 }],
      'X-Foo': { Accept: 'a' },
      URL: 3,
      HTMLPage: 4,
      a_b: 5,
      'a b': 6,
    });
  });

  it('named __proto__, constructor or prototype are plain data and pollute nothing', async () => {
    const text = '{"__proto__":{"is_admin":true},"constructor":{"prototype":{"is_admin":true}},"id":"a","name":"x"}';
    const { client, sent } = scriptedClient(() => new Response(text));
    const agent = (await client.agents.get('a')) as object as Record<string, unknown>;
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
    expect(agent.isAdmin).toBeUndefined();
    expect(Object.getPrototypeOf(agent)).toBe(Object.prototype);
    expect(Object.hasOwn(agent, '__proto__')).toBe(true);
    expect(JSON.stringify(agent)).toBe(text.replaceAll('is_admin', 'isAdmin'));
    await client.request('POST', '/x', { body: JSON.parse(text) as Record<string, unknown> });
    expect(sent[1]?.init.body).toBe(text);
  });

  it('of a body nested deeper than a stack is are an error of this package', async () => {
    const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`;
    const { client } = scriptedClient(() => new Response(deep));
    expect(await rejection(client.agents.get('a'))).toBeInstanceOf(TwigResponseValidationError);
  });

  it('of values that are no plain objects are left alone', async () => {
    const { client, sent } = scriptedClient(() => json({}));
    const day = new Date('2024-01-15T10:30:00Z');
    await client.request('POST', '/x', { body: { startAt: day, none: null, off: undefined } });
    expect(sent[0]?.init.body).toBe('{"start_at":"2024-01-15T10:30:00.000Z","none":null}');
  });
});
