/** A Fetch-standard handler that lets a page ask and stream answers while the key stays on the server. */

import type { TwigClient } from '../client.ts';
import { createCasing, isPlainObject, toCamel, toSnake } from '../core/casing.ts';
import { systemClock } from '../core/clock.ts';
import type { PlatformRequest, PlatformResponse } from '../core/platform.ts';
import { readLimited } from '../core/read-limited.ts';
import { TwigConfigError } from '../errors.ts';
import type { FeedbackParams } from '../resources/interactions.ts';
import type { QueryParams } from '../resources/query.ts';
import type { SemanticSearchParams } from '../resources/semantic-search.ts';
import { errorResponse, jsonResponse, type PublicError, toPublic } from './answers.ts';
import { allowOrigin, type CorsOptions, preflight } from './cors.ts';

/** What one visitor may do. */
export interface TwigProxyGrant {
  /** The agents that may be asked. */
  agentIds: string[];
  /** The organisations that may be searched, where `semanticSearch` is allowed. Default: none. */
  orgIds?: string[] | undefined;
}

/** The operations that a proxy can pass on. */
export type TwigProxyOperation = 'query' | 'semanticSearch' | 'submitFeedback';

/** How a proxy works. */
export interface TwigProxyOptions {
  /** The client that holds the key. Its retries, limits of time and limiter apply. */
  client: TwigClient;
  /**
   * Says what this visitor may do: a grant, `null` for nothing (403), or a `Response` to answer instead. Gets the request
   * without its body. When it throws, the answer is a bare 500.
   */
  authorize: (
    request: PlatformRequest,
  ) => TwigProxyGrant | PlatformResponse | null | Promise<TwigProxyGrant | PlatformResponse | null>;
  /** Default `['query']`. */
  operations?: TwigProxyOperation[] | undefined;
  /** The largest body. Default 65,536. */
  maxBodyBytes?: number | undefined;
  /** The longest question, in characters. Default 4,000. */
  maxQueryLength?: number | undefined;
  /** Lets pages of other origins in. Default: none. */
  cors?: CorsOptions | undefined;
}

/** As long as a page may take to send its body. */
const BODY_TIME_MS = 10_000;

const PATHS: [TwigProxyOperation, RegExp][] = [
  ['query', /\/api\/v1\/query$/],
  ['semanticSearch', /\/api\/v1\/semantic-search$/],
  ['submitFeedback', /\/api\/v1\/interactions\/([^/]+)\/feedback$/],
];

/** Ends the handling of a request. */
class Refusal extends Error {
  readonly answer: PublicError;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.answer = { status, code, message };
  }
}

const forbidden = (): Refusal => new Refusal(403, 'forbidden', 'This is not allowed.');
const invalid = (message: string): Refusal => new Refusal(400, 'invalid_request', message);

/** The members of `body` that are passed on: nothing can be smuggled in under another name. */
function pick(body: Record<string, unknown>, ...names: string[]): Record<string, unknown> {
  return Object.fromEntries(names.filter((name) => body[name] !== undefined).map((name) => [name, body[name]]));
}

async function readJson(request: Request, maxBodyBytes: number): Promise<Record<string, unknown>> {
  const stop = new AbortController();
  const late = systemClock.sleep(BODY_TIME_MS, stop.signal).then(() => {
    throw new Refusal(408, 'request_timeout', 'The body took too long.');
  });
  late.catch(() => {});
  const bytes = await Promise.race([readLimited(request, maxBodyBytes), late]).finally(() => stop.abort());
  if (!bytes) throw new Refusal(413, 'too_large', 'The body is too large.');
  let body: unknown;
  try {
    body = JSON.parse(new TextDecoder().decode(bytes));
  } catch {}
  if (!isPlainObject(body)) throw invalid('The body is not a JSON object.');
  return body;
}

/**
 * Makes the handler. Mount it anywhere; the page's client gets the path before `/api/v1` as its `baseUrl`.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { createTwigProxy } from '@twig/sdk/proxy';
 *
 * export const POST = createTwigProxy({
 *   client: new TwigClient(),
 *   authorize: (request) => (request.headers.get('cookie') ? { agentIds: ['agent_abc123'] } : null),
 * });
 * // In the page: new TwigClient({ apiKey: null, baseUrl: '/api/twig' })
 * ```
 */
