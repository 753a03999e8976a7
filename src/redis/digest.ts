/** Digests, by Web Crypto, which every runtime has that has a client of Redis. */

import { need } from '../runtime.ts';

/** The digest of a text. */
export async function digest(algorithm: 'SHA-1' | 'SHA-256', text: string): Promise<Uint8Array> {
  const { subtle } = need('crypto', 'Sharing over Redis');
  const bytes = new (need('TextEncoder', 'Sharing over Redis'))().encode(text);
  // `subtle` is missing on pages without HTTPS only, where no client of Redis runs.
  return new Uint8Array((await subtle?.digest(algorithm, bytes)) ?? []);
}
