/** Agents: what answers questions, on top of data sources. */

import type { ListParams } from '../call/page.ts';
import { type PagePromise, startList } from '../call/page-promise.ts';
import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { type Check, id, listOf, positive, temperature, text } from '../params/checks.ts';
import { fill } from '../params/fill.ts';
import type { Schema } from '../params/schema-kit.ts';

/** How an agent retrieves. An open set: other values may come. */
export type RagStrategy = 'cedar' | 'redwood' | 'cypress' | (string & {});
/** The language model of an agent. An open set. */
export type Model = 'gpt-4' | 'gpt-4o' | 'gpt-3.5-turbo' | 'claude-3-sonnet' | (string & {});
/** Whether an agent answers. An open set. */
export type AgentStatus = 'active' | 'inactive' | 'draft' | (string & {});

/** An agent. Members that the API does not document are on the object too, in camelCase. */
export interface Agent {
  id: string;
  name: string;
  systemPrompt?: string | null | undefined;
  ragStrategy?: RagStrategy | null | undefined;
  model?: Model | null | undefined;
  status?: AgentStatus | null | undefined;
  /** 0 to 2. */
  temperature?: number | null | undefined;
  /** The longest answer, in tokens. */
  maxTokens?: number | null | undefined;
  dataSourceIds?: string[] | null | undefined;
  /** ISO 8601. */
  createdAt?: string | null | undefined;
}

/** What can be set on an agent. */
export interface AgentUpdateParams {
  name?: string | undefined;
  /** What the agent reads from. */
  dataSourceIds?: string[] | undefined;
  systemPrompt?: string | undefined;
  ragStrategy?: RagStrategy | undefined;
  model?: Model | undefined;
  /** 0 (always the same words) to 2. */
  temperature?: number | undefined;
  /** The longest answer, in tokens; at least 1. */
  maxTokens?: number | undefined;
}

/** A new agent. */
export interface AgentCreateParams extends AgentUpdateParams {
  name: string;
  dataSourceIds: string[];
}

const rules: Record<string, Check> = {
  name: text,
  dataSourceIds: listOf(id),
  systemPrompt: text,
  ragStrategy: text,
  model: text,
  temperature,
  maxTokens: positive,
};

const agentSchema: Schema<Agent> = ({ array, nullish, number, shape, string }) =>
  shape<Agent>()({
    id: string(),
    name: string(),
    systemPrompt: nullish(string()),
    ragStrategy: nullish(string()),
    model: nullish(string()),
    status: nullish(string()),
    temperature: nullish(number()),
    maxTokens: nullish(number()),
    dataSourceIds: nullish(array(string())),
    createdAt: nullish(string()),
  });

const listSchema: Schema<Agent[]> = (kit) => kit.array(agentSchema(kit));

const one = { fill: (agent: Agent): void => fill(agent, 'id', 'agentId'), schema: agentSchema };

/** `client.agents` */
export interface Agents {
  /**
   * Lists agents. Scope `read`.
   *
   * @example
   * ```ts
   * import { TwigClient } from '@twig/sdk';
   *
   * const client = new TwigClient();
   * for await (const agent of client.agents.list({ limit: 100 })) console.log(agent.id, agent.name);
   * ```
   */
  list(params?: ListParams, options?: CallOptions): PagePromise<Agent>;

  /** Makes an agent. Scope `write`. */
  create(params: AgentCreateParams, options?: CallOptions): TwigPromise<Agent>;

  /** Reads an agent. Scope `read`. */
  get(id: string, options?: CallOptions): TwigPromise<Agent>;

  /** Changes what is given of an agent. Scope `write`. */
  update(id: string, params: AgentUpdateParams, options?: CallOptions): TwigPromise<Agent>;

  /** Deletes an agent. Scope `write`. */
  delete(id: string, options?: CallOptions): TwigPromise<void>;
}

/** Makes `client.agents`. */
export function createAgents(request: Requester): Agents {
  return {
    list: (params = {}, options) => {
      const list = { key: 'agents', params, fill: one.fill, schema: listSchema };
      return startList(request, { operation: 'agents.list', ...list }, options);
    },
    create: (params, options) => {
      const needed = ['name', 'dataSourceIds'];
      return startCall(request, { operation: 'agents.create', body: params, rules, needed, ...one }, options);
    },
    get: (id, options) => startCall(request, { operation: 'agents.get', id, ...one }, options),
    update: (id, params, options) =>
      startCall(request, { operation: 'agents.update', id, body: params, rules, ...one }, options),
    delete: (id, options) =>
      startCall<void>(request, { operation: 'agents.delete', id, empty: () => {}, read: () => {} }, options),
  };
}
