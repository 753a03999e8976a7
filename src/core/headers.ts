/** Headers as a plain object with lower-case names: merged case-insensitively, `null` removes. */

import { TwigConfigError } from '../errors.ts';
import type { HeadersLike } from './platform.ts';

/** Headers to add; `null` removes a default, `undefined` changes nothing. */
export type HeadersInput = Readonly<Record<string, string | null | undefined>> | HeadersLike;

/** RFC 9110, section 5.6.2 (token). */
const NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/;
/** RFC 9110, section 5.5 (field-content): visible characters, spaces and tabs; fetch sends Latin-1 only. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Adds `input` to `target`, in place. */
export function mergeHeaders(target: Record<string, string>, input: HeadersInput | undefined): Record<string, string> {
  if (!input) return target;
  const set = (value: unknown, name: string): void => {
    const key = name.toLowerCase();
    if (value === undefined) return;
    if (value === null) delete target[key];
    else if (NAME.test(key) && typeof value === 'string' && VALUE.test(value)) target[key] = value;
    else throw new TwigConfigError(`headers: "${name}" has a name or a value that HTTP cannot carry.`);
  };
  if (typeof input.forEach === 'function') (input as HeadersLike).forEach(set);
  else for (const [name, value] of Object.entries(input)) set(value, name);
  return target;
}

/** One set of headers over another, removals kept. */
export function joinHeaders(...inputs: (HeadersInput | undefined)[]): Record<string, string | null | undefined> {
  const joined: Record<string, string | null | undefined> = {};
  for (const input of inputs) {
    if (!input) continue;
    if (typeof input.forEach === 'function') {
      (input as HeadersLike).forEach((value, name) => {
        joined[name.toLowerCase()] = value;
      });
    } else for (const [name, value] of Object.entries(input)) joined[name.toLowerCase()] = value;
  }
  return joined;
}

/** The only headers that logs and hooks see: none of them carries a secret. */
const SAFE =
  /^(accept|content-(type|length|encoding)|date|idempotency-key|retry-after(-ms)?|user-agent|x-request-id|x-ratelimit-.+)$/;

/** The headers that may be shown. */
export function safeHeaders(headers: Record<string, string> | HeadersLike): Record<string, string> {
  const safe: Record<string, string> = {};
  const add = (value: string, name: string): void => {
    if (SAFE.test(name)) safe[name] = value;
  };
  if (typeof headers.forEach === 'function') (headers as HeadersLike).forEach(add);
  else for (const [name, value] of Object.entries(headers as Record<string, string>)) add(value, name);
  return safe;
}
