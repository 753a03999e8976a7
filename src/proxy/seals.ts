/**
 * Ids that only the visitor to whom they were handed out can bring back: behind the id stands an HMAC over what it is an
 * id of, whose it is, and the id itself.
 */

import { isPlainObject, setOwn } from '../params/casing.ts';
import { fromHex, toHex } from '../server/hex.ts';
import { createHmac, type Hmac } from '../server/hmac.ts';
import { asSecrets } from '../server/secrets.ts';
import { forbidden } from './answers.ts';

/** What an id is an id of: one that continues a conversation rates nothing. */
export type IdKind = 'session' | 'interaction';

/** The ids of one visitor. */
export interface Ids {
  /** The id itself, for the API. Rejects with 403 when it was not handed out to this visitor. */
  open(kind: IdKind, id: unknown): unknown;
  /** The same data with every id in it sealed. */
  seal<T>(data: T): T | Promise<T>;
}

/** For visitors without a name: ids are what they are. */
export const OPEN_IDS: Ids = { open: (_kind, id) => id, seal: (data) => data };

/** The members that hold ids, wherever they stand. */
const KINDS: Record<string, IdKind> = { sessionId: 'session', interactionId: 'interaction' };

const SEALED = /^(.+)\.([0-9a-f]{64})$/s;

const NO_SECRET = 'A grant with a visitor needs the option sealSecret of createTwigProxy: it is missing or empty.';

/** Makes what seals for one proxy. */
export function createSeals(sealSecret: string | string[] | undefined): (visitor: string) => Ids {
  let hmac: Hmac | undefined;

  return (visitor) => {
    // With each request and not before: where modules are loaded to build, there are no secrets.
    const secrets = asSecrets(sealSecret, NO_SECRET);
    hmac ??= createHmac();
    const { find, sign } = hmac;
    // As JSON no two lists are the same text, and half a surrogate pair is not taken for another.
    const sealed = (kind: IdKind, id: string): string => JSON.stringify(['twig-proxy-id', kind, visitor, id]);

    const sealId = async (kind: IdKind, id: string): Promise<string> =>
      `${id}.${toHex(await sign(secrets[0] ?? '', sealed(kind, id)))}`;

    const sealAll = async (value: unknown): Promise<unknown> => {
      if (Array.isArray(value)) return Promise.all(value.map(sealAll));
      if (!isPlainObject(value)) return value;
      const result: Record<string, unknown> = {};
      for (const [name, item] of Object.entries(value)) {
        const kind = Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
        // Passages are the customer's own data.
        const isData = name === 'sources' || name === 'chunks';
        setOwn(
          result,
          name,
          kind && typeof item === 'string' && item ? await sealId(kind, item) : isData ? item : await sealAll(item),
        );
      }
      return result;
    };

    return {
      async open(kind, given) {
        const [, id, mac] = (typeof given === 'string' && SEALED.exec(given)) || [];
        let isOwn = false;
        if (id !== undefined && mac !== undefined) {
          const macs = [fromHex(mac)];
          // Every secret is tried, whatever matched before.
          for (const secret of secrets) isOwn = !!(await find(secret, sealed(kind, id), macs)) || isOwn;
        }
        if (!isOwn) throw forbidden();
        return id;
      },
      // The cast: it is the same data but for the texts of some ids.
      seal: <T>(data: T) => sealAll(data) as Promise<T>,
    };
  };
}
