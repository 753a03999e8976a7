/** An answer so far is a function of the events so far. */

import type { PartialQueryResponse, QueryMetadata, QueryResponse, Source } from '../query-response.ts';

/** What a stream gives. */
export type QueryStreamEvent =
  | { type: 'delta'; text: string }
  | { type: 'sources'; sources: Source[] }
  | { type: 'metadata'; metadata: QueryMetadata }
  | { type: 'done'; response: QueryResponse }
  | UnknownStreamEvent;

/** An event of a name that this version does not know. Never fatal. */
export interface UnknownStreamEvent {
  type: 'unknown';
  /** Its name; `message` when it had none. */
  event: string;
  /** Parsed and in camelCase when it was JSON, else the text. */
  data: unknown;
}

/** Nothing received: each answer has its own, since it is handed out. */
export const nothing = (): PartialQueryResponse => ({ response: '', sources: [], metadata: {}, sessionId: undefined });

/** The answer after one more event. */
export function reduce(state: PartialQueryResponse, event: QueryStreamEvent): PartialQueryResponse {
  switch (event.type) {
    case 'delta':
      // Spelled out: a spread costs more than all else that is done for an event.
      return {
        response: state.response + event.text,
        sources: state.sources,
        metadata: state.metadata,
        sessionId: state.sessionId,
      };
    case 'sources':
      return { ...state, sources: event.sources };
    case 'metadata':
      return { ...state, metadata: { ...state.metadata, ...event.metadata } };
    case 'done':
      return event.response;
    default:
      return state;
  }
}
