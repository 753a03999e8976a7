/** Every endpoint of the API reference, with every documented success and error, through plain fetch. */

import { faults, type OperationId } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { ALL, type Answer, send, useMock } from './harness.ts';

type Scope = 'execute' | 'write' | 'read' | 'admin';

interface Row {
  operation: OperationId;
  method: string;
  path: string;
  scope: Scope;
  body?: Record<string, unknown>;
  required?: string[];
  /** The same request for something that is not there. */
  missing?: { path?: string; body?: Record<string, unknown> };
  status: number;
  /** The answer's shape. */
  answer?: unknown;
}

const text = expect.any(String);
const count = expect.any(Number);
const instant = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z$/);

const agent = { name: 'Support Agent', data_source_ids: ['ds_1', 'ds_2'], rag_strategy: 'cedar', model: 'gpt-4' };
const anAgent = { ...agent, id: text, status: 'active', created_at: instant };
const aSource = {
  id: text,
  type: text,
  name: text,
  config: expect.any(Object),
  sync_frequency: text,
  status: text,
  chunks_indexed: count,
  progress_pct: count,
  created_at: instant,
};
const anArticle = { id: text, title: text, content: text, tags: expect.any(Array), status: text, version: count };
const page = { total: count, limit: 50, offset: 0 };
const listOf = (item: object) => expect.arrayContaining([expect.objectContaining(item)]);

const question = { agent_id: 'agent_abc123', query: 'What is your refund policy?' };
const search = { query: 'pricing information', org_id: 'org_123' };
const optional = { session_id: 'sess_1', stream: false, temperature: 0.7, max_tokens: 500 };

