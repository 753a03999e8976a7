/** Pages of other origins: kept out, or let in (WHATWG Fetch, "CORS protocol") when it is asked for. */

/** Which origins may use the proxy. */
export interface CorsOptions {
  /** As `https://app.example.com`: scheme, host and port. */
  origins: string[];
}

function originOf(request: Request, { origins }: CorsOptions): string | undefined {
  const origin = request.headers.get('origin');
  return origin !== null && origins.includes(origin) ? origin : undefined;
}

/**
 * Whether a page of an origin sends it that was not let in. Such a page could not read the answer, but its request, with
 * the visitor's cookies, would count. Browsers tell (W3C, Fetch Metadata), and no page can forge that.
 */
export function isForeign(request: Request, cors: CorsOptions | undefined): boolean {
  const site = request.headers.get('sec-fetch-site') ?? 'none';
  return site !== 'none' && site !== 'same-origin' && !(cors && originOf(request, cors));
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
