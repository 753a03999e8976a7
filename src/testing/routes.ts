/** What each documented endpoint does with the store. The paths and methods are those of the operations table. */

import type { OperationId } from '../operations.ts';
import { analyticsOf } from './analytics.ts';
import { embeddingOf, rank, searchable } from './answers.ts';
import type { MockAgent, MockArticle, MockDataSource, MockUser } from './data.ts';
import type { EndpointCall, EndpointResult } from './endpoint.ts';
import { Problem } from './problem.ts';
import { answerQuery } from './query.ts';
import { bodies, check, pageOf, queries } from './rules.ts';

type Route = (call: EndpointCall) => EndpointResult;

const ok = (body: unknown, status = 200): EndpointResult => ({ status, body });

function listed(call: EndpointCall, key: string, items: unknown[]): Record<string, unknown> {
  const { limit, offset } = pageOf(call.query);
  return { [key]: items.slice(offset, offset + limit), total: items.length, limit, offset };
}

function find<T extends { id: string }>(items: T[], id: string, what: string, member: string): T {
  const item = items.find((candidate) => candidate.id === id);
  if (!item) throw new Problem(404, `${what} not found`, { details: { [member]: id } });
  return item;
}

/** Puts the changed object in the place of the old one. A copy keeps a member named `__proto__` plain data. */
function change<T extends { id: string }>(items: T[], old: T, changes: object): T {
  const changed = { ...old, ...changes, id: old.id };
  items[items.indexOf(old)] = changed;
  return changed;
}

/** The query's members as an object, with what it must be checked. */
function filters(call: EndpointCall, name: keyof typeof queries): Record<string, string | undefined> {
  // URLSearchParams hold nothing but texts.
  return check(Object.fromEntries(call.query), queries[name]) as Record<string, string>;
}

function interactionsOf(call: EndpointCall, filter: Record<string, string | undefined>) {
  const { agent_id: agentId, start_date: start = '', end_date: end = '9999', feedback } = filter;
  return call.store.data.interactions.filter(
    ({ agent_id, created_at, feedback: verdict }) =>
      (agentId === undefined || agent_id === agentId) &&
      created_at.slice(0, 10) >= start &&
      created_at.slice(0, 10) <= end &&
      (feedback === undefined || String(verdict) === feedback),
  );
}

/** The endpoints, by the names of the operations table. */
export const routes: Record<OperationId, Route> = {
  query: answerQuery,
  semanticSearch({ body, seed, store }) {
    // Checked by the rules.
    const given = check(body, bodies.semanticSearch) as {
      query: string;
      top_k?: number;
      similarity_threshold?: number;
      data_source_ids?: string[];
    };
    const passages = searchable(store.data, given.data_source_ids);
    const hits = rank(passages, given.query, seed).filter(({ score }) => score >= (given.similarity_threshold ?? 0));
    return ok({
      chunks: hits.slice(0, given.top_k ?? 10).map(({ passage, score }) => ({
        chunk_id: passage.chunk_id,
        text: passage.text,
        similarity_score: score,
        document_id: passage.document_id,
        document_title: passage.document_title,
      })),
      query_embedding: embeddingOf(given.query, seed),
      metadata: { total_chunks_searched: passages.length, latency_ms: 120 + passages.length },
    });
  },

  'agents.list': (call) => ok(listed(call, 'agents', call.store.data.agents)),
  'agents.create'({ body, now, store }) {
    const given: Partial<MockAgent> = check(body, bodies['agents.create']);
    const agent = store.make.agent({ ...given, id: store.id('agent'), created_at: now });
    store.data.agents.push(agent);
    return ok(agent, 201);
  },
  'agents.get': ({ id, store }) => ok(find(store.data.agents, id, 'Agent', 'agent_id')),
  'agents.update'({ body, id, now, store }) {
    const agent = find(store.data.agents, id, 'Agent', 'agent_id');
    const changes = check(body, bodies['agents.update']);
    return ok(change(store.data.agents, agent, { ...changes, created_at: agent.created_at, updated_at: now }));
  },
  'agents.delete'({ id, store }) {
    const { agents } = store.data;
    agents.splice(agents.indexOf(find(agents, id, 'Agent', 'agent_id')), 1);
    return { status: 204 };
  },

  'dataSources.list'(call) {
    const { status } = filters(call, 'dataSources.list');
    const sources = call.store.data.dataSources.filter((source) => status === undefined || source.status === status);
    return ok(listed(call, 'data_sources', sources));
  },
  'dataSources.create'({ body, now, store }) {
    const given: Partial<MockDataSource> = check(body, bodies['dataSources.create']);
    const source = store.make.dataSource({ ...given, id: store.id('ds'), created_at: now });
    store.data.dataSources.push(source);
    store.startProcessing(source);
    return ok(source, 201);
  },
  'dataSources.sync'({ id, now, store }) {
    const source = find(store.data.dataSources, id, 'Data source', 'data_source_id');
    store.startProcessing(source);
    return ok({ job_id: store.id('job'), data_source_id: id, status: 'queued', queued_at: now }, 202);
  },
  'dataSources.status'({ id, store }) {
    const source = find(store.data.dataSources, id, 'Data source', 'data_source_id');
    const { status, chunks_indexed, progress_pct, estimated_completion, error } = source;
    return ok({ status, chunks_indexed, progress_pct, estimated_completion, ...(error ? { error } : {}) });
  },

  'interactions.list'(call) {
    const found = interactionsOf(call, filters(call, 'interactions.list')).map(
      ({ id, agent_id, query, response, feedback, latency_ms, created_at }) => ({
        id,
        agent_id,
        query,
        response,
        feedback,
        latency_ms,
        created_at,
      }),
    );
    // The reference shows these members, and `total` alone beside the list.
    const { interactions, total } = listed(call, 'interactions', found);
    return ok({ interactions, total });
  },
  'interactions.submitFeedback'({ body, id, store }) {
    const interaction = find(store.data.interactions, id, 'Interaction', 'interaction_id');
    const { feedback, comment } = check(body, bodies['interactions.submitFeedback']);
    Object.assign(interaction, { feedback }, comment === undefined ? {} : { comment });
    return ok({ interaction_id: id, feedback, ...(comment === undefined ? {} : { comment }) });
  },

  'analytics.get'(call) {
    const { granularity = 'day', feedback: _, ...filter } = filters(call, 'analytics.get');
    return ok(analyticsOf(interactionsOf(call, filter), granularity));
  },

  'users.list': (call) => ok(listed(call, 'users', call.store.data.users)),
  'users.create'({ body, now, store }) {
    const given: Partial<MockUser> = check(body, bodies['users.create']);
    const user = store.make.user({ ...given, id: store.id('user'), created_at: now });
    store.data.users.push(user);
    return ok(user, 201);
  },

  'kb.list'(call) {
    const { status } = filters(call, 'kb.list');
    const articles = call.store.data.articles.filter((article) => status === undefined || article.status === status);
    return ok(listed(call, 'articles', articles));
  },
  'kb.create'({ body, now, store }) {
    const given: Partial<MockArticle> = check(body, bodies['kb.create']);
    const article = store.make.article({ ...given, id: store.id('kb'), version: 1, created_at: now });
    store.data.articles.push(article);
    return ok(article, 201);
  },
  'kb.update'({ body, id, now, store }) {
    const article = find(store.data.articles, id, 'Article', 'article_id');
    const changes = check(body, bodies['kb.update']);
    const fixed = { version: article.version + 1, created_at: article.created_at, updated_at: now };
    return ok(change(store.data.articles, article, { ...changes, ...fixed }));
  },
};
