/** The way of a request through the mock: noted, struck by a fault, delayed, admitted, answered. */

import type { Clock } from '../clock.ts';
import type { RateLimitScope } from '../operations.ts';
import { type HttpMethod, type OperationId, operation, scopeOf } from '../operations.ts';
import { isPlainObject } from '../params/casing.ts';
import { admit } from './admission.ts';
import { htmlPage, problemOf } from './fault-effects.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Buckets } from './limits.ts';
import type { MockRequest } from './mock.ts';
import { Problem, problemBody, type Reply } from './reply.ts';
import { toResponse } from './response.ts';
import { routes } from './routes.ts';
import type { Store } from './store.ts';

/** What the answers depend on. */
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

/** Answers a request for an endpoint, or for none. `pathId` is the decoded id in its path. */
export type Responder = (request: Request, id?: OperationId, pathId?: string) => Promise<Response>;

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const untilAborted = (signal: AbortSignal): Promise<Response> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(Response.error()), { once: true }));

/** Makes the function that answers every request. */
export function createResponder({ clock, keys, latencyMs, seed, plan, requests, state }: ResponderContext): Responder {
  return async (request, id, pathId = '') => {
    const body = parse(await request.text());
    const { method, signal, url } = request;
    requests.push({ operation: id, method, url, headers: Object.fromEntries(request.headers), body, at: clock.now() });
    const requestId = state.store.id('req');
    const fault = plan.take(id, id === 'query' && isPlainObject(body) && body.stream === true);
    if (fault?.kind === 'timeout') return untilAborted(signal);

    const pause = (ms: number): Promise<void> | undefined => (ms > 0 ? clock.sleep(ms, signal) : undefined);
    try {
      await pause(latencyMs);
    } catch {
      return Response.error();
    }
    if (fault?.kind === 'htmlError') return htmlPage(fault.status);
    if (fault?.kind === 'disconnect' && fault.afterBytes === undefined) return Response.error();

    const now = new Date(clock.now());
    const headers = new Headers({ 'x-request-id': requestId, date: now.toUTCString() });
    let reply: Reply;
    try {
      // Only what the API's own table does not name can have another method, and that ends as 404.
      const scope = id ? operation(id).scope : scopeOf(method as HttpMethod);
      admit(request, scope, { keys, buckets: state.buckets, isFaulty: fault?.kind === 'status' }, headers);
      if (fault?.kind === 'status') throw problemOf(fault, clock.now());
      if (!id) throw new Problem(404, `There is no endpoint ${method} ${new URL(url).pathname}`);
      state.store.settle();
      const query = new URL(url).searchParams;
      reply = routes[id]({ store: state.store, seed, id: pathId, query, body, now: now.toISOString() });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      for (const [name, value] of Object.entries(error.headers)) headers.set(name, value);
      reply = { status: error.status, body: problemBody(error, requestId) };
    }
    return toResponse(reply, { headers, fault, requestId, pause, latencyMs });
  };
}
