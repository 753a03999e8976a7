/** HMAC-SHA256: Node's own, synchronous, where there is one (5 µs), and Web Crypto everywhere else (75 µs). */

import { TwigConfigError } from '../errors.ts';
import { builtinModule } from '../node.ts';
import { need } from '../runtime.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Awaitable<T> = T | Promise<T>;

interface NodeCrypto {
  createHmac(name: 'sha256', key: string): { update(data: string | Bytes): { digest(): Bytes } };
  timingSafeEqual(a: Bytes, b: Bytes): boolean;
}

/** Signs and compares for one receiver. */
export interface Hmac {
  /** The HMAC of a body. */
  sign(secret: string, body: string | Bytes): Awaitable<Bytes>;
  /** Which of the signatures, of 32 bytes each, the secret made. All are compared, whatever matched before. */
  find(secret: string, body: string | Bytes, signatures: Bytes[]): Awaitable<Bytes | undefined>;
}

/** As many keys as are kept: secrets rotate, and few are in use at a time. */
const MOST_KEYS = 16;

/** What it is needed for, in the words of the messages: webhooks are verified with it, ids sealed. */
const PURPOSE = 'Signing with HMAC-SHA256';

const toBytes = (body: string | Bytes): Bytes =>
  typeof body === 'string' ? new (need('TextEncoder', PURPOSE))().encode(body) : body;

/** Makes the functions, by whichever means this runtime has. */
export function createHmac(): Hmac {
  // What only imitates Node may have a part of it,
  const { createHmac: create, timingSafeEqual }: Partial<NodeCrypto> = builtinModule('crypto') ?? {};
  if (!create || !timingSafeEqual) return createWebHmac();
  // or functions that throw when they are called.
  let web: Hmac | undefined;
  const orWeb = <Result>(ofNode: () => Result, ofWeb: (web: Hmac) => Awaitable<Result>): Awaitable<Result> => {
    if (web) return ofWeb(web);
    try {
      return ofNode();
    } catch {
      web = createWebHmac();
      return ofWeb(web);
    }
  };
  const sign = (secret: string, body: string | Bytes): Bytes => create('sha256', secret).update(body).digest();
  return {
    sign: (secret, body) =>
      orWeb(
        () => sign(secret, body),
        (web) => web.sign(secret, body),
      ),
    find: (secret, body, signatures) =>
      orWeb(
        () => {
          const expected = sign(secret, body);
          return signatures.filter((signature) => timingSafeEqual(expected, signature))[0];
        },
        (web) => web.find(secret, body, signatures),
      ),
  };
}

/** Throws `TwigConfigError` where there is no Web Crypto. */
function createWebHmac(): Hmac {
  const { subtle } = need('crypto', PURPOSE);
  if (!subtle) throw new TwigConfigError(`${PURPOSE} needs crypto.subtle, which pages have on https: only.`);
  // Imported keys are kept, because importing costs as much as signing; not their promises, which belong to a request.
  const keys = new Map<string, CryptoKey>();
  const keyOf = async (secret: string): Promise<CryptoKey> => {
    let key = keys.get(secret);
    if (!key) {
      const algorithm = { name: 'HMAC', hash: 'SHA-256' };
      key = await subtle.importKey('raw', toBytes(secret), algorithm, false, ['sign', 'verify']);
      if (keys.size >= MOST_KEYS) keys.clear();
      keys.set(secret, key);
    }
    return key;
  };
  return {
    sign: async (secret, body) => new Uint8Array(await subtle.sign('HMAC', await keyOf(secret), toBytes(body))),
    async find(secret, body, signatures) {
      const key = await keyOf(secret);
      const bytes = toBytes(body);
      let match: Bytes | undefined;
      for (const signature of signatures) {
        // Constant in time by specification (W3C Web Cryptography, "verify" of HMAC).
        if (await subtle.verify('HMAC', key, signature, bytes)) match = signature;
      }
      return match;
    },
  };
}
