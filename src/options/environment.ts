/** Where the client runs. Looked at when a client is made, never at import. */

import { isNode } from '../node.ts';
import { probe } from '../runtime.ts';

/**
 * Whether this is a real browser, page or worker. Node with jsdom or happy-dom is not, nor are Workers, Deno, Bun and
 * React Native (their `navigator.userAgent` is their own name, or missing).
 */
export function isBrowser(): boolean {
  const userAgent = probe(({ navigator }) => `${navigator?.userAgent}`) ?? '';
  return /^Mozilla\//.test(userAgent) && !/\b(jsdom|HappyDOM)\//.test(userAgent) && !isNode();
}

/** The page's address, against which a relative base URL resolves. */
export const pageUrl = (): string | undefined => probe(({ location }) => location?.href);
