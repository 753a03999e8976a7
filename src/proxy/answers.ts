/** What the page is told: the documented error shape, and nothing of the server's keys, headers or details. */

import { TwigAPIError, TwigError, TwigRateLimitError, TwigTimeoutError, TwigValidationError } from '../errors.ts';

/** An error as the page sees it. */
export interface PublicError {
  status: number;
  code: string;
  message: string;
  retryAfterMs?: number | undefined;
  requestId?: string | undefined;
}

/** An answer in JSON, never cached. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });
}

/** An error answer in the documented shape. */
export function errorResponse(error: PublicError, headers: Record<string, string> = {}): Response {
  const { status, code, message, requestId, retryAfterMs } = error;
  return jsonResponse(
    status,
    { error: { code, message }, request_id: requestId },
    {
      ...(requestId && { 'x-request-id': requestId }),
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      ...headers,
    },
  );
}

const refused = { code: 'invalid_request', message: 'The request was refused.' };
const unavailable = { code: 'upstream_error', message: 'The answer could not be had. Try again later.' };

/** What may be told of a fault: its kind, its wait and its request id. */
export function toPublic(error: unknown): PublicError {
  const requestId = error instanceof TwigError ? error.meta?.requestId : undefined;
  if (error instanceof TwigRateLimitError) {
    const { code, retryAfterMs } = error;
    return { status: 429, code, message: 'Too many questions. Try again in a moment.', retryAfterMs, requestId };
  }
  if (error instanceof TwigValidationError) return { status: 400, ...refused };
  if (error instanceof TwigAPIError && error.status < 500 && error.status !== 401 && error.status !== 403) {
    return { status: error.status, code: error.code, message: refused.message, requestId };
  }
  if (error instanceof TwigTimeoutError) return { status: 504, ...unavailable, requestId };
  return { status: 502, ...unavailable, requestId };
}
