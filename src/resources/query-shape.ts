/** The response of a query: its schema, and what is filled in where a server names things differently. */

import { isPlainObject } from '../params/casing.ts';
import { fill } from '../params/fill.ts';
import type { Schema } from '../params/schema-kit.ts';
import type { QueryMetadata, QueryResponse, Source } from '../query-response.ts';

/** The shape of an answer. */
export const queryResponseSchema: Schema<QueryResponse> = ({ array, nullish, number, optional, shape, string }) =>
  shape<QueryResponse>()({
    response: string(),
    sources: array(
      shape<Source>()({
        chunkId: string(),
        documentTitle: nullish(string()),
        documentUrl: nullish(string()),
        similarityScore: nullish(number()),
        chunkText: nullish(string()),
      }),
    ),
    metadata: shape<QueryMetadata>()({
      interactionId: string(),
      latencyMs: number(),
      tokensInput: nullish(number()),
      tokensOutput: nullish(number()),
      costUsd: nullish(number()),
      ragStrategy: nullish(string()),
      model: nullish(string()),
    }),
    sessionId: optional(string()),
  });

/** Fills in the scores of passages. */
export function fillScores(passages: unknown): void {
  if (!Array.isArray(passages)) return;
  for (const passage of passages) if (isPlainObject(passage)) fill(passage, 'similarityScore', 'similarity');
}

/** Fills in the latency, which some servers put beside the metadata. */
export function fillLatency(answer: { metadata?: object; latencyMs?: unknown }): void {
  answer.metadata ??= {};
  if (isPlainObject(answer.metadata) && answer.latencyMs !== undefined) answer.metadata.latencyMs ??= answer.latencyMs;
}

/** Completes an answer that came whole. */
export function fillQueryResponse(answer: QueryResponse): void {
  answer.sources ??= [];
  fillScores(answer.sources);
  fillLatency(answer);
}
