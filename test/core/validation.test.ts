/** Arguments that are plainly wrong: refused with every complaint, before anything is sent. */

import { type TwigClient, TwigValidationError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

/** The complaints about a call, as `path: message`; fails when anything was sent. */
async function complaints(call: (client: TwigClient) => PromiseLike<unknown>): Promise<string[]> {
  const { client, sent } = scriptedClient(() => json({}));
  const error = await rejection(call(client));
  expect(error).toBeInstanceOf(TwigValidationError);
  expect(sent).toHaveLength(0);
  const { issues, message, isRetryable } = error as TwigValidationError;
  expect(message).toMatch(/^Nothing was sent: /);
  expect(isRetryable).toBe(false);
  return issues.map((issue) => `${issue.path}: ${issue.message}`);
}

/** The body that a call sends. */
async function sentBody(call: (client: TwigClient) => PromiseLike<unknown>): Promise<unknown> {
  const { client, sent } = scriptedClient(() => json({ id: 'x', response: '' }));
  await call(client);
  return JSON.parse(sent[0]?.init.body ?? 'null');
}

const agent = { name: 'Support', dataSourceIds: ['ds_1'] };
const question = { agentId: 'agent_1', query: 'Why?' };
const search = { query: 'Why?', orgId: 'org_1' };
const january = { startDate: '2024-01-01', endDate: '2024-01-31' };
const source = { type: 'website', name: 'Docs' };
// Wrong on purpose, where the types would refuse it before the client could.
const wrong = <T>(value: unknown): T => value as T;

describe('required parameters', () => {
  it.each<[string, string[], (client: TwigClient, params: never) => PromiseLike<unknown>]>([
    ['query', ['agentId', 'query'], (client, params) => client.query(params)],
    ['semanticSearch', ['query', 'orgId'], (client, params) => client.semanticSearch(params)],
    ['agents.create', ['name', 'dataSourceIds'], (client, params) => client.agents.create(params)],
    ['dataSources.create', ['type', 'name'], (client, params) => client.dataSources.create(params)],
    ['interactions.submitFeedback', ['feedback'], (client, params) => client.interactions.submitFeedback('i', params)],
    ['analytics.get', ['startDate', 'endDate'], (client, params) => client.analytics.get(params)],
    ['users.create', ['email', 'role'], (client, params) => client.users.create(params)],
    ['kb.create', ['title', 'content'], (client, params) => client.kb.create(params)],
  ])('%s names each of its required parameters that is missing or null', async (_name, needed, call) => {
    const nulls = Object.fromEntries(needed.map((key) => [key, null]));
    const expected = needed.map((key) => `${key}: is required`);
    expect(await complaints((client) => call(client, {} as never))).toEqual(expected);
    expect(await complaints((client) => call(client, nulls as never))).toEqual(expected);
    for (const params of [undefined, null, 'text', ['list']]) {
      expect(await complaints((client) => call(client, params as never))).toEqual([
        ': the parameters must be an object',
      ]);
    }
  });

  it.each<[string, (client: TwigClient) => PromiseLike<unknown>]>([
    ['query', (client) => client.query({ ...question, query: ' \n' })],
    ['query', (client) => client.semanticSearch({ ...search, query: '' })],
    ['name', (client) => client.agents.create({ ...agent, name: '\t' })],
    ['type', (client) => client.dataSources.create({ ...source, type: ' ' })],
    ['name', (client) => client.dataSources.create({ ...source, name: '' })],
    ['email', (client) => client.users.create({ email: '', role: 'admin' })],
    ['role', (client) => client.users.create({ email: 'a@b.c', role: ' ' })],
    ['title', (client) => client.kb.create({ title: '', content: 'c' })],
    ['content', (client) => client.kb.create({ title: 't', content: ' ' })],
  ])('a required text, %s, must hold more than white space (%#)', async (path, call) => {
    expect(await complaints(call)).toEqual([`${path}: must not be blank`]);
  });

  it('reports everything that is wrong at once, with dotted paths', async () => {
    const params = { name: '', dataSourceIds: ['ds_1', '', 7], temperature: 3, maxTokens: 0, model: 4 };
    expect(await complaints((client) => client.agents.create(wrong(params)))).toEqual([
      'name: must not be blank',
      'dataSourceIds.1: must be an id: not empty, no white space at its ends, no control characters',
      'dataSourceIds.2: must be an id: not empty, no white space at its ends, no control characters',
      'model: must be a text',
      'temperature: must be a number from 0 to 2',
      'maxTokens: must be an integer ≥ 1',
    ]);
  });
});

describe('numbers', () => {
  it.each([-0.01, 2.01, '1', true, {}])('refuses the temperature %j', async (temperature) => {
    const expected = ['temperature: must be a number from 0 to 2'];
    expect(await complaints((client) => client.query(wrong({ ...question, temperature })))).toEqual(expected);
    expect(await complaints((client) => client.agents.create(wrong({ ...agent, temperature })))).toEqual(expected);
    expect(await complaints((client) => client.agents.update('a', wrong({ temperature })))).toEqual(expected);
  });

  it.each([0, 2, 0.7])('sends the temperature %j', async (temperature) => {
    expect(await sentBody((client) => client.query({ ...question, temperature }))).toMatchObject({ temperature });
  });

  it.each([0, 201, 1.5, -1, '10', null])('refuses a page limit of %j in every list', async (limit) => {
    const params = wrong<{ limit: number }>({ limit });
    const expected = ['limit: must be an integer from 1 to 200'];
    expect(await complaints((client) => client.agents.list(params))).toEqual(expected);
    expect(await complaints((client) => client.dataSources.list(params))).toEqual(expected);
    expect(await complaints((client) => client.interactions.list(params))).toEqual(expected);
    expect(await complaints((client) => client.users.list(params))).toEqual(expected);
    expect(await complaints((client) => client.kb.list(params))).toEqual(expected);
  });

  it.each([-1, 0.5, '0', null])('refuses a page offset of %j', async (offset) => {
    const expected = ['offset: must be an integer ≥ 0'];
    expect(await complaints((client) => client.agents.list(wrong({ offset })))).toEqual(expected);
    expect(await complaints((client) => client.kb.list(wrong({ offset })))).toEqual(expected);
  });

  it.each([0, 1.5, '5'])('refuses counts of %j', async (count) => {
    const message = 'must be an integer ≥ 1';
    expect(await complaints((client) => client.query(wrong({ ...question, maxTokens: count })))).toEqual([
      `maxTokens: ${message}`,
    ]);
    expect(await complaints((client) => client.semanticSearch(wrong({ ...search, topK: count })))).toEqual([
      `topK: ${message}`,
    ]);
  });

  it.each<[unknown, string]>([
    [Number.NaN, 'must not be NaN'],
    [Number.POSITIVE_INFINITY, 'must not be Infinity'],
    [Number.NEGATIVE_INFINITY, 'must not be -Infinity'],
    [10n, 'must not be a bigint'],
    [() => 1, 'must not be a function'],
    [Symbol('s'), 'must not be a symbol'],
    [new Date(Number.NaN), 'must not be an invalid Date'],
  ])('refuses what JSON cannot carry, wherever it is (%#)', async (value, message) => {
    expect(await complaints((client) => client.agents.create(wrong({ ...agent, temperature: value })))).toContain(
      `temperature: ${message}`,
    );
    const config = { url: 'https://x', deep: [{ down: value }] };
    const create = (client: TwigClient) => client.dataSources.create({ ...source, type: 'website', config });
    expect(await complaints(create)).toEqual([`config.deep.0.down: ${message}`]);
    const options = { query: { unknown: value } };
    expect(await complaints((client) => client.request('GET', '/x', options))).toEqual([`unknown: ${message}`]);
  });

  it('refuses a circle instead of recursing into it', async () => {
    const config: Record<string, unknown> = {};
    config.self = config;
    const create = (client: TwigClient) => client.dataSources.create({ type: 'file', name: 'x', config });
    expect(await complaints(create)).toEqual(['config.self.self: is circular or nested too deep']);
  });
});

describe('days', () => {
  it.each([
    '2024-02-30',
    '2024-13-01',
    '2024-1-1',
    '2024-01-15T00:00:00Z',
    ' 2024-01-15',
    '15.01.2024',
    'yesterday',
    20240115,
    true,
    new Date('nonsense'),
  ])('refuses %j as a day', async (day) => {
    const found = await complaints((client) => client.analytics.get(wrong({ startDate: day, endDate: '2024-12-31' })));
    expect(found.map((complaint) => complaint.split(':')[0])).toEqual(['startDate']);
    const inList = await complaints((client) => client.interactions.list(wrong({ endDate: day })));
    expect(inList.map((complaint) => complaint.split(':')[0])).toEqual(['endDate']);
  });

  it('refuses an end before its start, in texts and dates mixed', async () => {
    const expected = ['endDate: must not be before startDate'];
    const call = (startDate: string | Date, endDate: string | Date) =>
      complaints((client) => client.analytics.get({ startDate, endDate }));
    expect(await call('2024-01-02', '2024-01-01')).toEqual(expected);
    expect(await call(new Date('2024-01-02T00:00:00Z'), '2024-01-01')).toEqual(expected);
    const list = (client: TwigClient) => client.interactions.list({ startDate: '2024-03-01', endDate: '2024-02-29' });
    expect(await complaints(list)).toEqual(expected);
  });

  it('sends a Date as its UTC day, and takes a span of one day', async () => {
    const { client, sent } = scriptedClient(() => json({ metrics: {}, time_series: [] }));
    await client.analytics.get({ startDate: new Date('2024-01-31T23:59:59-01:00'), endDate: '2024-02-01' });
    expect(new URL(sent[0]?.url ?? '').search).toBe('?start_date=2024-02-01&end_date=2024-02-01');
  });
});

describe('closed sets, texts and lists', () => {
  it.each(['neutral', '', true, 1])('refuses the verdict %j', async (feedback) => {
    const params = wrong<{ feedback: 'positive' }>({ feedback });
    const found = await complaints((client) => client.interactions.submitFeedback('int_1', params));
    expect(found).toContain("feedback: must be 'positive' or 'negative'");
    const filter = await complaints((client) => client.interactions.list(params));
    expect(filter).toEqual(["feedback: must be 'positive' or 'negative'"]);
  });

  it('takes null as a filter for interactions without feedback', async () => {
    const { client, sent } = scriptedClient(() => json({ interactions: [] }));
    await client.interactions.list({ feedback: null });
    expect(new URL(sent[0]?.url ?? '').search).toBe('?feedback=null');
  });

  it.each<[string, (client: TwigClient) => PromiseLike<unknown>]>([
    ['comment', (client) => client.interactions.submitFeedback('i', wrong({ feedback: 'positive', comment: 1 }))],
    ['stream', (client) => client.query(wrong({ ...question, stream: 'yes' }))],
    ['dataSourceIds', (client) => client.agents.update('a', wrong({ dataSourceIds: 'ds_1' }))],
    ['dataSourceIds.0', (client) => client.semanticSearch({ ...search, dataSourceIds: [''] })],
    ['similarityThreshold', (client) => client.semanticSearch(wrong({ ...search, similarityThreshold: '0.5' }))],
    ['config', (client) => client.dataSources.create(wrong({ ...source, config: ['x'] }))],
    ['syncFrequency', (client) => client.dataSources.create(wrong({ ...source, syncFrequency: 1 }))],
    ['status', (client) => client.dataSources.list(wrong({ status: 1 }))],
    ['status', (client) => client.kb.list(wrong({ status: null }))],
    ['granularity', (client) => client.analytics.get(wrong({ ...january, granularity: 1 }))],
    ['tags.1', (client) => client.kb.update('kb_1', wrong({ tags: ['a', 2] }))],
    ['name', (client) => client.users.create(wrong({ email: 'a@b.c', role: 'admin', name: 1 }))],
    ['status', (client) => client.kb.list({ status: 'lone \ud800' })],
  ])('refuses a wrong %s (%#)', async (path, call) => {
    const found = await complaints(call);
    expect(found.map((complaint) => complaint.split(':')[0])).toEqual([path]);
  });

  it('lets values through that the documented sets may grow by, and parameters that it does not know', async () => {
    const params = { ...agent, model: 'gpt-9', ragStrategy: 'oak', topP: 0.5, nested: { someKey: 1 } };
    expect(await sentBody((client) => client.agents.create(params))).toEqual({
      name: 'Support',
      data_source_ids: ['ds_1'],
      model: 'gpt-9',
      rag_strategy: 'oak',
      top_p: 0.5,
      nested: { some_key: 1 },
    });
    expect(await sentBody((client) => client.users.create({ email: 'a@b.c', role: 'Super Admin' }))).toMatchObject({
      role: 'Super Admin',
    });
  });

  it('takes objects of a class for parameters, and renames their keys all the same', async () => {
    class Question {
      agentId = 'agent_1';
      query = 'Why?';
      maxTokens = 5;
    }
    class Filter {
      startDate = '2024-01-01';
    }
    expect(await sentBody((client) => client.query(new Question()))).toEqual({
      agent_id: 'agent_1',
      query: 'Why?',
      max_tokens: 5,
    });
    const { client, sent } = scriptedClient(() => json({ interactions: [] }));
    await client.interactions.list(new Filter());
    expect(new URL(sent[0]?.url ?? '').search).toBe('?start_date=2024-01-01');
  });

  it('refuses what JSON cannot carry also inside objects of a class', async () => {
    class Money {
      cents = 10n;
    }
    class Circle {
      self = this;
    }
    for (const value of [new Money(), new Circle()]) {
      const create = (client: TwigClient) => client.dataSources.create({ ...source, config: { value } });
      expect(await complaints(create)).toEqual([
        expect.stringMatching(/cannot be written as JSON: .*(BigInt|circular)/),
      ]);
    }
  });

  it('sends null in a body, which may mean to clear a member', async () => {
    expect(await sentBody((client) => client.agents.update('a', wrong({ systemPrompt: null })))).toEqual({
      system_prompt: null,
    });
  });
});
