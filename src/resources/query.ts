/** Asking an agent, for a whole answer or a stream. */

import type { Requester } from '../call/spec.ts';
import { TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { boolean, id, positive, temperature, text } from '../params/checks.ts';
import type { QueryResponse } from '../query-response.ts';
import { openStream, type QueryStream } from '../streaming/query-stream.ts';
import { fillQueryResponse, queryResponseSchema } from './query-shape.ts';

/** A question. */
export interface QueryParams {
  /** Who is asked. */
  agentId: string;
  query: string;
  /** Continues a conversation; without it a new one begins. */
  sessionId?: string | undefined;
  /** 0 (always the same words) to 2. Default: the agent's own. */
  temperature?: number | undefined;
  /** The longest answer, in tokens; at least 1. Default: the agent's own. */
  maxTokens?: number | undefined;
  /** `true` streams the answer: the result is a {@link QueryStream}. */
  stream?: boolean | undefined;
}

const rules = { agentId: id, query: text, sessionId: id, temperature, maxTokens: positive, stream: boolean };

/** `client.query()` */
export function query(
  request: Requester,
  params: QueryParams,
  options?: CallOptions,
): TwigPromise<QueryResponse> | TwigPromise<QueryStream> {
  const spec = { operation: 'query' as const, rules, needed: ['agentId', 'query'] };
  if (params?.stream === true) {
    return new TwigPromise<QueryStream>(request, { ...spec, body: params, open: openStream }, options);
  }
  const { stream, ...rest } = params ?? {};
  // `false` is the default, and defaults are not sent; anything else is for the rules to refuse.
  const body = stream === false ? rest : params;
  return new TwigPromise<QueryResponse>(
    request,
    { ...spec, body, fill: fillQueryResponse, schema: queryResponseSchema },
    options,
  );
}
