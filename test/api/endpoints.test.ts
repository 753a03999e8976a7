/** Every endpoint through the client: what goes over the wire to the letter, and what comes of it. */

import { VERSION } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { KEY, lastSent, setup } from './harness.ts';

const { client, twig } = setup();
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const ours = {
  accept: 'application/json',
  authorization: `Bearer ${KEY}`,
  'user-agent': `twig-sdk-js/${VERSION}`,
};
const withBody = { ...ours, 'content-type': 'application/json', 'idempotency-key': expect.stringMatching(UUID) };

interface Case {
  name: string;
  call: () => PromiseLike<unknown>;
  method: string;
  path: string;
  query?: string;
  body?: unknown;
  /** POST without a body still has a key of idempotency. */
  headers?: object;
  result: unknown;
}

const agent = {
  id: 'agent_abc123',
  name: 'Support Agent',
  dataSourceIds: ['ds_1', 'ds_2'],
  model: 'gpt-4',
  ragStrategy: 'cedar',
  status: 'active',
};

const cases: Case[] = [
  {
    name: 'query',
    call: () =>
      client.query({
        agentId: 'agent_abc123',
        query: 'What is your refund policy?',
        sessionId: 'sess_1',
        temperature: 0,
        maxTokens: 100,
      }),
    method: 'POST',
    path: '/api/v1/query',
    body: {
      agent_id: 'agent_abc123',
      query: 'What is your refund policy?',
      session_id: 'sess_1',
      temperature: 0,
      max_tokens: 100,
    },
    result: {
      response: expect.stringContaining('refund'),
      sources: [expect.objectContaining({ chunkId: 'chk_refund', similarityScore: expect.any(Number) })],
      metadata: expect.objectContaining({
        interactionId: expect.stringMatching(/^int_/),
        latencyMs: expect.any(Number),
      }),
    },
  },
  {
    name: 'query with the default of stream said aloud',
    call: () => client.query({ agentId: 'agent_abc123', query: 'Hi', stream: false }),
    method: 'POST',
    path: '/api/v1/query',
    body: { agent_id: 'agent_abc123', query: 'Hi' },
    result: { response: expect.any(String) },
  },
  {
    name: 'semanticSearch',
    call: () =>
      client.semanticSearch({
        query: 'pricing',
        orgId: 'org_123',
        topK: 2,
        similarityThreshold: 0.1,
        dataSourceIds: ['ds_1'],
      }),
    method: 'POST',
    path: '/api/v1/semantic-search',
    body: { query: 'pricing', org_id: 'org_123', top_k: 2, similarity_threshold: 0.1, data_source_ids: ['ds_1'] },
    result: {
      chunks: expect.arrayContaining([expect.objectContaining({ chunkId: 'chk_pricing' })]),
      queryEmbedding: expect.any(Array),
      metadata: { totalChunksSearched: expect.any(Number), latencyMs: expect.any(Number) },
    },
  },
  {
    name: 'agents.list, bare',
    call: () => client.agents.list(),
    method: 'GET',
    path: '/api/v1/agents',
    result: { data: [expect.objectContaining(agent), expect.anything()], total: 2, limit: 50, offset: 0 },
  },
  {
    name: 'agents.list with a page',
    call: () => client.agents.list({ limit: 1, offset: 1 }),
    method: 'GET',
    path: '/api/v1/agents',
    query: '?limit=1&offset=1',
    result: { data: [expect.objectContaining({ id: 'agent_def456' })], total: 2, limit: 1, offset: 1 },
  },
  {
    name: 'agents.create',
    call: () =>
      client.agents.create({
        name: 'New',
        dataSourceIds: ['ds_1'],
        systemPrompt: 'Be brief.',
        ragStrategy: 'cypress',
        model: 'gpt-4o',
        temperature: 0.7,
        maxTokens: 500,
      }),
    method: 'POST',
    path: '/api/v1/agents',
    body: {
      name: 'New',
      data_source_ids: ['ds_1'],
      system_prompt: 'Be brief.',
      rag_strategy: 'cypress',
      model: 'gpt-4o',
      temperature: 0.7,
      max_tokens: 500,
    },
    result: { id: expect.stringMatching(/^agent_/), name: 'New', dataSourceIds: ['ds_1'], systemPrompt: 'Be brief.' },
  },
  {
    name: 'agents.get',
    call: () => client.agents.get('agent_abc123'),
    method: 'GET',
    path: '/api/v1/agents/agent_abc123',
    result: agent,
  },
  {
    name: 'agents.update',
    call: () => client.agents.update('agent_abc123', { name: 'Renamed', temperature: 0.2 }),
    method: 'PUT',
    path: '/api/v1/agents/agent_abc123',
    body: { name: 'Renamed', temperature: 0.2 },
    headers: { ...ours, 'content-type': 'application/json' },
    result: { id: 'agent_abc123', name: 'Renamed', temperature: 0.2 },
  },
  {
    name: 'agents.delete',
    call: () => client.agents.delete('agent_abc123'),
    method: 'DELETE',
    path: '/api/v1/agents/agent_abc123',
    result: undefined,
  },
  {
    name: 'dataSources.list',
    call: () => client.dataSources.list({ status: 'failed', limit: 10 }),
    method: 'GET',
    path: '/api/v1/data-sources',
    query: '?status=failed&limit=10',
    result: { data: [expect.objectContaining({ id: 'ds_3', type: 'slack', status: 'failed' })], total: 1 },
  },
  {
    name: 'dataSources.create',
    call: () =>
      client.dataSources.create({
        type: 'website',
        name: 'Docs',
        config: { url: 'https://docs.example.com', maxPages: 1000, 'X-Header': 'kept' },
        syncFrequency: 'daily',
      }),
    method: 'POST',
    path: '/api/v1/data-sources',
    body: {
      type: 'website',
      name: 'Docs',
      config: { url: 'https://docs.example.com', max_pages: 1000, 'X-Header': 'kept' },
      sync_frequency: 'daily',
    },
    result: {
      id: expect.stringMatching(/^ds_/),
      status: 'pending',
      config: { url: 'https://docs.example.com', maxPages: 1000, 'X-Header': 'kept' },
      syncFrequency: 'daily',
    },
  },
  {
    name: 'dataSources.sync',
    call: () => client.dataSources.sync('ds_1'),
    method: 'POST',
    path: '/api/v1/data-sources/ds_1/sync',
    headers: { ...ours, 'idempotency-key': expect.stringMatching(UUID) },
    result: expect.any(Object),
  },
  {
    name: 'dataSources.status',
    call: () => client.dataSources.status('ds_1'),
    method: 'GET',
    path: '/api/v1/data-sources/ds_1/status',
    result: { status: 'active', progressPct: 100 },
  },
  {
    name: 'interactions.list',
    call: () =>
      client.interactions.list({
        agentId: 'agent_abc123',
        startDate: '2024-01-01',
        endDate: new Date('2024-01-31T23:59:59Z'),
        feedback: null,
        limit: 5,
      }),
    method: 'GET',
    path: '/api/v1/interactions',
    query: '?agent_id=agent_abc123&start_date=2024-01-01&end_date=2024-01-31&feedback=null&limit=5',
    result: { data: expect.any(Array), total: expect.any(Number) },
  },
  {
    name: 'analytics.get',
    call: () =>
      client.analytics.get({
        startDate: '2024-01-09',
        endDate: '2024-01-15',
        agentId: 'agent_abc123',
        granularity: 'day',
      }),
    method: 'GET',
    path: '/api/v1/analytics',
    query: '?start_date=2024-01-09&end_date=2024-01-15&agent_id=agent_abc123&granularity=day',
    result: {
      metrics: expect.objectContaining({ totalQueries: expect.any(Number), totalCostUsd: expect.any(Number) }),
      timeSeries: expect.arrayContaining([expect.objectContaining({ latencyP50: expect.any(Number) })]),
    },
  },
  {
    name: 'users.list',
    call: () => client.users.list(),
    method: 'GET',
    path: '/api/v1/users',
    result: { data: expect.arrayContaining([expect.objectContaining({ email: 'ada@example.com', role: 'admin' })]) },
  },
  {
    name: 'users.create',
    call: () => client.users.create({ email: 'new@example.com', name: 'New', role: 'train' }),
    method: 'POST',
    path: '/api/v1/users',
    body: { email: 'new@example.com', name: 'New', role: 'train' },
    result: { id: expect.stringMatching(/^user_/), email: 'new@example.com', role: 'train' },
  },
  {
    name: 'kb.list',
    call: () => client.kb.list({ status: 'published', limit: 10, offset: 0 }),
    method: 'GET',
    path: '/api/v1/kb',
    query: '?status=published&limit=10&offset=0',
    result: { data: [expect.objectContaining({ id: 'kb_password', tags: ['auth', 'password'] })] },
  },
  {
    name: 'kb.create',
    call: () => client.kb.create({ title: 'T', content: 'C', tags: ['a'], status: 'draft' }),
    method: 'POST',
    path: '/api/v1/kb',
    body: { title: 'T', content: 'C', tags: ['a'], status: 'draft' },
    result: { id: expect.stringMatching(/^kb_/), title: 'T', content: 'C', tags: ['a'], status: 'draft' },
  },
  {
    name: 'kb.update',
    call: () => client.kb.update('kb_password', { title: 'Better' }),
    method: 'PUT',
    path: '/api/v1/kb/kb_password',
    body: { title: 'Better' },
    headers: { ...ours, 'content-type': 'application/json' },
    result: { id: 'kb_password', title: 'Better' },
  },
  {
    name: 'request',
    call: () => client.request('GET', '/api/v1/agents', { query: { limit: 1 } }),
    method: 'GET',
    path: '/api/v1/agents',
    query: '?limit=1',
    result: { agents: [expect.objectContaining({ dataSourceIds: ['ds_1', 'ds_2'] })], total: 2 },
  },
];

