/** What each operation passes on of a page's request, for whom, and what comes back. */

import type { TwigPromise } from '../call/twig-promise.ts';
import type { TwigClient } from '../client.ts';
import { TwigConfigError } from '../errors.ts';
import { createCasing, toSnake } from '../params/casing.ts';
import type { FeedbackParams } from '../resources/interactions.ts';
import type { QueryParams } from '../resources/query.ts';
import type { SemanticSearchParams } from '../resources/semantic-search.ts';
import { ASYNC_ITERATOR } from '../runtime.ts';
import type { QueryStream } from '../streaming/query-stream.ts';
import type { QueryStreamEvent } from '../streaming/reduce.ts';
import { toSSEResponse } from '../streaming/relay.ts';
import { forbidden, idHeader, invalid, jsonResponse, type PublicError, Refusal } from './answers.ts';
import type { TwigProxyGrant } from './grant.ts';
import type { Ids } from './seals.ts';

/** The operations that a proxy can pass on. */
export type TwigProxyOperation = 'query' | 'semanticSearch' | 'submitFeedback';

/** What a proxy needs of a client: a {@link TwigClient}, or a fake in a test. */
export interface TwigProxyClient {
  /** Whole and streamed. */
  readonly query: TwigClient['query'];
  /** Called where `semanticSearch` is among the operations. */
  readonly semanticSearch: TwigClient['semanticSearch'];
  /** Called where `submitFeedback` is among the operations. */
  readonly interactions: Pick<TwigClient['interactions'], 'submitFeedback'>;
}

/** What a page asks. */
export interface Asked {
  /** The id in the path, decoded; empty where there is none. */
  id: string;
  body: Record<string, unknown>;
  grant: TwigProxyGrant;
  ids: Ids;
  /** Aborts when the page has gone. */
  signal: AbortSignal;
  /** What the page is told of a fault. */
  fault(error: unknown): PublicError;
}

/** The members of the body that are passed on: nothing can be smuggled in under another name. */
function pick({ body }: Asked, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]));
}

/** Refuses what is not in the list. */
function check(granted: string[] | undefined, id: unknown): void {
  if (!granted?.includes(id as string)) throw forbidden();
}

async function whole<T>(call: TwigPromise<T>, ids: Ids): Promise<Response> {
  const { data, meta } = await call.withResponse();
  return jsonResponse(200, createCasing(toSnake)(await ids.seal(data)), idHeader(meta.requestId));
}

/** The events with the ids in them sealed. By hand: a generator that waits cannot be left before what it waits for has come. */
function sealEvents(stream: QueryStream, ids: Ids): AsyncIterable<QueryStreamEvent> {
  const events = stream[ASYNC_ITERATOR]();
  return {
    [ASYNC_ITERATOR]: () => ({
      async next() {
        const step = await events.next();
        // The words themselves, which come a thousand times, hold no ids.
        if (step.done || step.value.type === 'delta' || step.value.type === 'sources') return step;
        return { done: false, value: await ids.seal(step.value) };
      },
      return: async () => (await events.return?.()) ?? { done: true, value: undefined },
    }),
  };
}

// The casts in here: the client checks every argument again before it sends anything.

async function query(client: TwigProxyClient, asked: Asked): Promise<Response> {
  const { body, grant, ids, signal } = asked;
  check(grant.agentIds, body.agentId);
  if ((body.sessionId ?? undefined) !== undefined) body.sessionId = await ids.open('session', body.sessionId);
  const params = pick(asked, 'agentId', 'query', 'sessionId', 'temperature', 'maxTokens') as unknown as QueryParams;
  if (body.stream !== true) return whole(client.query({ ...params, stream: false }, { signal }), ids);
  const stream = await client.query({ ...params, stream: true }, { signal });
  const headers = idHeader(stream.meta.requestId);
  return toSSEResponse(sealEvents(stream, ids), createCasing(toSnake), { headers, describeError: asked.fault });
}

async function semanticSearch(client: TwigProxyClient, asked: Asked): Promise<Response> {
  const { body, grant, ids, signal } = asked;
  check(grant.orgIds, body.orgId);
  const params = pick(asked, 'query', 'orgId', 'topK', 'similarityThreshold', 'dataSourceIds');
  return whole(client.semanticSearch(params as unknown as SemanticSearchParams, { signal }), ids);
}

async function submitFeedback(client: TwigProxyClient, asked: Asked): Promise<Response> {
  const params = pick(asked, 'feedback', 'comment') as unknown as FeedbackParams;
  const { ids, signal } = asked;
  const id = (await ids.open('interaction', asked.id)) as string;
  return whole(client.interactions.submitFeedback(id, params, { signal }), ids);
}

const OPERATIONS = { query, semanticSearch, submitFeedback };

/** Refuses a list that holds what is no operation: a misspelt one would be 403 for every page. */
export function checkOperations(given: unknown): void {
  if (Array.isArray(given) && given.every((name) => Object.hasOwn(OPERATIONS, name))) return;
  const known = Object.keys(OPERATIONS).join(', ');
  throw new TwigConfigError(`operations of createTwigProxy must be a list, of these: ${known}.`);
}

/** Passes a request on. Rejects with a {@link Refusal} only. */
export async function pass(operation: TwigProxyOperation, client: TwigProxyClient, asked: Asked): Promise<Response> {
  try {
    return await OPERATIONS[operation](client, asked);
  } catch (error) {
    throw error instanceof Refusal ? error : new Refusal(asked.fault(error));
  }
}

/** The paths of the API, as segments; `*` stands for an id. */
const PATHS: Record<TwigProxyOperation, string[]> = {
  query: ['api', 'v1', 'query'],
  semanticSearch: ['api', 'v1', 'semantic-search'],
  submitFeedback: ['api', 'v1', 'interactions', '*', 'feedback'],
};

/** A segment of a path; `undefined` where it is malformed. */
function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * The operation of a path, and the id in it. The path itself never travels on. Where the proxy is mounted does not count,
 * and neither does a slash that is one too many: at the end, as servers redirect to (Next.js, `trailingSlash`), or between.
 */
export function operationOf(path: string): { operation: TwigProxyOperation; id: string } | undefined {
  const segments = path.split('/').filter(Boolean);
  for (const [operation, pattern] of Object.entries(PATHS)) {
    const end = segments.slice(-pattern.length);
    if (!pattern.every((name, i) => name === '*' || decode(end[i] ?? '') === name)) continue;
    const id = decode(end[pattern.indexOf('*')] ?? '');
    if (id === undefined) throw invalid('The id is malformed.');
    return { operation: operation as TwigProxyOperation, id };
  }
  return undefined;
}
