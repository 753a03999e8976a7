/** Searching: the passages that fit a text, without an answer. */

import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { id, listOf, number, positive, text } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';
import { fillLatency, fillScores } from './query-shape.ts';

/** A search. */
export interface SemanticSearchParams {
  query: string;
  orgId: string;
  /** The most chunks to find; at least 1. */
  topK?: number | undefined;
  /** Chunks below it are left out. */
  similarityThreshold?: number | undefined;
  /** Default: all data sources. */
  dataSourceIds?: string[] | undefined;
}

/** A passage that was found. */
export interface Chunk {
  chunkId: string;
  text: string;
  /** 0 to 1; more is closer. */
  similarityScore?: number | null | undefined;
  documentId?: string | null | undefined;
  documentTitle?: string | null | undefined;
}

/** How a search went. */
export interface SemanticSearchMetadata {
  totalChunksSearched?: number | null | undefined;
  latencyMs: number;
}

/** What a search found. */
export interface SemanticSearchResponse {
  chunks: Chunk[];
  queryEmbedding?: number[] | null | undefined;
  metadata: SemanticSearchMetadata;
}

const schema: Schema<SemanticSearchResponse> = ({ array, nullish, number, shape, string }) =>
  shape<SemanticSearchResponse>()({
    chunks: array(
      shape<Chunk>()({
        chunkId: string(),
        text: string(),
        similarityScore: nullish(number()),
        documentId: nullish(string()),
        documentTitle: nullish(string()),
      }),
    ),
    queryEmbedding: nullish(array(number())),
    metadata: shape<SemanticSearchMetadata>()({ totalChunksSearched: nullish(number()), latencyMs: number() }),
  });

/** `client.semanticSearch()` */
export function semanticSearch(
  request: Requester,
  params: SemanticSearchParams,
  options?: CallOptions,
): TwigPromise<SemanticSearchResponse> {
  const rules = { query: text, orgId: id, topK: positive, similarityThreshold: number, dataSourceIds: listOf(id) };
  const fill = (found: SemanticSearchResponse): void => {
    fillScores(found.chunks);
    fillLatency(found);
  };
  const spec = { body: params, rules, needed: ['query', 'orgId'], fill, schema };
  return startCall(request, { operation: 'semanticSearch', ...spec }, options);
}