const rows: Row[] = [
  {
    operation: 'query',
    method: 'POST',
    path: '/query',
    scope: 'execute',
    body: { ...question, ...optional },
    required: ['agent_id', 'query'],
    missing: { body: { ...question, agent_id: 'agent_gone' } },
    status: 200,
    answer: {
      response: expect.stringContaining('returns within 30 days'),
      sources: listOf({
        chunk_id: text,
        document_title: 'Refund Policy',
        document_url: text,
        similarity_score: count,
        chunk_text: text,
      }),
      metadata: {
        interaction_id: text,
        latency_ms: count,
        tokens_input: count,
        tokens_output: count,
        cost_usd: count,
        rag_strategy: 'cedar',
        model: 'gpt-4',
      },
    },
  },
  {
    operation: 'semanticSearch',
    method: 'POST',
    path: '/semantic-search',
    scope: 'execute',
    body: { ...search, top_k: 10, similarity_threshold: 0.7, data_source_ids: ['ds_1', 'ds_2'] },
    required: ['query', 'org_id'],
    status: 200,
    answer: {
      chunks: [
        {
          chunk_id: 'chk_pricing',
          text: expect.stringContaining('Pricing starts at $99/month'),
          similarity_score: count,
          document_id: text,
          document_title: 'Pricing Page',
        },
      ],
      query_embedding: expect.arrayContaining([count]),
      metadata: { total_chunks_searched: count, latency_ms: count },
    },
  },
  {
    operation: 'agents.list',
    method: 'GET',
    path: '/agents',
    scope: 'read',
    status: 200,
    answer: { agents: listOf({ id: 'agent_abc123', ...agent }), ...page },
  },
  {
    operation: 'agents.create',
    method: 'POST',
    path: '/agents',
    scope: 'write',
    body: { ...agent, system_prompt: 'You are a helpful support assistant.', temperature: 0.7, max_tokens: 500 },
    required: ['name', 'data_source_ids'],
    status: 201,
    answer: { ...anAgent, system_prompt: text, temperature: 0.7, max_tokens: 500 },
  },
  {
    operation: 'agents.get',
    method: 'GET',
    path: '/agents/agent_abc123',
    scope: 'read',
    missing: { path: '/agents/agent_gone' },
    status: 200,
    answer: { ...anAgent, id: 'agent_abc123' },
  },
  {
    operation: 'agents.update',
    method: 'PUT',
    path: '/agents/agent_abc123',
    scope: 'write',
    body: { temperature: 0.1 },
    missing: { path: '/agents/agent_gone' },
    status: 200,
    answer: { ...anAgent, id: 'agent_abc123', temperature: 0.1, updated_at: instant },
  },
  {
    operation: 'agents.delete',
    method: 'DELETE',
    path: '/agents/agent_abc123',
    scope: 'write',
    missing: { path: '/agents/agent_gone' },
    status: 204,
    answer: '',
  },
  {
    operation: 'dataSources.list',
    method: 'GET',
    path: '/data-sources',
    scope: 'read',
    status: 200,
    answer: { data_sources: listOf(aSource), ...page },
  },
  {
    operation: 'dataSources.create',
    method: 'POST',
    path: '/data-sources',
    scope: 'write',
    body: {
      type: 'website',
      name: 'Product Documentation',
      config: { url: 'https://docs.example.com', max_pages: 1000 },
      sync_frequency: 'daily',
    },
    required: ['type', 'name'],
    status: 201,
    answer: {
      ...aSource,
      config: { url: 'https://docs.example.com', max_pages: 1000 },
      sync_frequency: 'daily',
      status: 'pending',
      estimated_completion: instant,
    },
  },
  {
    operation: 'dataSources.sync',
    method: 'POST',
    path: '/data-sources/ds_1/sync',
    scope: 'write',
    missing: { path: '/data-sources/ds_gone/sync' },
    status: 202,
    answer: { job_id: text, data_source_id: 'ds_1', status: 'queued', queued_at: instant },
  },
  {
    operation: 'dataSources.status',
    method: 'GET',
    path: '/data-sources/ds_1/status',
    scope: 'read',
    missing: { path: '/data-sources/ds_gone/status' },
    status: 200,
    answer: { status: 'active', chunks_indexed: 600, progress_pct: 100, estimated_completion: null },
  },
  {
    operation: 'interactions.list',
    method: 'GET',
    path: '/interactions',
    scope: 'read',
    status: 200,
    answer: {
      interactions: listOf({
        id: text,
        agent_id: text,
        query: text,
        response: text,
        feedback: 'positive',
        latency_ms: count,
        created_at: instant,
      }),
      total: 42,
    },
  },
  {
    operation: 'interactions.submitFeedback',
    method: 'POST',
    path: '/interactions/int_history01/feedback',
    scope: 'execute',
    body: { feedback: 'positive', comment: 'Very helpful!' },
    required: ['feedback'],
    missing: { path: '/interactions/int_gone/feedback' },
    status: 200,
    answer: { interaction_id: 'int_history01', feedback: 'positive', comment: 'Very helpful!' },
  },
  {
    operation: 'analytics.get',
    method: 'GET',
    path: '/analytics?start_date=2024-01-01&end_date=2024-01-31',
    scope: 'admin',
    status: 200,
    answer: {
      metrics: {
        total_queries: 42,
        unique_users: count,
        avg_latency_ms: count,
        accuracy_rate: count,
        citation_rate: count,
        total_cost_usd: count,
      },
      time_series: listOf({
        timestamp: '2024-01-14T00:00:00Z',
        queries: count,
        latency_p50: count,
        latency_p95: count,
      }),
    },
  },
  {
    operation: 'users.list',
    method: 'GET',
    path: '/users',
    scope: 'admin',
    status: 200,
    answer: { users: listOf({ id: text, email: 'ada@example.com', name: 'Ada', role: 'admin' }), ...page },
  },
  {
    operation: 'users.create',
    method: 'POST',
    path: '/users',
    scope: 'admin',
    body: { email: 'user@example.com', name: 'John Doe', role: 'train' },
    required: ['email', 'role'],
    status: 201,
    answer: { id: text, email: 'user@example.com', name: 'John Doe', role: 'train', created_at: instant },
  },
  {
    operation: 'kb.list',
    method: 'GET',
    path: '/kb',
    scope: 'read',
    status: 200,
    answer: { articles: listOf(anArticle), ...page },
  },
  {
    operation: 'kb.create',
    method: 'POST',
    path: '/kb',
    scope: 'write',
    body: { title: 'How to reset', content: 'Steps: 1. …', tags: ['auth', 'password'], status: 'published' },
    required: ['title', 'content'],
    status: 201,
    answer: { ...anArticle, version: 1, status: 'published', created_at: instant },
  },
  {
    operation: 'kb.update',
    method: 'PUT',
    path: '/kb/kb_password',
    scope: 'write',
    body: { tags: ['auth'] },
    missing: { path: '/kb/kb_gone' },
    status: 200,
    answer: { ...anArticle, id: 'kb_password', version: 2, tags: ['auth'], created_at: instant, updated_at: instant },
  },
];

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
}

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
    for (let i = 0; i < burst; i++) await send(method, path, { body: body && 'no JSON', key: `only_${scope}` });
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
