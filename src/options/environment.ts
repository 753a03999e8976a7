/** Where the client runs. Looked at when a client is made, never at import. */

import { isNode } from '../node.ts';

// The globals that only some runtimes have; `typeof globalThis` cannot know.
const runtime = (): { navigator?: { userAgent?: string }; location?: { href?: string } } => globalThis;

/**
 * Whether this is a real browser, page or worker. Node with jsdom or happy-dom is not, nor are Workers, Deno, Bun and
 * React Native (their `navigator.userAgent` is their own name, or missing).
 */
export function isBrowser(): boolean {
  const { userAgent = '' } = runtime().navigator ?? {};
  return /^Mozilla\//.test(userAgent) && !/\b(jsdom|HappyDOM)\//.test(userAgent) && !isNode();
}

/** The page's address, against which a relative base URL resolves. */
export const pageUrl = (): string | undefined => runtime().location?.href;
