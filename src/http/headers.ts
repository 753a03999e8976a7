/** Headers as a plain object with lower-case names: merged case-insensitively, `null` removes. */

import { TwigConfigError } from '../errors.ts';
import type { HeadersLike } from '../platform.ts';

/** Headers to add; `null` removes a default, `undefined` changes nothing. */
export type HeadersInput = Readonly<Record<string, string | null | undefined>> | HeadersLike;

/** RFC 9110, section 5.6.2 (token). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** RFC 9110, section 5.5 (field-content): visible characters, spaces and tabs; fetch sends Latin-1 only. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Stands for a header that is filled in per call, so that `null` can remove it. No caller can give it: HTTP cannot carry it. */
export const UNSET = '\0';

/** Goes over headers in either form. */
function forEach(
  headers: HeadersInput | undefined,
  visit: (value: string | null | undefined, name: string) => void,
): void {
  if (typeof headers?.forEach === 'function') (headers as HeadersLike).forEach(visit);
  else for (const [name, value] of Object.entries(headers ?? {})) visit(value, name);
}

/** Adds `input` to `target`, in place. */
export function mergeHeaders(target: Record<string, string>, input: HeadersInput | undefined): Record<string, string> {
  forEach(input, (value, name) => {
    const key = String(name).toLowerCase();
    if (value === undefined) return;
    if (value === null) delete target[key];
    else if (NAME.test(key) && typeof value === 'string' && VALUE.test(value)) target[key] = value;
    else throw new TwigConfigError(`headers: "${name}" has a name or a value that HTTP cannot carry.`);
  });
  return target;
}

/** One set of headers over another, removals kept. */
export function joinHeaders(...inputs: (HeadersInput | undefined)[]): Record<string, string | null | undefined> {
  const joined: Record<string, string | null | undefined> = {};
  for (const input of inputs) {
    forEach(input, (value, name) => {
      joined[String(name).toLowerCase()] = value;
    });
  }
  return joined;
}

/** The only headers that logs and hooks see: none of them carries a secret. */
const SAFE =
  /^(accept|content-(type|length|encoding)|date|idempotency-key|retry-after(-ms)?|user-agent|x-request-id|x-ratelimit-.+)$/;

/** The headers that may be shown. */
export function safeHeaders(headers: Record<string, string> | HeadersLike): Record<string, string> {
  const safe: Record<string, string> = {};
  forEach(headers, (value, name) => {
    if (value && SAFE.test(name)) safe[name] = value;
  });
  return safe;
}
