/** Answers become data or errors here. An error is born from a response in this file only. */

import type { Clock } from '../clock.ts';
import {
  TwigAPIError,
  type TwigAPIErrorOptions,
  TwigAuthenticationError,
  TwigBadRequestError,
  TwigNotFoundError,
  TwigPermissionError,
  TwigRateLimitError,
  TwigResponseValidationError,
  TwigServerError,
  TwigServiceUnavailableError,
} from '../errors.ts';
import type { CallMeta, ResponseMeta } from '../meta.ts';
import { PROXY_CREDENTIALS } from './connection-faults.ts';
import { cutText } from './cut-text.ts';
import type { HttpResponse } from './http-response.ts';
import { readRetryAfter } from './retry-after.ts';
import { createTextDecoder } from './text-decoder.ts';

/** The statuses that say "later": RFC 9110 (408, 500, 502, 503, 504) and RFC 6585 (429). */
export const isRetryableStatus = (status: number): boolean => [408, 429, 500, 502, 503, 504].includes(status);

/** As much of an error's body as is read. */
const ERROR_BODY_LIMIT = 64 * 1024;
const SNIPPET_LIMIT = 1024;

/** The documented codes, what to do about each, and its class (API reference, "Error Codes"). */
type Row = [status: number, code: string, hint: string, kind: new (m: string, o: TwigAPIErrorOptions) => TwigAPIError];

const rows = (): Row[] => [
  [400, 'invalid_request', 'Check the arguments against the API reference.', TwigBadRequestError],
  [401, 'unauthorized', 'Check the key, or make a new one under Settings → API Keys.', TwigAuthenticationError],
  [403, 'forbidden', 'The key lacks the scope of this call: see Settings → API Keys.', TwigPermissionError],
  [404, 'not_found', 'Check the id, and that it was not deleted.', TwigNotFoundError],
  [407, 'http_407', PROXY_CREDENTIALS, TwigAPIError],
  [429, 'rate_limit_exceeded', 'Wait for retryAfterMs, or give the client a rateLimiter.', TwigRateLimitError],
  [500, 'internal_error', 'Try again later; name the requestId to support if it stays.', TwigServerError],
  [503, 'service_unavailable', 'Maintenance or overload: try again in some minutes.', TwigServiceUnavailableError],
];

type Fields = Record<string, unknown>;
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const textOf = (value: unknown): string | undefined => (typeof value === 'string' && value ? value : undefined);

/** Whether a body is one of the error shapes although its status says success, or an event of a stream says error. */
function isErrorBody(body: unknown): boolean {
  const { error, status } = fields(body);
  if (!error) return false;
  if (typeof status === 'number') return status >= 400;
  // A text beside other members may be the state of an object that has one, as of a data source.
  const isBare = Object.keys(fields(body)).every((key) => ['error', 'status', 'request_id'].includes(key));
  return status === 'error' && (typeof error === 'object' || isBare);
}

/**
 * The typed error for a status and a body of any of the known shapes: `{error: {code, message, details}, request_id}`,
 * `{error: {…, retryAfter}, status}`, `{error: 'text', status}`, or no JSON at all. Without a status (an error event, an
 * error in a 200) the body's own or its code's documented one counts.
 */
export function apiError(text: string, meta: ResponseMeta, clock: Clock, answered?: number): TwigAPIError {
  const body = parseErrorBody(text);
  const outer = fields(body);
  const inner = typeof outer.error === 'string' ? { ...outer, message: outer.error } : fields(outer.error ?? body);
  const named = typeof outer.status === 'number' && outer.status >= 400 ? outer.status : undefined;
  const table = rows();
  const known = answered ?? named ?? table.find((row) => row[1] === inner.code)?.[0];
  const status = known ?? 500;
  const row = table.find((candidate) => candidate[0] === status);
  meta.requestId = textOf(outer.request_id) ?? textOf(inner.request_id) ?? meta.requestId;
  const { headers } = meta;
  const Kind = row?.[3] ?? (status >= 500 ? TwigServerError : TwigAPIError);
  return new Kind(textOf(inner.message) ?? textOf(outer.message) ?? `The API answered ${status}.`, {
    code: textOf(inner.code) ?? row?.[1] ?? `http_${status}`,
    status,
    details: typeof body === 'string' ? snippet(body) : inner.details,
    retryAfterMs:
      headers && readRetryAfter(headers, inner.retryAfter ?? inner.retry_after, status, meta.rateLimit, clock),
    hint: row?.[2],
    // A code that nobody documents, in an answer that says success, allows no repetition.
    isRetryable: known !== undefined && isRetryableStatus(known),
    meta,
  });
}

/** The beginning of a body, for errors. */
const snippet = (text: string): string => cutText(text, SNIPPET_LIMIT);

/** An answer that is not what the call promises. */
export function unexpected(what: string, text: string | undefined, meta: CallMeta): TwigResponseValidationError {
  const type = meta.headers?.get('content-type') ?? 'no content type';
  const page =
    text !== undefined && /^\s*</.test(text) ? ' It looks like the page of a proxy or gateway: check baseUrl.' : '';
  return new TwigResponseValidationError(`${what} (status ${meta.status}, ${type}).${page}`, {
    meta,
    bodySnippet: text && snippet(text),
  });
}

/** Parses a successful body, and takes the data out of the envelope `{data, status: 'success'}`. */
export function parseBody(text: string, meta: ResponseMeta, clock: Clock, redact: (text: string) => string): unknown {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw unexpected('The answer is not JSON', redact(text), meta);
  }
  const { request_id: requestId, status, data } = fields(body);
  if (typeof requestId === 'string') meta.requestId = redact(requestId);
  if (isErrorBody(body)) throw apiError(redact(text), meta, clock);
  const isEnvelope =
    status === 'success' &&
    data !== undefined &&
    Object.keys(body as object).every((key) => key === 'data' || key === 'status' || key === 'request_id');
  return isEnvelope ? data : body;
}

/** Parses what came with an error status: JSON if it is, else the text. */
function parseErrorBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Reads an error's body up to its limit and gives up the rest. A body that breaks off gives what had come. */
export async function readErrorText(response: HttpResponse): Promise<string> {
  const reader = response.reader();
  const decode = createTextDecoder();
  let text = '';
  let size = 0;
  try {
    while (reader && size < ERROR_BODY_LIMIT) {
      const { done, value = '' } = await reader.read();
      if (done) return text;
      const piece =
        typeof value === 'string'
          ? value.slice(0, ERROR_BODY_LIMIT - size)
          : value.subarray(0, ERROR_BODY_LIMIT - size);
      text += decode(piece);
      size += piece.length;
    }
  } catch {
    // The status is known: it says more than the break.
  }
  response.cancel();
  return text;
}