describe('every endpoint', () => {
  it.each(cases)('$name: $method $path', async ({ call, method, path, query = '', body, headers, result }) => {
    const data = await call();
    const sent = lastSent(twig);
    expect(twig.requests).toHaveLength(1);
    expect({ method: sent.method, path: sent.path, query: sent.query, body: sent.body }).toEqual({
      method,
      path,
      query,
      body,
    });
    // What the platform's fetch adds by itself is not ours to promise.
    const platform = ['accept-encoding', 'accept-language', 'connection', 'content-length', 'host', 'sec-fetch-mode'];
    const added = Object.entries(sent.headers).filter(([name]) => !platform.includes(name));
    expect(Object.fromEntries(added)).toEqual(headers ?? (body ? withBody : ours));
    if (result === undefined) expect(data).toBeUndefined();
    else expect(data).toMatchObject(result as object);
  });
});

it('query, streamed: asks for it in body and header, and gives the same answer piece by piece', async () => {
  const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };
  const whole = await client.query(question);
  const stream = await client.query({ ...question, stream: true });
  expect(lastSent(twig)).toMatchObject({
    body: { agent_id: 'agent_abc123', query: 'What is your refund policy?', stream: true },
    headers: { accept: 'text/event-stream' },
  });
  const types: string[] = [];
  let text = '';
  for await (const event of stream) {
    types.push(event.type);
    if (event.type === 'delta') text += event.text;
  }
  expect(types.filter((type) => type === 'delta').length).toBeGreaterThan(1);
  expect(types.slice(-3)).toEqual(['sources', 'metadata', 'done']);
  expect(text).toBe(whole.response);
  expect((await stream.finalResponse()).sources).toEqual(whole.sources);
  expect(stream.meta).toMatchObject({ status: 200, requestId: expect.stringMatching(/^req_/) });
});

it('interactions.submitFeedback: judges the answer that was given', async () => {
  const { metadata } = await client.query({ agentId: 'agent_abc123', query: 'Hi' });
  await client.interactions.submitFeedback(metadata.interactionId, { feedback: 'positive', comment: 'Thanks' });
  expect(lastSent(twig)).toMatchObject({
    method: 'POST',
    path: `/api/v1/interactions/${metadata.interactionId}/feedback`,
    body: { feedback: 'positive', comment: 'Thanks' },
  });
  expect(twig.data.interactions.find(({ id }) => id === metadata.interactionId)).toMatchObject({
    feedback: 'positive',
  });
});
