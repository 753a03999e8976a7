/** The API reference as a table: a row for each endpoint, so that nothing is left out. It is long because the API is. */

import type { OperationId } from '@twig/sdk/testing';
import { expect } from 'vitest';

export type Scope = 'execute' | 'write' | 'read' | 'admin';

/** One endpoint: a request that succeeds, and what the reference says of it. */
export interface Row {
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

/** Every endpoint of the reference. */
export const rows: Row[] = [
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
      session_id: text,
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
