/** The client: options become a requester, which serves the namespaces. Nothing else happens here. */

import { createRequester } from './call/request.ts';
import { createShared, type Shared } from './call/shared.ts';
import type { Requester } from './call/spec.ts';
import { startCall, type TwigPromise } from './call/twig-promise.ts';
import { defineHidden } from './hide.ts';
import { joinHeaders } from './http/headers.ts';
import type { RateLimit } from './meta.ts';
import type { RateLimitScope } from './operations.ts';
import { type HttpMethod, scopeOf } from './operations.ts';
import { resolveClient, withoutUndefined } from './options/config.ts';
import {
  CALL_OPTIONS,
  CLIENT_OPTIONS,
  createWarnOfUnknown,
  HOOKS,
  type WarnOfUnknown,
} from './options/option-names.ts';
import type { CallOptions, TwigClientOptions } from './options/options.ts';
import type { QueryResponse } from './query-response.ts';
import { type Agents, createAgents } from './resources/agents.ts';
import { type Analytics, createAnalytics } from './resources/analytics.ts';
import { createDataSources, type DataSources } from './resources/data-sources.ts';
import { createInteractions, type Interactions } from './resources/interactions.ts';
import { createKnowledgeBase, type KnowledgeBase } from './resources/kb.ts';
import { type QueryParams, query } from './resources/query.ts';
import { type SemanticSearchParams, type SemanticSearchResponse, semanticSearch } from './resources/semantic-search.ts';
import { createUsers, type Users } from './resources/users.ts';
import type { QueryStream } from './streaming/query-stream.ts';
import { streamQuery } from './streaming/stream-query.ts';
import { Webhooks } from './webhooks/webhooks.ts';

/** Parameters and options of {@link TwigClient.request}. */
export interface RequestOptions extends CallOptions {
  /** For the query string. Keys in camelCase; a `Date` becomes its UTC day, an array a repeated key. */
  query?: Record<string, unknown> | undefined;
  /** Sent as JSON. Keys in camelCase. */
  body?: object | undefined;
  /** The rate-limit bucket. Default: `read` for GET, else `write`. */
  scope?: RateLimitScope | undefined;
}

const REQUEST_OPTIONS: Record<keyof RequestOptions, true> = { ...CALL_OPTIONS, query: true, body: true, scope: true };

/**
 * The client of the Twig API. One serves a whole program; it holds no connection and needs no closing.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 *
 * const client = new TwigClient(); // the key is in TWIG_API_KEY
 * const answer = await client.query({ agentId: 'agent_abc123', query: 'What is your refund policy?' });
 * console.log(answer.response);
 * ```
 */
export class TwigClient {
  /** Where requests go, without a trailing slash. */
  readonly baseUrl: string;
  /** What the key is for, by its form; `unknown` for a function or `null`. */
  readonly environment: 'live' | 'test' | 'unknown';
  readonly agents: Agents;
  readonly dataSources: DataSources;
  readonly interactions: Interactions;
  readonly analytics: Analytics;
  readonly users: Users;
  readonly kb: KnowledgeBase;
  /** Verifies webhook deliveries; the secret is in `TWIG_WEBHOOK_SECRET`, or given with a call. */
  readonly webhooks: Webhooks;
  // Closures, so that the key is in no property; plain members, so that a Proxy around the client works.
  declare private readonly _request: Requester;
  declare private readonly _derive: (changes: TwigClientOptions) => TwigClient;
  declare private readonly _shared: Shared;
  declare private readonly _warn: WarnOfUnknown;

  /** Throws `TwigConfigError` when an option is wrong. A key that is missing is told by the first call. */
  constructor(options?: TwigClientOptions);
  /** @internal */
  constructor(options: TwigClientOptions, shared: Shared);
  constructor(options: TwigClientOptions = {}, shared: Shared = createShared()) {
    const config = resolveClient(options);
    const warn = createWarnOfUnknown(config.log, shared.strangers);
    warn('client option', options, CLIENT_OPTIONS);
    warn('hook', options.hooks, HOOKS);
    const request = createRequester(config, shared);
    this.baseUrl = config.baseUrl;
    this.environment = config.environment;
    this.agents = createAgents(request);
    this.dataSources = createDataSources(request, config.clock, warn);
    this.interactions = createInteractions(request);
    this.analytics = createAnalytics(request);
    this.users = createUsers(request);
    this.kb = createKnowledgeBase(request);
    this.webhooks = new Webhooks({ clock: config.clock });
    const derive = (changes: TwigClientOptions): TwigClient => {
      const headers = joinHeaders(options.headers, changes.headers);
      return new TwigClient({ ...options, ...withoutUndefined(changes), headers }, shared);
    };
    defineHidden(this, { _request: request, _derive: derive, _shared: shared, _warn: warn });
  }

  /** What the rate-limit headers last said, by scope. */
  get rateLimits(): Readonly<Partial<Record<RateLimitScope, RateLimit>>> {
    return this._shared.rateLimits;
  }

  /** Asks an agent and streams the answer. Scope `execute`. */
  query(params: QueryParams & { stream: true }, options?: CallOptions): TwigPromise<QueryStream>;
  /**
   * Asks an agent. Takes 1 to 5 seconds. Scope `execute`.
   *
   * A POST: after a timeout or a break it is not sent again, unless `retryAmbiguous` allows it.
   */
  query(params: QueryParams & { stream?: false | undefined }, options?: CallOptions): TwigPromise<QueryResponse>;
  query(params: QueryParams, options?: CallOptions): TwigPromise<QueryResponse> | TwigPromise<QueryStream>;
  query(params: QueryParams, options?: CallOptions): TwigPromise<QueryResponse> | TwigPromise<QueryStream> {
    return (params?.stream === true ? streamQuery : query)(this._request, params, options);
  }

  /** Finds the passages that fit a text, without an answer. Scope `execute`. */
  semanticSearch(params: SemanticSearchParams, options?: CallOptions): TwigPromise<SemanticSearchResponse> {
    return semanticSearch(this._request, params, options);
  }

  /**
   * Sends a request to any path of the API, with everything that the other methods have: retries, limits of time, typed
   * errors, casing. An answer without a body gives `undefined`.
   *
   * @param path Begins with `/`, as `/api/v1/agents`. An absolute URL or a dot segment is refused.
   */
  request<T = unknown>(method: HttpMethod, path: string, options?: RequestOptions): TwigPromise<T> {
    // Retries go by the method, and fetch takes it in any case.
    const verb = String(method).toUpperCase() as HttpMethod;
    this._warn('call option', options, REQUEST_OPTIONS);
    const { query, body, scope = scopeOf(verb), ...rest } = options ?? {};
    const operation = { id: `${verb} ${path}`, method: verb, path, scope };
    const spec = { operation, ...(query && { query }), ...(body && { body }) };
    // T is what the caller says it is: nobody documents these paths.
    return startCall<T>(this._request, { ...spec, empty: () => undefined as T, read: (data) => data as T }, rest);
  }

  /**
   * A client with other options, over this one's; `headers` are merged. It shares the limiter, the retry budget and
   * `rateLimits`.
   */
  withOptions(options: TwigClientOptions = {}): TwigClient {
    return this._derive(options);
  }
}
