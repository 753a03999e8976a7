/** Reading an answer: what its headers say, and what its body becomes. */

import type { CallAttempt, CallMeta, ResponseMeta } from '../errors.ts';
import { isPlainObject } from './casing.ts';
import type { AttemptContext, CallContext } from './context.ts';
import { readRateLimit } from './rate-limit.ts';
import { parseBody, unexpected } from './response.ts';

/** Notes what the headers of an answer say, for the call and its attempt. */
export function noteHeaders({ headers, status }: Response, meta: CallMeta, record: CallAttempt): void {
  const requestId = headers.get('x-request-id') ?? undefined;
  meta.status = record.status = status;
  meta.requestId = record.requestId = requestId;
  meta.headers = headers;
  meta.rateLimit = readRateLimit(headers);
}

/** Removes the key from what a server sent back: some echo it. */
export function cleaner(key: string | null): (text: string) => string {
  return (text) => (key && key.length > 7 ? text.replaceAll(key, '[redacted]') : text);
}

/** The same for the headers that an error will hold. */
export function cleanHeaders(meta: CallMeta, clean: (text: string) => string): void {
  meta.headers?.forEach((value, name) => {
    if (clean(value) === value) return;
    // A copy: the answer's own headers may be immutable.
    const copy = new Headers(meta.headers as Headers);
    copy.set(name, clean(value));
    meta.headers = copy;
  });
}

/** Makes camelCase data of a body's text. */
export function toData(context: CallContext, text: string, clean: (text: string) => string): unknown {
  const { call, fromWire, scope } = context;
  const parsed = parseBody(text, scope.meta, call.clock.now(), clean);
  try {
    return fromWire(parsed);
  } catch {
    throw unexpected('The answer is nested too deep', clean(text), scope.meta);
  }
}

/** Makes the result of a body that has been read. */
export function toResult<T>(context: AttemptContext<T>, text: string, clean: (text: string) => string): T {
  const { spec, scope } = context;
  // There was an answer: status and headers are noted.
  const meta = scope.meta as ResponseMeta;
  if (text.trim() === '') {
    if (spec.empty) return spec.empty();
    throw unexpected('The answer is empty', text, meta);
  }
  const data = toData(context, text, clean);
  if (!spec.read && !isPlainObject(data)) throw unexpected('The answer is not an object', clean(text), meta);
  // Without `read`, the data is the result: T is then the documented interface, which `schema` checks.
  const result = spec.read ? spec.read(data, meta) : (data as T);
  spec.fill?.(result);
  return result;
}
