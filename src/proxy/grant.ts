/** What `authorize` grants, and whether what it gave is a grant at all. */

import { describeUnknown, type KnownNames, unknownNames } from '../options/unknown-options.ts';
import type { PlatformResponse } from '../platform.ts';

/** What one visitor may do. With a name that is not among these it is no grant: a misspelt `visitor` would be nobody. */
export interface TwigProxyGrant {
  /** The agents that may be asked. */
  agentIds: string[];
  /** The organisations that may be searched, where `semanticSearch` is allowed. Default: none. */
  orgIds?: string[] | undefined;
  /**
   * Any text that names the visitor, always the same one for the same visitor and nobody else's: an account's id, or that
   * of a session. The ids of conversations and answers then are handed out sealed for him (`sealSecret`), and he can
   * continue and rate only what is his own. Without it, whoever knows or guesses an id can use it. Present and
   * `undefined` it is no grant: leave it out for nobody.
   */
  visitor?: string;
}

const MEMBERS: KnownNames = { agentIds: true, orgIds: true, visitor: true } satisfies Record<
  keyof TwigProxyGrant,
  true
>;

/** What `authorize` may give: a grant, `null` for nothing (403), or a response of its own. */
export type TwigProxyVerdict = TwigProxyGrant | PlatformResponse | null;

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

/** Whether it is a response, of whichever realm. */
export function isResponse(given: unknown): given is Response {
  const { status, headers } = Object(given) as Partial<Response>;
  return typeof status === 'number' && typeof headers?.forEach === 'function';
}

/** Why it is no grant; nothing where it is one. The values are not told: they may be a visitor's. */
export function whyNoGrant(given: unknown): string | undefined {
  const remedy = "Give { agentIds: ['agent_…'] }, null, or a Response.";
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return `authorize gave ${Array.isArray(given) ? 'a list' : typeof given}, which is no grant. ${remedy}`;
  }
  const { agentIds, orgIds, visitor } = given as Partial<TwigProxyGrant>;
  if (!isTexts(agentIds)) return `agentIds of what authorize gave is no list of texts. ${remedy}`;
  if (orgIds !== undefined && !isTexts(orgIds)) return 'orgIds of what authorize gave is no list of texts.';
  const [stranger] = unknownNames(given, MEMBERS);
  if (stranger !== undefined) return describeUnknown('authorize: the member', stranger, MEMBERS);
  // Somebody without a name, for whom one was meant, must not be let into the conversations of all others.
  if ('visitor' in given && (typeof visitor !== 'string' || !visitor.trim())) {
    return 'visitor of what authorize gave is no text that names anybody. Leave it out where nobody is meant.';
  }
  return undefined;
}
