/**
 * The one file that knows ky, loaded with the first call. ky is given a `fetch` that already holds what is to be sent,
 * so neither the key nor the body ever enters a ky object: nothing of theirs can be found in an error of its making.
 */

import ky from 'ky';
import { type CallMeta, TwigConfigError, TwigConnectionError } from '../errors.ts';
import { connectionError } from './connection-error.ts';
import type { FetchInit } from './platform.ts';

/** The platform's view of a `fetch`: `FetchLike` with its answer taken for a `Response`. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;

const MOST_REDIRECTS = 5;

async function once(fetch: Fetch, url: string, init: FetchInit, meta: CallMeta): Promise<Response> {
  let thrown: { error: unknown } | undefined;
  try {
    return await ky(url, {
      retry: 0,
      timeout: false,
      totalTimeout: false,
      throwHttpErrors: false,
      fetch: async () => {
        try {
          const response = await fetch(url, init);
          if (typeof response?.status === 'number' && response.headers) return response;
          throw new TwigConfigError('The fetch of this client gave something that is no Response.');
        } catch (error) {
          thrown = { error };
          throw error;
        }
      },
    });
  } catch (error) {
    const cause = thrown ? thrown.error : error;
    throw cause instanceof TwigConfigError ? cause : connectionError(cause, 'headers', meta);
  }
}

/**
 * Sends one request and follows redirects of its own origin. Method and body stay (RFC 9110, section 15.4, allows it for
 * 301 and 302 and demands it for 307 and 308), but for 303, which asks for a GET.
 */
export async function send(fetch: Fetch, address: string, request: FetchInit, meta: CallMeta): Promise<Response> {
  let url = address;
  let init = request;
  for (let hop = 0; ; hop++) {
    const response = await once(fetch, url, init, meta);
    const location = [301, 302, 303, 307, 308].includes(response.status) && response.headers.get('location');
    if (!location) return response;
    response.body?.cancel().catch(() => {});
    const target = URL.canParse(location, url) ? new URL(location, url) : undefined;
    const complaint =
      target?.origin !== new URL(url).origin
        ? 'led to another origin, and was not followed'
        : hop === MOST_REDIRECTS
          ? `went on after ${MOST_REDIRECTS} of them`
          : undefined;
    if (!target || complaint) {
      throw new TwigConnectionError(`The server's redirect ${complaint}.`, {
        phase: 'headers',
        isRetryable: false,
        meta,
        hint: 'Set baseUrl to the address that answers by itself.',
      });
    }
    url = target.href;
    if (response.status === 303) {
      const { body: _, headers, ...rest } = init;
      const { 'content-type': __, ...kept } = headers;
      init = { ...rest, headers: kept, method: 'GET' };
    }
  }
}
