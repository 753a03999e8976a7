/** What an agent says, as types. */

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

/** What has been received of an answer. */
export interface PartialQueryResponse {
  /** The text so far. */
  response: string;
  sources: Source[];
  metadata: Partial<QueryMetadata>;
  sessionId?: string | undefined;
}
