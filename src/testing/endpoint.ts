/** What an endpoint is given, and what it gives back before that becomes a response. */

import type { Store } from './store.ts';

/** A request that may do what it asks for. */
export interface EndpointCall {
  readonly store: Store;
  readonly seed: number;
  /** The decoded id of the path; empty where the path has none. */
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
  /** The mock's instant, ISO 8601. */
  readonly now: string;
}

/** One event of a streamed answer. */
export interface StreamEvent {
  event: string;
  data: unknown;
}

/** A body, or events. */
export interface EndpointResult {
  status: number;
  body?: unknown;
  events?: StreamEvent[];
}
