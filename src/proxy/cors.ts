/** Pages of other origins: kept out, or let in (WHATWG Fetch, "CORS protocol") when it is asked for. */

import { TwigConfigError } from '../errors.ts';
import { refuseUnknown } from '../options/unknown-options.ts';

/** Which origins may use the proxy. */
export interface CorsOptions {
  /** Each as `https://app.example.com`: scheme, host and port. There is no wildcard. */
  origins: string[];
}

/** An origin as browsers write it: in lower case, without a default port and without a slash at the end. */
function toOrigin(given: unknown): string {
  const text = String(given).replace(/\/$/, '');
  if (!text.includes('*')) {
    if (/^https?:\/\//i.test(text) && URL.canParse(text)) {
      const { href, origin } = new URL(text);
      if (href === `${origin}/`) return origin;
    }
    // Of apps and extensions, and of pages that have none.
    else if (/^(?!https?:)[a-z][\w+.-]*:\/\/[^/]+$|^null$/i.test(text)) return text;
  }
  throw new TwigConfigError(
    `cors.origins holds ${String(given)}, which is no origin: give scheme, host and port of each, as https://app.example.com.`,
  );
}

/** The options with all origins as browsers write them. Throws `TwigConfigError` for what is none. */
export function readCors(options: CorsOptions): CorsOptions {
  refuseUnknown('createTwigProxy: in cors,', options, { origins: true });
  const { origins } = options;
  if (!Array.isArray(origins)) throw new TwigConfigError("cors.origins must be a list: ['https://app.example.com'].");
  return { origins: origins.map(toOrigin) };
}

function originOf(request: Request, { origins }: CorsOptions): string | undefined {
  const origin = request.headers.get('origin');
  return origin !== null && origins.includes(origin) ? origin : undefined;
}

/**
 * Whether an origin is the request's own: the host that it was sent to, and its port. Of the scheme a server behind TLS
 * that ends before it knows nothing, so `https` counts where it was sent to `http`; never the other way round. No header
 * that somebody in between would have to set is believed (`X-Forwarded-Host`).
 */
function isOwn(origin: string, request: Request): boolean {
  const { protocol, host } = new URL(request.url);
  const scheme = /^https?:(?=\/\/)/.exec(origin)?.[0];
  if (!scheme || (protocol === 'https:' && scheme !== protocol)) return false;
  try {
    // The header before the address: some frameworks put the machine's own name there. Read with the page's scheme, its
    // default port is none (WHATWG URL).
    return new URL(`${scheme}//${request.headers.get('host') ?? host}`).host === new URL(origin).host;
  } catch {
    return false;
  }
}

/**
 * Whether a page of an origin sends it that was not let in. Such a page could not read the answer, but its request, with
 * the visitor's cookies, would count. Browsers tell by `Sec-Fetch-Site` (W3C, Fetch Metadata), where they hold the address
 * for trustworthy; else by `Origin` (WHATWG Fetch, "Origin header"). No page can forge or leave out either: what comes
 * with neither was sent by no page.
 */
export function isForeign(request: Request, cors: CorsOptions | undefined): boolean {
  if (cors && originOf(request, cors)) return false;
  const site = request.headers.get('sec-fetch-site');
  if (site !== null) return site !== 'none' && site !== 'same-origin';
  const origin = request.headers.get('origin');
  return origin !== null && !isOwn(origin, request);
}

/** Answers the browser's question before the request. */
export function preflight(request: Request, cors: CorsOptions): Response {
  const origin = originOf(request, cors);
  if (!origin) return new Response(null, { status: 403 });
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'accept, authorization, content-type, idempotency-key',
      'access-control-max-age': '600',
      vary: 'origin',
    },
  });
}

/** The response with the origin allowed, and the headers that the page's client reads shown to it. */
export function allowOrigin(request: Request, response: Response, cors: CorsOptions): Response {
  const headers = new Headers(response.headers);
  headers.append('vary', 'origin');
  const origin = originOf(request, cors);
  if (origin) {
    headers.set('access-control-allow-origin', origin);
    headers.set('access-control-expose-headers', 'retry-after, x-request-id');
  }
  return new Response(response.body, { status: response.status, headers });
}
