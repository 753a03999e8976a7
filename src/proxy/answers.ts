/** What the page is told: the documented error shape, and nothing of the server's keys, headers or details. */

import {
  TwigAPIError,
  TwigError,
  TwigRateLimitError,
  TwigRateLimiterError,
  TwigTimeoutError,
  TwigValidationError,
} from '../errors.ts';

/** An error as the page sees it. */
export interface PublicError {
  status: number;
  code: string;
  message: string;
  retryAfterMs?: number | undefined;
  requestId?: string | undefined;
}

/** Ends the handling of a request with an answer. */
export class Refusal extends Error {
  readonly answer: PublicError;

  constructor(answer: PublicError) {
    super(answer.message);
    this.answer = answer;
  }
}

/** 403. Of what a visitor may not do it does not say more. */
export const forbidden = (message = 'This is not allowed.'): Refusal =>
  new Refusal({ status: 403, code: 'forbidden', message });

/** 400, and why. */
export const invalid = (message: string): Refusal => new Refusal({ status: 400, code: 'invalid_request', message });

/** The header of a request id. One that came in a body may hold what no header can carry. */
export const idHeader = (requestId: string | undefined): Record<string, string> =>
  requestId && /^[\x21-\x7e]+$/.test(requestId) ? { 'x-request-id': requestId } : {};

/** An answer in JSON, never cached. */
export function jsonResponse(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  });
}

/** An error answer in the documented shape. */
export function errorResponse({ status, code, message, requestId, retryAfterMs }: PublicError): Response {
  return jsonResponse(
    status,
    { error: { code, message }, request_id: requestId },
    {
      ...idHeader(requestId),
      ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) }),
      ...(status === 405 && { allow: 'POST' }),
    },
  );
}

const refused = { code: 'invalid_request', message: 'The request was refused.' };
const unavailable = { code: 'upstream_error', message: 'The answer could not be had. Try again later.' };
const tooMany = { code: 'rate_limit_exceeded', message: 'Too many questions. Try again in a moment.' };

/** What may be told of a fault: its kind, its wait and its request id. */
export function toPublic(error: unknown): PublicError {
  const requestId = error instanceof TwigError ? error.meta?.requestId : undefined;
  if (error instanceof TwigRateLimitError) {
    const { code, retryAfterMs } = error;
    return { ...tooMany, status: 429, code, retryAfterMs, requestId };
  }
  if (error instanceof TwigRateLimiterError) return { ...tooMany, status: 429 };
  if (error instanceof TwigValidationError) return { ...refused, status: 400 };
  if (error instanceof TwigAPIError) {
    const { code, status } = error;
    const isTheirs = status >= 400 && status < 500 && status !== 401 && status !== 403;
    return isTheirs ? { ...refused, status, code, requestId } : { ...unavailable, status: 502, requestId };
  }
  return { ...unavailable, status: error instanceof TwigTimeoutError ? 504 : 502, requestId };
}
