/** Reading an answer: what its headers say, and what its body becomes. */

import type { CallAttempt, CallMeta, ResponseMeta } from '../errors.ts';
import type { CallSpec } from './call.ts';
import { isPlainObject } from './casing.ts';
import { readRateLimit } from './rate-limit.ts';
import { unexpected } from './response.ts';
import type { Validator } from './validation.ts';

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

/** Makes the result of a body that has been read. */
export async function toResult<T>(
  spec: CallSpec<T>,
  text: string,
  meta: ResponseMeta,
  operation: string,
  toData: (text: string) => unknown,
  validate: Validator | undefined,
): Promise<T> {
  if (text.trim() === '') {
    if (spec.empty) return spec.empty();
    throw unexpected('The answer is empty', text, meta);
  }
  const data = toData(text);
  if (!spec.read && !isPlainObject(data)) throw unexpected('The answer is not an object', text, meta);
  // Without `read`, the data is the result: T is then the documented interface, which `schema` checks.
  const result = spec.read ? spec.read(data, meta) : (data as T);
  spec.fill?.(result);
  if (spec.schema && validate) {
    await validate(spec.schema, spec.checked ? spec.checked(result) : result, operation, meta);
  }
  return result;
}
