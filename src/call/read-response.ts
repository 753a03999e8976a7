/** Reading an answer: what its headers say, and what its body becomes. */

import type { Clock } from '../clock.ts';
import { parseBody, unexpected } from '../http/error-response.ts';
import type { HttpResponse } from '../http/http-response.ts';
import { readRateLimit } from '../http/rate-limit.ts';
import type { CallAttempt, CallMeta, ResponseMeta } from '../meta.ts';
import { isPlainObject } from '../params/casing.ts';
import type { AttemptContext, CallContext } from './context.ts';

/** Notes what the headers of an answer say, for the call and its attempt: without the key, which some servers echo. */
export function noteHeaders(
  response: HttpResponse,
  meta: CallMeta,
  record: CallAttempt,
  clock: Clock,
  redact: (text: string) => string,
): ResponseMeta {
  const { status, fields } = response;
  const named = fields.get('x-request-id');
  const requestId = named === null ? undefined : redact(named);
  Object.assign(record, { status, requestId });
  Object.assign(meta, { status, requestId, rateLimit: readRateLimit(fields, clock) });
  // To copy them all takes longer than all that is read of them, and most callers never look.
  const headers = { configurable: true, enumerable: true, get: response.headers };
  // The cast: it has them now.
  return Object.defineProperty(meta, 'headers', headers) as ResponseMeta;
}

/** Makes the headers plain data, if there are any: for who inspects or copies what is known of a call. */
export function showHeaders(meta: CallMeta): void {
  const { headers } = meta;
  if (headers) Object.defineProperty(meta, 'headers', { value: headers, writable: true });
}

/** Makes camelCase data of a body's text. */
export function toData(context: CallContext, text: string, redact: (text: string) => string): unknown {
  const { call, fromWire, lifetime } = context;
  // There was an answer: status and headers are noted.
  const meta = lifetime.meta as ResponseMeta;
  const parsed = parseBody(text, meta, call.clock, redact);
  try {
    return fromWire(parsed);
  } catch {
    throw unexpected('The answer is nested too deep', redact(text), meta);
  }
}

/** Makes the result of a body that has been read. */
export function toResult<T>(context: AttemptContext<T>, text: string, redact: (text: string) => string): T {
  const { spec, lifetime } = context;
  // There was an answer: status and headers are noted.
  const meta = lifetime.meta as ResponseMeta;
  const fail = (what: string): never => {
    throw unexpected(what, redact(text), meta);
  };
  if (text.trim() === '') return spec.empty ? spec.empty() : fail('The answer is empty');
  const data = toData(context, text, redact);
  if (!spec.read && !isPlainObject(data)) fail('The answer is not an object');
  // Without `read`, the data is the result: T is then the documented interface, which `schema` checks.
  const result = spec.read ? spec.read(data, meta, fail) : (data as T);
  spec.fill?.(result);
  return result;
}
