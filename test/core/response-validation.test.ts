/** Answers that are not as documented: off, told once, or an error; and bodies that are no answer at all. */

import {
  type ResponseValidation,
  type TwigClient,
  type TwigClientOptions,
  TwigResponseValidationError,
} from '@twig/sdk';
import { describe, expect, it, vi } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

/** A client whose every answer this is, and what it warns of. */
function drifting(body: unknown, responseValidation?: ResponseValidation, options: TwigClientOptions = {}) {
  const warnings: string[] = [];
  const logger = { ...console, warn: (message: string) => void warnings.push(message) };
  const { client } = scriptedClient(() => json(body), { logLevel: 'warn', logger, responseValidation, ...options });
  return { client, warnings };
}

const odd = { id: 'a', name: 7, data_source_ids: ['x', 1], new_member: true };

describe('responseValidation', () => {
  it('warn, the default, tells each drift once per operation and path, and returns the data', async () => {
    const { client, warnings } = drifting(odd);
    for (let count = 0; count < 3; count++)
      expect(await client.agents.get('a')).toMatchObject({ name: 7, newMember: true });
    expect(warnings).toEqual([
      '[twig] agents.get: the answer is not as documented at "name": expected string',
      '[twig] agents.get: the answer is not as documented at "dataSourceIds.*": expected string',
    ]);
    await client.agents.update('a', { name: 'x' });
    expect(warnings).toHaveLength(4);
  });

  it('warn tells a drift of every item of a list once', async () => {
    const { client, warnings } = drifting({ agents: [odd, odd, odd] });
    expect((await client.agents.list()).data).toHaveLength(3);
    expect(warnings).toHaveLength(2);
    expect(warnings[0]).toContain('"*.name"');
  });

  it('warn tells a drift once for a client and all that are made from it', async () => {
    const { client, warnings } = drifting(odd);
    for (let timeoutMs = 1000; timeoutMs < 1005; timeoutMs++) await client.withOptions({ timeoutMs }).agents.get('a');
    await client.agents.get('a');
    expect(warnings).toHaveLength(2);
  });

  it('warn looks at the first five items of a list, strict at all of them', async () => {
    const fine = { id: 'a', name: 'x' };
    const listOf = (at: number) => ({ agents: Array.from({ length: 8 }, (_, i) => (i === at ? odd : fine)) });
    for (const [at, count] of [
      [4, 2],
      [5, 0],
    ] as const) {
      const { client, warnings } = drifting(listOf(at));
      await client.agents.list();
      expect(warnings).toHaveLength(count);
    }
    const error = await rejection(drifting(listOf(7), 'strict').client.agents.list());
    expect((error as TwigResponseValidationError).issues[0]?.path).toBe('7.name');
  });

  it('off returns the data and says nothing', async () => {
    const { client, warnings } = drifting(odd, 'off');
    expect(await client.agents.get('a')).toMatchObject({ name: 7 });
    expect(warnings).toEqual([]);
  });

  it('strict throws with every issue, and names none that is only new', async () => {
    const { client } = drifting(odd, 'strict');
    const error = (await rejection(client.agents.get('a'))) as TwigResponseValidationError;
    expect(error).toBeInstanceOf(TwigResponseValidationError);
    expect(error.issues).toEqual([
      { path: 'name', message: 'expected string' },
      { path: 'dataSourceIds.1', message: 'expected string' },
    ]);
    expect(error).toMatchObject({ status: 200, contentType: 'application/json', code: 'invalid_response' });
    expect(error.message).toContain('agents.get');
    expect(error.meta?.attempts).toHaveLength(1);
  });

  it('strict checks every item of a list', async () => {
    const { client } = drifting({ agents: [{ id: 'a', name: 'x' }, odd] }, 'strict');
    const error = (await rejection(client.agents.list())) as TwigResponseValidationError;
    expect(error.issues.map(({ path }) => path)).toEqual(['1.name', '1.dataSourceIds.1']);
  });
});

// Every documented answer with values of sets that may grow, and a member that nobody documented.
const documented: [string, unknown, (client: TwigClient) => PromiseLike<unknown>][] = [
  [
    'query',
    {
      response: 'r',
      sources: [{ chunk_id: 'c', document_title: null, similarity_score: 0.5, extra: 1 }],
      metadata: { interaction_id: 'i', latency_ms: 1, rag_strategy: 'oak', model: 'gpt-9', extra: 1 },
      session_id: 's',
    },
    (client) => client.query({ agentId: 'a', query: 'q' }),
  ],
  [
    'semanticSearch',
    { chunks: [{ chunk_id: 'c', text: 't' }], query_embedding: [0.1], metadata: { latency_ms: 1 } },
    (client) => client.semanticSearch({ query: 'q', orgId: 'o' }),
  ],
  [
    'agents.get',
    { id: 'a', name: 'n', status: 'resting', model: 'm9', temperature: null },
    (client) => client.agents.get('a'),
  ],
  [
    'dataSources.create',
    { id: 'd', type: 'carrier_pigeon', name: 'n', status: 'flying', config: { a: [1] }, sync_frequency: 'yearly' },
    (client) => client.dataSources.create({ type: 'file', name: 'n' }),
  ],
  ['dataSources.status', { status: 'napping', progress_pct: null }, (client) => client.dataSources.status('d')],
  [
    'interactions.list',
    {
      interactions: [
        { id: 'i', feedback: null },
        { id: 'j', feedback: 'mixed' },
      ],
    },
    (client) => client.interactions.list(),
  ],
  [
    'analytics.get',
    {
      metrics: {
        total_queries: 1,
        unique_users: 1,
        avg_latency_ms: 1,
        accuracy_rate: 0,
        citation_rate: 1,
        total_cost_usd: 0.5,
      },
      time_series: [{ timestamp: 't', queries: 1, latency_p50: 1, latency_p95: 2 }],
    },
    (client) => client.analytics.get({ startDate: '2024-01-01', endDate: '2024-01-02' }),
  ],
  ['users.list', { users: [{ id: 'u', email: 'e', role: 'Super Admin' }] }, (client) => client.users.list()],
  [
    'kb.create',
    { id: 'k', title: 't', status: 'archived', tags: ['a'] },
    (client) => client.kb.create({ title: 't', content: 'c' }),
  ],
];

