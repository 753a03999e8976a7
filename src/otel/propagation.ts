/** The trace in the headers of a request. */

import { type Context, propagation } from '@opentelemetry/api';
import { isFetchWatched } from './watched-fetch.ts';

/**
 * Who puts the trace into the headers.
 *
 * - `'auto'`: this package, but not while somebody subscribes to Node's `fetch`, as its instrumentation does: added by both,
 *   the header would arrive as a list, which receivers reject.
 * - `true`: this package, always; for a `fetch` of one's own that nobody instruments.
 * - `false`: nobody here.
 */
export type Propagate = 'auto' | boolean;

/** The headers that carry `context`. */
export function headersOf(context: Context, propagate: Propagate): Record<string, string> {
  const headers: Record<string, string> = {};
  if (propagate === true || (propagate === 'auto' && !isFetchWatched())) propagation.inject(context, headers);
  return headers;
}
