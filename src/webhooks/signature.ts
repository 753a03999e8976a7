/** Signatures: HMAC-SHA256 of the raw body, read in every accepted encoding and compared in constant time. */

import type { TwigWebhookVerificationError } from '../errors.ts';
import type { HeadersLike } from '../platform.ts';
import { fromHex } from '../server/hex.ts';
import { fault } from './fault.ts';

/** The header that carries it. */
const SIGNATURE_HEADER = 'x-twig-signature';

/** The header's value, or the headers that hold it: Fetch's, or Node's object. */
export type SignatureSource = string | HeadersLike | Record<string, string | string[] | undefined> | null | undefined;

/** As many candidates as are looked at: more make the receiver work for nothing. */
const MOST_CANDIDATES = 16;

/** The delivery is not what somebody with the secret signed. */
export const invalid = (why: string): TwigWebhookVerificationError =>
  fault('invalid_signature', `The signature does not hold: ${why}.`);

/** Finds the signature header. */
export function signatureText(source: SignatureSource): string {
  let found: unknown = source;
  if (typeof source === 'object' && source) {
    if (typeof source.get === 'function') found = (source as HeadersLike).get(SIGNATURE_HEADER);
    else {
      const values = Object.entries(source)
        .filter(([name]) => name.toLowerCase() === SIGNATURE_HEADER)
        .flatMap(([, value]) => value ?? []);
      if (values.some((value) => value !== values[0])) throw invalid('the header came twice, with different values');
      [found] = values;
    }
  }
  if (typeof found !== 'string' || !found.trim()) {
    throw fault('missing_signature', `There is no ${SIGNATURE_HEADER} header: the delivery is not signed.`);
  }
  return found;
}

/** RFC 4648, section 4. */
const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** The 32 bytes that a text encodes as hex, base64 or base64url; nothing else is a signature. */
function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return fromHex(text);
  // 43 characters hold two bits too many: where they are not zero, it is no encoding of 32 bytes.
  if (!/^[\w+/-]{42}[AEIMQUYcgkosw048]=?$/.test(text)) return undefined;
  // By hand, because `atob` is not everywhere: every four digits are three bytes.
  const digits = Array.from(text.slice(0, 43).replace(/-/g, '+').replace(/_/g, '/'), (char) => BASE64.indexOf(char));
  return Uint8Array.from({ length: 32 }, (_, i) => {
    const at = Math.floor((i * 4) / 3);
    const pair = ((digits[at] ?? 0) << 6) | (digits[at + 1] ?? 0);
    return pair >> (4 - (i % 3) * 2);
  });
}

/** The signatures in a header: separated by commas or spaces, each with or without `sha256=`. */
export function candidates(header: string): Uint8Array<ArrayBuffer>[] {
  const texts = header.split(/[\s,]+/, MOST_CANDIDATES + 1).filter(Boolean);
  return texts.slice(0, MOST_CANDIDATES).flatMap((text) => decode(text.replace(/^sha256=/i, '')) ?? []);
}
