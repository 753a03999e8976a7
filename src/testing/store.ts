/** The mock's memory: makes complete objects of partial ones, and keeps data sources in step with the clock. */

import { type Clock, elapsed } from '../clock.ts';
import { createIds } from './chance.ts';
import type {
  MockAgent,
  MockArticle,
  MockData,
  MockDataSource,
  MockInteraction,
  MockPassage,
  MockSeed,
  MockUser,
} from './data.ts';
import { fixtures, pastInteractions } from './fixtures.ts';
import { process } from './processing.ts';

/** Completes partial objects: what a server fills in when it creates them. */
export interface Makers {
  agent(given: Partial<MockAgent>): MockAgent;
  dataSource(given: Partial<MockDataSource>): MockDataSource;
  interaction(given: Partial<MockInteraction>): MockInteraction;
  user(given: Partial<MockUser>): MockUser;
  article(given: Partial<MockArticle>): MockArticle;
  passage(given: Partial<MockPassage>): MockPassage;
}

/** The memory and what makes it grow. */
export interface Store {
  readonly data: MockData;
  readonly make: Makers;
  /** The next id of a prefix. */
  id(prefix: string): string;
  /** Begins the processing of a source, also of one that is being processed. */
  startProcessing(source: MockDataSource): void;
  /** Brings every source that is being processed to where it is by now. */
  settle(): void;
}

function createMakers(id: (prefix: string) => string, clock: Clock): Makers {
  const base = (prefix: string, given: { id?: string; created_at?: string }): { id: string; created_at: string } => ({
    id: given.id ?? id(prefix),
    created_at: given.created_at ?? new Date(clock.now()).toISOString(),
  });
  return {
    agent: (given) => ({
      ...base('agent', given),
      name: 'Agent',
      data_source_ids: [],
      rag_strategy: 'cedar',
      model: 'gpt-4',
      status: 'active',
      ...given,
    }),
    dataSource: (given) => ({
      ...base('ds', given),
      type: 'website',
      name: 'Data source',
      config: {},
      sync_frequency: 'manual',
      status: 'active',
      chunks_indexed: 600,
      progress_pct: 100,
      estimated_completion: null,
      ...given,
    }),
    interaction: (given) => ({
      ...base('int', given),
      agent_id: 'agent_abc123',
      session_id: given.session_id ?? id('sess'),
      query: '',
      response: '',
      feedback: null,
      latency_ms: 0,
      source_count: 0,
      cost_usd: 0,
      ...given,
    }),
    user: (given) => ({
      ...base('user', given),
      email: 'user@example.com',
      name: null,
      role: 'readonly',
      ...given,
    }),
    article: (given) => ({
      ...base('kb', given),
      title: '',
      content: '',
      tags: [],
      status: 'draft',
      version: 1,
      ...given,
    }),
    passage: (given) => ({
      chunk_id: given.chunk_id ?? id('chk'),
      data_source_id: '',
      document_id: given.document_id ?? id('doc'),
      document_title: '',
      document_url: '',
      text: '',
      ...given,
    }),
  };
}

/** A store that holds the seed, and the fixtures where the seed is silent. */
export function createStore(seed: MockSeed, number: number, clock: Clock): Store {
  const id = createIds(number);
  const make = createMakers(id, clock);
  const begin = { ...fixtures(), interactions: pastInteractions(number, clock.now()), ...seed };
  // A copy, so that what a test does to the mock's objects never reaches the seed, nor the next reset. The cast: it is data
  // of the wire. (jsdom and Hermes have no structuredClone.)
  const given = JSON.parse(JSON.stringify(begin)) as typeof begin;
  const data: MockData = {
    agents: given.agents.map(make.agent),
    dataSources: given.dataSources.map(make.dataSource),
    interactions: given.interactions.map(make.interaction),
    users: given.users.map(make.user),
    articles: given.articles.map(make.article),
    passages: given.passages.map(make.passage),
    answers: given.answers,
  };
  const jobs = new Map<MockDataSource, number>();
  return {
    data,
    make,
    id,
    startProcessing(source) {
      jobs.set(source, elapsed(clock));
      process(source, 0, clock.now());
    },
    settle() {
      for (const [source, startedAt] of jobs) {
        if (process(source, elapsed(clock) - startedAt, clock.now())) jobs.delete(source);
      }
    },
  };
}
