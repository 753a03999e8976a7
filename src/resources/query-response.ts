/** An answer: its shape, and what is filled in where a server names things differently. */

import { isPlainObject } from '../params/casing.ts';
import { fill } from '../params/fill.ts';
import type { Schema } from '../params/schema-kit.ts';

/** A passage that an answer rests on. */
export interface Source {
  chunkId: string;
  documentTitle?: string | null | undefined;
  documentUrl?: string | null | undefined;
  /** 0 to 1; more is closer. */
  similarityScore?: number | null | undefined;
  chunkText?: string | null | undefined;
}

/** How an answer came about. A server that leaves a member out is noted by response validation. */
export interface QueryMetadata {
  /** For `interactions.submitFeedback()`. */
  interactionId: string;
  latencyMs: number;
  tokensInput?: number | null | undefined;
  tokensOutput?: number | null | undefined;
  costUsd?: number | null | undefined;
  ragStrategy?: string | null | undefined;
  model?: string | null | undefined;
}

/** An answer. Members that the API does not document are on the object too, in camelCase. */
export interface QueryResponse {
  /** The answer's text. */
  response: string;
  /** What it rests on; empty when the server names none. */
  sources: Source[];
  metadata: QueryMetadata;
  /** For the next question of the conversation, where the server gives it. */
  sessionId?: string | undefined;
}

/** The shape of an answer. */
export const answerSchema: Schema<QueryResponse> = ({ array, nullish, number, optional, shape, string }) =>
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
export function fillAnswer(answer: QueryResponse): void {
  answer.sources ??= [];
  fillScores(answer.sources);
  fillLatency(answer);
}
