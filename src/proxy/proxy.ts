/** A Fetch-standard handler that lets a page ask and stream answers while the key stays on the server. */

import { TwigConfigError } from '../errors.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import type { PlatformRequest, PlatformResponse } from '../platform.ts';
import { errorResponse, forbidden, invalid, type PublicError, Refusal, toPublic } from './answers.ts';
import { readBody } from './body.ts';
import { allowOrigin, type CorsOptions, isForeign, preflight, readCors } from './cors.ts';
import { isResponse, type TwigProxyGrant, type TwigProxyVerdict, whyNoGrant } from './grant.ts';
import { checkOperations, operationOf, pass, type TwigProxyClient, type TwigProxyOperation } from './operations.ts';
import { createSeals, OPEN_IDS } from './seals.ts';

/** How a proxy works. A name that is not among these is refused. */
export interface TwigProxyOptions {
  /** The client that holds the key. Its retries, limits of time and limiter apply. */
  client: TwigProxyClient;
  /**
   * Says what this visitor may do: a grant, `null` for nothing (403), or a `Response` to answer instead. Gets the request
   * without its body. When it throws, the answer is a bare 500; when it gives anything else, 403, and `onError` is told.
   */
  authorize: (request: PlatformRequest) => TwigProxyVerdict | Promise<TwigProxyVerdict>;
  /** Default `['query']`. */
  operations?: TwigProxyOperation[] | undefined;
  /** The largest body. Default 65,536. */
  maxBodyBytes?: number | undefined;
  /** The longest question, in characters. Default 4,000. */
  maxQueryLength?: number | undefined;
  /**
   * What ids are sealed with for the `visitor` of a grant: a text that nobody can guess (32 random bytes in hex, say), the
   * same in every process. Of several the first seals, and any opens: put a new one in front. Without one a grant with a
   * visitor is answered 500, and `onError` is told.
   */
  sealSecret?: string | string[] | undefined;
  /** Lets pages of other origins in. Default: none. */
  cors?: CorsOptions | undefined;
  /** Told of what `authorize` threw or gave that is no grant, and how a call failed. The page is told nothing of it. */
  onError?: ((error: unknown, request: PlatformRequest) => unknown) | undefined;
}

const OPTIONS: KnownNames = {
  client: true,
  authorize: true,
  operations: true,
  maxBodyBytes: true,
  maxQueryLength: true,
  sealSecret: true,
  cors: true,
  onError: true,
} satisfies Record<keyof TwigProxyOptions, true>;

/**
 * Makes the handler. Mount it anywhere; the page's client gets the path before `/api/v1` as its `baseUrl`. Throws
 * `TwigConfigError` for an option that cannot be meant, or whose name is unknown.
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
  refuseUnknown('createTwigProxy: the option', options, OPTIONS);
  const {
    client,
    authorize,
    operations = ['query'],
    maxBodyBytes = 65_536,
    maxQueryLength = 4000,
    sealSecret,
    onError,
  } = options;
  if (typeof authorize !== 'function') {
    throw new TwigConfigError('createTwigProxy needs authorize: without it every visitor could ask every agent.');
  }
  if (!client) throw new TwigConfigError('createTwigProxy needs a client.');
  checkOperations(operations);
  for (const [name, value] of Object.entries({ maxBodyBytes, maxQueryLength })) {
    if (!(value >= 0)) throw new TwigConfigError(`${name} must be a number ≥ 0.`);
  }
  const cors = options.cors && readCors(options.cors);
  const idsOf = createSeals(sealSecret);

  const tell = (error: unknown, request: Request): void => {
    // That the page has gone is no fault, and an observer must not change the answer.
    if (request.signal.aborted) return;
    Promise.resolve()
      .then(() => onError?.(error, request as PlatformRequest))
      .catch(() => {});
  };

  const handle = async (request: Request): Promise<Response> => {
    const found = operationOf(new URL(request.url).pathname);
    if (!found) throw new Refusal({ status: 404, code: 'not_found', message: 'There is nothing here.' });
    const { operation, id } = found;
    if (request.method !== 'POST') {
      throw new Refusal({ status: 405, code: 'method_not_allowed', message: 'Only POST is allowed.' });
    }
    if (!operations.includes(operation)) throw forbidden();
    if (isForeign(request, cors)) throw forbidden('A page of another origin may not ask here.');
    const given = await authorize(new Request(request.url, { method: request.method, headers: request.headers }));
    if (isResponse(given)) return given;
    if (given === null) throw forbidden();
    const wrong = whyNoGrant(given);
    if (wrong) {
      tell(new TwigConfigError(wrong), request);
      throw forbidden();
    }
    const grant = given as TwigProxyGrant;
    const ids = grant.visitor === undefined ? OPEN_IDS : idsOf(grant.visitor);
    const body = await readBody(request, maxBodyBytes);
    if (typeof body.query === 'string' && body.query.length > maxQueryLength)
      throw invalid('The question is too long.');
    const fault = (error: unknown): PublicError => {
      tell(error, request);
      return toPublic(error);
    };
    return await pass(operation, client, { id, body, grant, ids, signal: request.signal, fault });
  };

  return async (given) => {
    const request = given as Request;
    if (cors && request.method === 'OPTIONS') return preflight(request, cors);
    const response = await handle(request).catch((error: unknown) => {
      if (error instanceof Refusal) return errorResponse(error.answer);
      tell(error, request);
      return errorResponse({ status: 500, code: 'internal_error', message: 'Something went wrong.' });
    });
    return cors ? allowOrigin(request, response, cors) : response;
  };
}