it.each(documented)(
  'strict lets %s through as documented, with open sets and members not known',
  async (_name, body, call) => {
    const { client } = drifting(body, 'strict');
    await expect(Promise.resolve(call(client))).resolves.toBeDefined();
    // And the schema does look at it: nothing of this is an answer.
    const broken = drifting(
      Array.isArray(body) ? body : { agents: [7], interactions: [7], users: [7], chunks: 7 },
      'strict',
    );
    expect(await rejection(call(broken.client))).toBeInstanceOf(TwigResponseValidationError);
  },
);

describe('an empty answer', () => {
  const empties = [() => new Response(null, { status: 204 }), () => new Response(''), () => new Response(' \r\n')];

  it('to delete is nothing, and so is a body', async () => {
    for (const answer of [...empties, () => json({ deleted: true })]) {
      expect(await scriptedClient(answer).client.agents.delete('a')).toBeUndefined();
    }
  });

  it('to sync and submitFeedback is {}; what the server says comes through', async () => {
    for (const answer of empties) {
      const { client } = scriptedClient(answer);
      expect(await client.dataSources.sync('d')).toEqual({});
      expect(await client.interactions.submitFeedback('i', { feedback: 'negative' })).toEqual({});
    }
    const { client, sent } = scriptedClient(() => json({ job_id: 'j' }, 202));
    expect(await client.dataSources.sync('d')).toEqual({ jobId: 'j' });
    expect(sent[0]?.init).not.toHaveProperty('body');
  });

  it('to any other call is an error in every mode', async () => {
    for (const mode of ['off', 'warn', 'strict'] as const) {
      for (const answer of empties) {
        const { client } = scriptedClient(answer, { responseValidation: mode });
        for (const call of [client.agents.get('a'), client.agents.list(), client.query({ agentId: 'a', query: 'q' })]) {
          expect(await rejection(call)).toMatchObject({
            name: 'TwigResponseValidationError',
            code: 'invalid_response',
          });
        }
      }
    }
  });
});

describe('a body that is no answer', () => {
  it('names a page of a gateway as one, with status, type and a snippet of at most 1 KiB', async () => {
    const page = `\n<!DOCTYPE html><h1>${'ü'.repeat(2000)}`;
    const { client } = scriptedClient(() => new Response(page, { headers: { 'content-type': 'text/html' } }));
    const error = (await rejection(client.agents.get('a'))) as TwigResponseValidationError;
    expect(error).toMatchObject({ status: 200, contentType: 'text/html' });
    expect(error.message).toMatch(/not JSON .*gateway.*baseUrl/);
    expect(new TextEncoder().encode(error.bodySnippet).length).toBeLessThanOrEqual(1024);
    expect(page.startsWith(error.bodySnippet ?? '?')).toBe(true);
  });

  it('is refused in every mode, also when it is JSON of the wrong kind', async () => {
    for (const body of ['{"cut": ', 'null', '[]', '"text"', '7', 'undefined']) {
      const { client } = scriptedClient(() => new Response(body), { responseValidation: 'off' });
      expect(await rejection(client.agents.get('a'))).toMatchObject({
        name: 'TwigResponseValidationError',
        bodySnippet: body,
      });
    }
  });
});

it('builds no schema before an answer is validated', async () => {
  vi.resetModules();
  const loaded = vi.fn();
  vi.doMock(import('../../src/params/schema-kit.ts'), async (original) => {
    loaded();
    return original();
  });
  const { TwigClient: Fresh } = await import('@twig/sdk');
  const make = (responseValidation: ResponseValidation) =>
    new Fresh({ apiKey: 'twigsk_test_1', responseValidation, fetch: async () => json({ id: 'a', name: 'x' }) });
  await make('off').agents.get('a');
  expect(loaded).not.toHaveBeenCalled();
  await make('strict').agents.get('a');
  expect(loaded).toHaveBeenCalledOnce();
  vi.doUnmock(import('../../src/params/schema-kit.ts'));
});
