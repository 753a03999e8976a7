/** Headers as the AI SDK hands them on: a plain object. */

import type { HeadersLike } from '../platform.ts';

/** The headers of an answer; empty when there was none. */
export function headersToObject(headers: HeadersLike | undefined): Record<string, string> {
  const plain: Record<string, string> = {};
  headers?.forEach((value, name) => {
    plain[name] = value;
  });
  return plain;
}
