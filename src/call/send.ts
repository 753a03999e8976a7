/** Sending one request, through redirects of its own origin. */

import { TwigConfigError, TwigConnectionError } from '../errors.ts';
import { connectionError } from '../http/connection-error.ts';
import type { CallMeta } from '../meta.ts';
import type { FetchInit } from '../platform.ts';

const MOST_REDIRECTS = 5;

/**
 * Sends one request and follows redirects of its own origin. Method and body stay (RFC 9110, section 15.4, allows it for
 * 301 and 302 and demands it for 307 and 308), but for 303, which asks for a GET.
 */
export async function send(
  exchange: (url: string, init: FetchInit) => Promise<Response>,
  address: string,
  request: FetchInit,
  meta: CallMeta,
): Promise<Response> {
  let url = address;
  let init = request;
  for (let hop = 0; ; hop++) {
    const response = await exchange(url, init).catch((error: unknown) => {
      throw error instanceof TwigConfigError ? error : connectionError(error, 'headers', meta);
    });
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
