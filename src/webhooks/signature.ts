/** Signatures: HMAC-SHA256 of the raw body, read in every accepted encoding and compared in constant time. */

import type { HeadersLike } from '../core/platform.ts';
import { TwigWebhookVerificationError } from '../errors.ts';

/** The header that carries it. */
export const SIGNATURE_HEADER = 'x-twig-signature';

/** The header's value, or the headers that hold it: Fetch's, or Node's object. */
export type SignatureSource = string | HeadersLike | Record<string, string | string[] | undefined> | null | undefined;

/** As many candidates as are looked at: more make the receiver work for nothing. */
const MOST_CANDIDATES = 16;

const missing = (): TwigWebhookVerificationError =>
  new TwigWebhookVerificationError(`There is no ${SIGNATURE_HEADER} header: the delivery is not signed.`, {
    code: 'missing_signature',
  });

/** The delivery is not what somebody with the secret signed. */
export const invalid = (why: string): TwigWebhookVerificationError =>
  new TwigWebhookVerificationError(`The signature does not hold: ${why}.`, {
    code: 'invalid_signature',
    hint: 'Check that the secret is that of this endpoint, and that the body is passed as it came, byte for byte.',
  });

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
  if (!found?.trim()) throw missing();
  return found;
}

/** The 32 bytes that a text encodes as hex, base64 or base64url; nothing else is a signature. */
function decode(text: string): Uint8Array<ArrayBuffer> | undefined {
  const bytes = new Uint8Array(32);
  if (/^[0-9a-f]{64}$/i.test(text)) {
    for (let i = 0; i < 32; i++) bytes[i] = Number.parseInt(text.slice(i * 2, i * 2 + 2), 16);
    return bytes;
  }
  // 43 characters hold two bits too many: where they are not zero, it is no encoding of 32 bytes.
  if (!/^[\w+/-]{42}[AEIMQUYcgkosw048]=?$/.test(text)) return undefined;
  const binary = atob(text.slice(0, 43).replace(/-/g, '+').replace(/_/g, '/'));
  for (let i = 0; i < 32; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** The signatures in a header: separated by commas or spaces, each with or without `sha256=`. */
export function candidates(header: string): Uint8Array<ArrayBuffer>[] {
  return header
    .split(/[\s,]+/, MOST_CANDIDATES + 1)
    .filter(Boolean)
    .slice(0, MOST_CANDIDATES)
    .flatMap((text) => decode(text.replace(/^sha256=/i, '')) ?? []);
}

/** Lower-case hex. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
