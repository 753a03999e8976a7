/** A span at its start: its name, and what samplers see. */

import type { Attributes, AttributeValue } from '@opentelemetry/api';
import type { CallStart } from '../options/instrumentation.ts';
import { ATTR, GEN_AI_OPERATION, PROVIDER } from './names.ts';
import { numberOf, textOf, toAttributes } from './values.ts';

/** A span to be. */
export interface SpanStart {
  name: string;
  attributes: Attributes;
}

type Values = Record<string, AttributeValue | undefined>;

/** Which operation of the conventions a call is, if any. */
export const genAiOperationOf = (operation: string): string | undefined =>
  operation === 'query'
    ? GEN_AI_OPERATION.invokeAgent
    : operation === 'semanticSearch'
      ? GEN_AI_OPERATION.retrieval
      : operation === 'agents.create'
        ? GEN_AI_OPERATION.createAgent
        : undefined;

/** The one data source that was named, where it was one. */
const onlyOf = (ids: unknown): string | undefined =>
  Array.isArray(ids) && ids.length === 1 ? textOf(ids[0]) : undefined;

function valuesOf({ operation, method, route, isStream, params }: CallStart): Values {
  switch (operation) {
    case 'query':
      return {
        [ATTR.agentId]: textOf(params.agentId),
        [ATTR.conversationId]: textOf(params.sessionId),
        [ATTR.requestStream]: isStream || undefined,
        [ATTR.requestTemperature]: numberOf(params.temperature),
        [ATTR.requestMaxTokens]: numberOf(params.maxTokens),
      };
    case 'semanticSearch':
      return {
        [ATTR.retrievalTopK]: numberOf(params.topK),
        [ATTR.dataSourceId]: onlyOf(params.dataSourceIds),
      };
    case 'agents.create':
      return { [ATTR.agentName]: textOf(params.name), [ATTR.requestModel]: textOf(params.model) };
    default:
      return { [ATTR.httpMethod]: method, [ATTR.urlTemplate]: route || undefined };
  }
}

/** Where calls go: `server.address` and `server.port`. */
export function serverOf(baseUrl: string): { address: string; port: number } {
  const { hostname, port, protocol } = new URL(baseUrl);
  // Of IPv6 without the brackets of an address (semantic conventions, `server.address`).
  return { address: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || (protocol === 'http:' ? 80 : 443) };
}

/** Describes a call. */
export function describeSpan(call: CallStart, server: { address: string; port: number }): SpanStart {
  const { clean, operation, params } = call;
  const genAi = genAiOperationOf(operation);
  const agentName = operation === 'agents.create' ? textOf(params.name) : undefined;
  const name = genAi === undefined ? `twig.${operation}` : agentName ? `${genAi} ${clean(agentName)}` : genAi;
  const attributes = toAttributes(
    {
      ...(genAi !== undefined && { [ATTR.operationName]: genAi, [ATTR.providerName]: PROVIDER }),
      ...valuesOf(call),
      [ATTR.serverAddress]: server.address,
      [ATTR.serverPort]: server.port,
      [ATTR.operation]: operation,
    },
    clean,
  );
  return { name, attributes };
}
