/** Asking an agent for a streamed answer. */

import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { type QueryParams, question } from '../resources/query.ts';
import { openStream, type QueryStream } from './query-stream.ts';

/** `client.query()` with `stream: true`. */
export function streamQuery(request: Requester, params: QueryParams, options?: CallOptions): TwigPromise<QueryStream> {
  return startCall(request, { ...question, body: params, takeOver: openStream }, options);
}
