/** The way of a request through the mock: noted, delayed, struck by a fault, admitted, answered. */

import { isPlainObject } from '../core/casing.ts';
import type { Clock } from '../core/clock.ts';
import type { RateLimitScope } from '../core/rate-limit.ts';
import type { HttpMethod, OperationId } from '../operations.ts';
import { operation, scopeOf } from '../operations.ts';
import { drawsFor } from './chance.ts';
import { htmlPage, problemOf, spoil } from './fault-effects.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Fault } from './faults.ts';
import type { BucketState } from './limits.ts';
import type { MockRequest, MockState } from './mock.ts';
import { Problem, problemBody, type Reply } from './reply.ts';
import { routes } from './routes.ts';
import { bodyOf, breakAfter, encodeEvent } from './stream.ts';

/** What the answers depend on. */
export interface ResponderContext {
  readonly clock: Clock;
  readonly keys: Record<string, RateLimitScope[]> | undefined;
  readonly latencyMs: number;
  readonly number: number;
  readonly plan: FaultPlan;
  readonly requests: MockRequest[];
  readonly state: MockState;
}

/** Answers a request for an endpoint, or for none. */
export type Responder = (request: Request, id?: OperationId, pathId?: string) => Promise<Response>;

function parse(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const keyOf = (request: Request): string | undefined =>
  /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1];

/** Makes the function that answers every request. */
export function createResponder(context: ResponderContext): Responder {
  const { clock, keys, latencyMs, number, plan, requests, state } = context;

  function admit(key: string | undefined, scope: RateLimitScope, bucket: BucketState | undefined): void {
    if (bucket && !bucket.allowed) throw new Problem(429, 'Rate limit exceeded', { scope });
    const scopes = key === undefined ? undefined : keys ? (Object.hasOwn(keys, key) ? keys[key] : undefined) : [scope];
    if (!scopes) throw new Problem(401, key === undefined ? 'Missing API key' : 'Invalid API key');
    if (!scopes.includes(scope)) throw new Problem(403, `API key lacks ${scope} scope`, { required_scope: scope });
  }

  return async (request, id, pathId = '') => {
    const body = parse(await request.text());
    const { method, url } = request;
    requests.push({ operation: id, method, url, headers: Object.fromEntries(request.headers), body, at: clock.now() });
    const { store, buckets } = state;
    const requestId = `req_${Math.floor(drawsFor(number, `request:${++state.requestCount}`)() * 2 ** 32).toString(36)}`;
    const fault = plan.take(id, id === 'query' && isPlainObject(body) && body.stream === true);
    if (fault?.kind === 'timeout') return new Promise(() => {});

    const pause = (ms: number): Promise<void> | undefined => (ms > 0 ? clock.sleep(ms, request.signal) : undefined);
    try {
      await pause(latencyMs);
    } catch {
      return Response.error();
    }
    if (fault?.kind === 'htmlError') return htmlPage(fault.status);
    if (fault?.kind === 'disconnect' && fault.afterBytes === undefined) return Response.error();

    const scope = id ? operation(id).scope : scopeOf(method as HttpMethod);
    const key = keyOf(request);
    const bucket = buckets?.(key ?? '', scope, fault?.kind === 'status' ? 0 : 1);
    const headers = new Headers({
      ...bucket?.headers,
      'x-request-id': requestId,
      date: new Date(clock.now()).toUTCString(),
    });
    let reply: Reply;
    try {
      if (fault?.kind === 'status') throw problemOf(fault);
      admit(key, scope, bucket);
      if (!id) throw new Problem(404, `There is no endpoint ${method} ${new URL(url).pathname}`);
      store.settle();
      const now = new Date(clock.now()).toISOString();
      reply = routes[id]({ store, seed: number, id: pathId, query: new URL(url).searchParams, body, now });
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (fault?.kind === 'status') dress(headers, fault, clock.now());
      else if (error.status === 429 && bucket) headers.set('retry-after', String(bucket.retryAfter));
      reply = { status: error.status, body: problemBody(error, requestId) };
    }

    const { status, events } = reply;
    if (status === 204) return new Response(null, { status, headers });
    headers.set('content-type', events ? 'text/event-stream' : 'application/json');
    if (events) headers.set('cache-control', 'no-cache');
    const pieces = events ? spoil(events.map(encodeEvent), fault, requestId) : [JSON.stringify(reply.body)];
    const delay = events ? (fault?.kind === 'slowStream' ? fault.delayMs : latencyMs / 10) : 0;
    const whole = bodyOf(pieces, () => pause(delay));
    return new Response(fault?.kind === 'disconnect' ? breakAfter(whole, fault.afterBytes ?? 0) : whole, {
      status,
      headers,
    });
  };
}

/** The headers that belong to a status fault. */
function dress(
  headers: Headers,
  { status, retryAfter, headers: more }: Extract<Fault, { kind: 'status' }>,
  now: number,
): void {
  if (retryAfter !== undefined) headers.set('retry-after', String(retryAfter));
  if (status === 429 && headers.has('x-ratelimit-limit')) {
    headers.set('x-ratelimit-remaining', '0');
    headers.set('x-ratelimit-reset', String(Math.ceil(now / 1000) + (retryAfter ?? 1)));
  }
  for (const [name, value] of Object.entries(more ?? {})) headers.set(name, value);
}
