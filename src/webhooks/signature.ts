/** Signatures: HMAC-SHA256 of the raw body, read in every accepted encoding and compared in constant time. */

import type { HeadersLike } from '../core/platform.ts';
import type { TwigWebhookVerificationError } from '../errors.ts';
import { fault } from './fault.ts';
import { toHex } from './hmac.ts';

/** The header that carries it. */
const SIGNATURE_HEADER = 'x-twig-signature';

/** The header's value, or the headers that hold it: Fetch's, or Node's object. */
export type SignatureSource = string | HeadersLike | Record<string, string | string[] | undefined> | null | undefined;

/** As many candidates as are looked at: more make the receiver work for nothing. */
const MOST_CANDIDATES = 16;

/** The delivery is not what somebody with the secret signed. */
export const invalid = (why: string): TwigWebhookVerificationError =>
  fault(
    'invalid_signature',
    `The signature does not hold: ${why}.`,
    'Check the secret of the endpoint, and pass the body as it came, byte for byte.',
  );

/** Finds the signature header. */
export function signatureText(source: SignatureSource): string {
  let found: string | null | undefined;
  if (typeof source === 'string') found = source;
  else if (source && typeof source.get === 'function') found = (source as HeadersLike).get(SIGNATURE_HEADER);
  else {
    const values = Object.entries(source ?? {})
      .filter(([name]) => name.toLowerCase() === SIGNATURE_HEADER)
      .flatMap(([, value]) => value ?? []);
    if (values.some((value) => value !== values[0])) throw invalid('the header came twice, with different values');
    found = values[0] as string | undefined;
  }
  if (!found?.trim()) {
    throw fault('missing_signature', `There is no ${SIGNATURE_HEADER} header: the delivery is not signed.`);
  }
  return found;
}

/** A signature in lower-case hex, from hex, base64 or base64url of 32 bytes; anything else is none. */
function decode(text: string): string | undefined {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase();
  // 43 characters hold two bits too many: where they are not zero, it is no encoding of 32 bytes.
  if (!/^[\w+/-]{42}[AEIMQUYcgkosw048]=?$/.test(text)) return undefined;
  const binary = atob(text.slice(0, 43).replace(/-/g, '+').replace(/_/g, '/'));
  return toHex(Uint8Array.from(binary, (byte) => byte.charCodeAt(0)));
}

/** The signatures in a header, in hex: separated by commas or spaces, each with or without `sha256=`. */
export function candidates(header: string): string[] {
  const texts = header.match(/[^\s,]+/g) ?? [];
  return texts.slice(0, MOST_CANDIDATES).flatMap((text) => decode(text.replace(/^sha256=/i, '')) ?? []);
}

/** Whether two signatures are the same, in a time that does not tell where they differ. */
export function isSame(a: string, b: string): boolean {
  let difference = 0;
  for (let i = 0; i < 64; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}
