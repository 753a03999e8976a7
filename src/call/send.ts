/** Sending one request, through redirects of its own origin. */

import { TwigConnectionError } from '../errors.ts';
import { connectionError } from '../http/connection-error.ts';
import type { HttpResponse } from '../http/http-response.ts';
import type { FetchInit } from '../platform.ts';
import { probe } from '../runtime.ts';
import type { Lifetime } from './lifetime.ts';

const MOST_REDIRECTS = 5;

/**
 * Sends one request and follows redirects of its own origin. Method and body stay (RFC 9110, section 15.4, allows it for
 * 301 and 302 and demands it for 307 and 308), but for 303, which asks for a GET.
 */
export async function send(
  exchange: (url: string, init: FetchInit) => Promise<HttpResponse>,
  address: string,
  request: FetchInit,
  lifetime: Lifetime,
): Promise<HttpResponse> {
  let url = address;
  let init = request;
  for (let hop = 0; ; hop++) {
    const response = await exchange(url, init).catch((error: unknown) => {
      throw connectionError(error, 'headers', lifetime);
    });
    const location = [301, 302, 303, 307, 308].includes(response.status) && response.fields.get('location');
    if (!location) return response;
    // Its body alone: what goes on with the next address is the same request.
    response.reader()?.cancel();
    const target = probe(() => new URL(location, url));
    const complaint =
      target?.origin !== new URL(url).origin
        ? 'led to another origin, and was not followed'
        : hop === MOST_REDIRECTS
          ? `went on after ${MOST_REDIRECTS} of them`
          : undefined;
    if (!target || complaint) {
      const requestId = response.fields.get('x-request-id');
      if (requestId) lifetime.meta.requestId = lifetime.redact(requestId);
      throw new TwigConnectionError(`The server's redirect ${complaint}.`, {
        phase: 'headers',
        isRetryable: false,
        meta: lifetime.meta,
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