export function createTwigProxy(options: TwigProxyOptions): (request: PlatformRequest) => Promise<PlatformResponse> {
  const { client, authorize, operations = ['query'], maxBodyBytes = 65_536, maxQueryLength = 4000, cors } = options;
  if (typeof authorize !== 'function') {
    throw new TwigConfigError('createTwigProxy needs authorize: without it every visitor could ask every agent.');
  }
  if (!client) throw new TwigConfigError('createTwigProxy needs a client.');
  const fromWire = createCasing(toCamel);
  const toWire = createCasing(toSnake);

  const ask = async (
    operation: TwigProxyOperation,
    id: string,
    grant: TwigProxyGrant,
    body: Record<string, unknown>,
    signal: AbortSignal,
  ): Promise<Response> => {
    // The casts: the client checks every argument again before it sends anything.
    const reply = async <T>(call: {
      withResponse(): Promise<{ data: T; meta: { requestId?: string | undefined } }>;
    }) => {
      const { data, meta } = await call.withResponse();
      return jsonResponse(200, toWire(data), meta.requestId ? { 'x-request-id': meta.requestId } : {});
    };
    if (operation === 'submitFeedback') {
      const params = pick(body, 'feedback', 'comment') as unknown as FeedbackParams;
      return reply(client.interactions.submitFeedback(id, params, { signal }));
    }
    if (typeof body.query === 'string' && body.query.length > maxQueryLength)
      throw invalid('The question is too long.');
    if (operation === 'semanticSearch') {
      if (!grant.orgIds?.includes(body.orgId as string)) throw forbidden();
      const params = pick(body, 'query', 'orgId', 'topK', 'similarityThreshold', 'dataSourceIds');
      return reply(client.semanticSearch(params as unknown as SemanticSearchParams, { signal }));
    }
    if (!grant.agentIds?.includes(body.agentId as string)) throw forbidden();
    const params = pick(body, 'agentId', 'query', 'sessionId', 'temperature', 'maxTokens') as unknown as QueryParams;
    if (body.stream !== true) return reply(client.query({ ...params, stream: false }, { signal }));
    const stream = await client.query({ ...params, stream: true }, { signal });
    const { requestId } = stream.meta;
    const headers = { 'cache-control': 'no-store', ...(requestId && { 'x-request-id': requestId }) };
    return stream.toSSEResponse({ headers, describeError: toPublic }) as Response;
  };

  const handle = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const found = PATHS.flatMap(([operation, path]) => {
      const match = path.exec(pathname);
      return match ? [{ operation, id: match[1] ?? '' }] : [];
    })[0];
    if (!found) throw new Refusal(404, 'not_found', 'There is nothing here.');
    if (request.method !== 'POST') throw new Refusal(405, 'method_not_allowed', 'Only POST is allowed.');
    if (!operations.includes(found.operation)) throw forbidden();
    const grant = await authorize(new Request(request.url, { headers: request.headers }));
    if (!grant) throw forbidden();
    if (!('agentIds' in grant)) return grant as Response;
    let id: string;
    try {
      id = decodeURIComponent(found.id);
    } catch {
      throw invalid('The id is malformed.');
    }
    const body = fromWire(await readJson(request, maxBodyBytes)) as Record<string, unknown>;
    return ask(found.operation, id, grant, body, request.signal).catch((error: unknown) => {
      throw error instanceof Refusal ? error : Object.assign(new Refusal(502, '', ''), { answer: toPublic(error) });
    });
  };

  return async (given) => {
    const request = given as Request;
    if (cors && request.method === 'OPTIONS') return preflight(request, cors);
    let response: Response;
    try {
      response = await handle(request);
    } catch (error) {
      const bare = { status: 500, code: 'internal_error', message: 'Something went wrong.' };
      const answer = error instanceof Refusal ? error.answer : bare;
      response = errorResponse(answer, answer.status === 405 ? { allow: 'POST' } : {});
    }
    return cors ? allowOrigin(request, response, cors) : response;
  };
}
