/** The mock as a function in the place of `fetch`: nothing is intercepted, and nothing but the web platform is needed. */

import type { AbortSignalLike, FetchLike } from '../platform.ts';
import { fetchFailed } from './network-error.ts';
import type { Incoming, Responder } from './responder.ts';

/** The type of the platform's `fetch`. */
export type PlatformFetch = typeof globalThis extends { fetch: infer Real } ? Real : FetchLike;

/** As many as the Fetch standard follows. */
const MOST_REDIRECTS = 20;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];

/** Reads a request to its end. */
export const readRequest = async (request: Request): Promise<Incoming> => {
  const { headers, method, url } = request;
  return { headers, method, url, text: await request.text() };
};

/** The next request of a redirect (WHATWG Fetch, "HTTP-redirect fetch"). */
function redirected({ headers, method, text, url }: Incoming, status: number, location: string): Incoming {
  const next = URL.canParse(location, url) ? new URL(location, url) : undefined;
  if (!next?.protocol.startsWith('http')) throw fetchFailed(new Error('URL scheme must be a HTTP(S) scheme'));
  const kept = new Headers(headers);
  if (next.origin !== new URL(url).origin) kept.delete('authorization');
  const becomesGet = status === 303 ? method !== 'HEAD' : status <= 302 && method === 'POST';
  if (!becomesGet) return { headers: kept, method, text, url: next.href };
  for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language']) kept.delete(name);
  return { headers: kept, method: 'GET', text: '', url: next.href };
}

function throwIfAborted({ aborted, reason }: AbortSignalLike): void {
  if (aborted) throw reason ?? new DOMException('This operation was aborted', 'AbortError');
}

/** Puts `fetch` before a responder. */
export function createFetch(respond: Responder): PlatformFetch {
  const fetch = async (input: RequestInfo | URL, { signal: given, ...init }: RequestInit = {}): Promise<Response> => {
    // The signal is kept out of it: `Request` refuses those of another realm (jsdom, a polyfill).
    const request = new Request(input, init);
    const signal = given === undefined ? request.signal : (given ?? new AbortController().signal);
    throwIfAborted(signal);
    let incoming = await readRequest(request);
    for (let hops = 0; ; hops++) {
      throwIfAborted(signal);
      const response = await respond(incoming, signal);
      if (response.type === 'error') throw fetchFailed();
      const location = REDIRECTS.includes(response.status) ? response.headers.get('location') : null;
      if (location === null || request.redirect === 'manual') {
        const { url } = incoming;
        return Object.defineProperties(response, { url: { value: url }, redirected: { value: hops > 0 } });
      }
      await response.body?.cancel();
      if (request.redirect === 'error') throw fetchFailed(new Error('unexpected redirect'));
      if (hops === MOST_REDIRECTS) throw fetchFailed(new Error('redirect count exceeded'));
      incoming = redirected(incoming, response.status, location);
    }
  };
  // The same function by another name: where there is no DOM, `PlatformFetch` stands for less than this takes.
  return fetch as PlatformFetch;
}
