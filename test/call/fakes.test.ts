/** Fakes: what the client gives can be stood in for without a cast. The compiler is the test; that it runs is a bonus. */

import type {
  Agent,
  Agents,
  Page,
  PagePromise,
  QueryResponse,
  QueryStream,
  ResponseMeta,
  TwigClient,
  TwigPromise,
} from '@twig/sdk';
import { expect, it, vi } from 'vitest';

const agent: Agent = { id: 'agent_1', name: 'Support' };
const meta: ResponseMeta = { status: 200, headers: new Headers(), attempts: [], durationMs: 0 };

/** A call that succeeded, of nothing but the platform. */
const resolved = <T>(data: T): TwigPromise<T> =>
  Object.assign(Promise.resolve(data), {
    withResponse: async () => ({ data, response: new Response(), meta }),
    asResponse: async () => Response.json(data),
  });

const pageOf = <T>(data: T[]): Page<T> => ({
  data,
  total: data.length,
  limit: 50,
  offset: 0,
  extra: {},
  meta,
  hasNextPage: () => false,
  getNextPage: () => Promise.reject(new Error('no more')),
  async *[Symbol.asyncIterator]() {
    yield* data;
  },
});

const listed = <T>(data: T[]): PagePromise<T> =>
  Object.assign(resolved(pageOf(data)), {
    async *pages() {
      yield pageOf(data);
    },
    toArray: async ({ limit }: { limit: number }) => data.slice(0, limit),
    async *[Symbol.asyncIterator]() {
      yield* data;
    },
  });

const agents: Agents = {
  list: () => listed([agent]),
  get: (id) => resolved({ ...agent, id }),
  create: (params) => resolved({ ...agent, ...params }),
  update: (id, params) => resolved({ ...agent, id, name: params.name ?? agent.name }),
  delete: () => resolved(undefined),
};

/** What is under test: a program that takes the part of the client that it needs. */
async function namesOf(client: Pick<TwigClient, 'agents'>): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of client.agents.list()) names.push(name);
  const { data } = await client.agents.get('agent_2').withResponse();
  return [...names, data.id];
}

it('a namespace, its calls and its pages', async () => {
  expect(await namesOf({ agents })).toEqual(['Support', 'agent_2']);
  expect(await agents.list().toArray({ limit: 1 })).toEqual([agent]);
});

it('a streamed answer', async () => {
  const answer: QueryResponse = { response: 'Yes.', sources: [], metadata: { interactionId: 'int_1', latencyMs: 1 } };
  const stream: QueryStream = {
    meta,
    textStream: (async function* () {
      yield answer.response;
    })(),
    partialResponse: { response: '', sources: [], metadata: {} },
    finalResponse: async () => answer,
    abort: () => {},
    toTextStream: () => new ReadableStream(),
    toSSEResponse: () => new Response(),
    async *[Symbol.asyncIterator]() {
      yield { type: 'done', response: answer };
    },
    [Symbol.asyncDispose]: async () => {},
  };
  for await (const event of stream) expect(event).toEqual({ type: 'done', response: answer });
  const query: (params: { agentId: string; query: string; stream: true }) => TwigPromise<QueryStream> = () =>
    resolved(stream);
  expect(await (await query({ agentId: 'a', query: 'q', stream: true })).finalResponse()).toBe(answer);
});

it('a spy that resolves', async () => {
  const get = vi.fn<Agents['get']>();
  get.mockResolvedValue(agent);
  const namespace: Agents = { ...agents, get };
  expect(await namespace.get('agent_9')).toBe(agent);
});

it('every namespace of the client', () => {
  const parts: Pick<TwigClient, 'agents' | 'analytics' | 'dataSources' | 'interactions' | 'kb' | 'users'> = {
    agents,
    analytics: {
      get: () =>
        resolved({
          metrics: {
            totalQueries: 0,
            uniqueUsers: 0,
            avgLatencyMs: 0,
            accuracyRate: 0,
            citationRate: 0,
            totalCostUsd: 0,
          },
          timeSeries: [],
        }),
    },
    dataSources: {
      list: () => listed([]),
      create: ({ type, name }) => resolved({ id: 'ds_1', type, name }),
      sync: () => resolved({}),
      status: () => resolved({ status: 'active' }),
      waitUntilReady: async () => ({ status: 'active' }),
    },
    interactions: { list: () => listed([]), submitFeedback: () => resolved({}) },
    kb: {
      list: () => listed([]),
      create: ({ title }) => resolved({ id: 'kb_1', title }),
      update: (id) => resolved({ id, title: '' }),
    },
    users: { list: () => listed([]), create: ({ email }) => resolved({ id: 'user_1', email }) },
  };
  expect(Object.keys(parts)).toHaveLength(6);
});
