/** What a browser needs to hear before a page of a known origin may call (WHATWG Fetch, "CORS protocol"). */

/** Answers the browser's question before the request: what it asks for is allowed, to whom `allowOrigin` says. */
export function preflight(request: Request): Response {
  return new Response(null, {
    status: 204,
    headers: {
      'access-control-allow-methods': 'POST',
      // The protocol's own headers grow with its versions.
      'access-control-allow-headers':
        request.headers.get('access-control-request-headers') ?? 'authorization, content-type',
      'access-control-max-age': '600',
      vary: 'access-control-request-headers',
    },
  });
}

/** The response, with the page's origin allowed to read it where it is known. */
export function allowOrigin(request: Request, response: Response, isKnown: boolean): Response {
  const origin = request.headers.get('origin');
  if (origin === null) return response;
  const headers = new Headers(response.headers);
  headers.append('vary', 'origin');
  if (isKnown) {
    headers.set('access-control-allow-origin', origin);
    headers.set('access-control-expose-headers', 'www-authenticate');
  }
  return new Response(response.body, { status: response.status, headers });
}
