/** The way of a request through the mock: noted, struck by a fault, delayed, admitted, handled. All doors lead here. */

import type { Clock } from '../clock.ts';
import { type HttpMethod, operation, type RateLimitScope, scopeOf } from '../operations.ts';
import { isPlainObject } from '../params/casing.ts';
import type { AbortSignalLike } from '../platform.ts';
import { admit } from './admission.ts';
import { type Caller, callerOf } from './caller.ts';
import type { EndpointResult } from './endpoint.ts';
import { htmlPage, problemOf } from './fault-effects.ts';
import type { FaultPlan } from './fault-plan.ts';
import { createFinder, isInApi } from './find-endpoint.ts';
import type { Buckets } from './limits.ts';
import type { MockRequest } from './mock-request.ts';
import { Problem, problemBody } from './problem.ts';
import { toResponse } from './response.ts';
import { routes } from './routes.ts';
import type { Store } from './store.ts';

/** What the responses depend on. */
export interface ResponderContext {
  readonly clock: Clock;
  readonly keys: Record<string, RateLimitScope[]> | undefined;
  readonly latencyMs: number;
  readonly seed: number;
  readonly plan: FaultPlan;
  readonly requests: MockRequest[];
  /** What a reset replaces. */
  readonly state: { store: Store; buckets: Buckets | undefined };
}

/** A request as it arrives, its body read. */
export interface Incoming {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
}

/**
 * Gives the response: `Response.error()` where the connection is reset. Rejects with the signal's reason when that
 * aborts while somebody waits; later, the body errors with it.
 */
export type Responder = (incoming: Incoming, signal: AbortSignalLike) => Promise<Response>;

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const untilGone = ({ signal }: Caller): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });

/** Makes the function that responds to every request. */
export function createResponder({ clock, keys, latencyMs, seed, plan, requests, state }: ResponderContext): Responder {
  const find = createFinder();
  return async ({ headers: sent, method, text, url }, signal) => {
    const { pathname, searchParams: query } = new URL(url);
    const body = parse(text);
    const endpoint = find(method, pathname);
    const id = endpoint?.operation;
    requests.push({ operation: id, method, url, headers: Object.fromEntries(sent), body, at: clock.now() });
    const requestId = state.store.id('req');
    const fault = plan.take(id, id === 'query' && isPlainObject(body) && body.stream === true);

    const caller = callerOf(signal);
    if (fault?.kind === 'timeout') return untilGone(caller);
    const pause = (ms: number): Promise<void> | undefined => (ms > 0 ? clock.sleep(ms, caller.signal) : undefined);
    await pause(latencyMs);
    if (fault?.kind === 'htmlError' || (fault?.kind === 'disconnect' && fault.afterBytes === undefined)) {
      caller.release();
      return fault.kind === 'htmlError' ? htmlPage(fault.status) : Response.error();
    }

    const now = new Date(clock.now());
    const headers = new Headers({ 'x-request-id': requestId, date: now.toUTCString() });
    let result: EndpointResult;
    try {
      if (!isInApi(pathname)) throw new Problem(404, `There is no endpoint ${method} ${pathname}`);
      // Only what the API's own table does not name can have another method, and that ends as 404.
      const scope = id ? operation(id).scope : scopeOf(method as HttpMethod);
      admit(sent, scope, { keys, buckets: state.buckets, isFaulty: fault?.kind === 'status' }, headers);
      if (fault?.kind === 'status') throw problemOf(fault, clock.now());
      if (!endpoint) throw new Problem(404, `There is no endpoint ${method} ${pathname}`);
      state.store.settle();
      const call = { store: state.store, seed, id: endpoint.id, query, body, now: now.toISOString() };
      result = routes[endpoint.operation](call);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      for (const [name, value] of Object.entries(error.headers)) headers.set(name, value);
      result = { status: error.status, body: problemBody(error, requestId) };
    }
    return toResponse(result, { headers, fault, requestId, pause, latencyMs, caller });
  };
}
