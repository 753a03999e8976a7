/** Asking an agent for a whole answer. A streamed one is asked for in `streaming/stream-query.ts`. */

import type { CallSpec, Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { boolean, id, positive, temperature, text } from '../params/checks.ts';
import type { QueryResponse } from '../query-response.ts';
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
  /** `true` streams the answer: the result is a `QueryStream`. */
  stream?: boolean | undefined;
}

/** What the whole and the streamed question have in common. */
export const question: Pick<CallSpec<unknown>, 'needed' | 'operation' | 'rules'> = {
  operation: 'query',
  rules: { agentId: id, query: text, sessionId: id, temperature, maxTokens: positive, stream: boolean },
  needed: ['agentId', 'query'],
};

/** `client.query()` without `stream: true`. */
export function query(request: Requester, params: QueryParams, options?: CallOptions): TwigPromise<QueryResponse> {
  const { stream, ...rest } = params ?? {};
  // `false` is the default, and defaults are not sent; anything else is for the rules to refuse.
  const body = stream === false ? rest : params;
  return startCall(request, { ...question, body, fill: fillQueryResponse, schema: queryResponseSchema }, options);
}
