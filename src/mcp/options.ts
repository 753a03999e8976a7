/** What the tools are given, and what they make of it. */

import type { TwigClient } from '../client.ts';
import type { Clock } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';

/** What tools may do beyond reading. */
export type TwigToolPermission = 'feedback' | 'sync';

/** The part of a client that the tools use. */
export type TwigToolsClient = Pick<
  TwigClient,
  'agents' | 'dataSources' | 'interactions' | 'query' | 'rateLimits' | 'semanticSearch'
>;

/** Which tools there are, and how far they reach. A name that is not among them is refused. */
export interface TwigToolsOptions {
  /**
   * The only agents that there are for these tools, and, for `search_knowledge` and `sync_source`, the only ones whose data
   * sources there are. With one, `ask_agent` needs no `agentId`. Default: every agent that the key reaches.
   */
  agentIds?: readonly string[] | undefined;
  /** The organisation in which `search_knowledge` searches. Default: none, and no such tool. */
  orgId?: string | undefined;
  /** `feedback` adds `rate_answer`, `sync` adds `sync_source`. Default: none, so that nothing is changed. */
  allow?: readonly TwigToolPermission[] | undefined;
  /**
   * The most characters of an agent's or of documents' text in one result; what is longer is cut between characters, with a
   * note. At least 1. Default 25,000.
   */
  maxAnswerChars?: number | undefined;
  /** Time, for tests. Default: the platform's. */
  clock?: Clock | undefined;
}

/** The options, resolved. */
export interface ToolSettings {
  readonly client: TwigToolsClient;
  readonly agentIds: readonly string[] | undefined;
  readonly orgId: string | undefined;
  readonly allow: readonly TwigToolPermission[];
  readonly maxAnswerChars: number;
  readonly clock: Clock | undefined;
}

const OPTIONS: Record<keyof TwigToolsOptions, true> = {
  agentIds: true,
  orgId: true,
  allow: true,
  maxAnswerChars: true,
  clock: true,
};

const PERMISSIONS: Record<TwigToolPermission, true> = { feedback: true, sync: true };

const isId = (value: unknown): boolean => typeof value === 'string' && value.trim() === value && value !== '';

function namesOf(option: string, given: unknown): readonly string[] {
  if (Array.isArray(given) && given.every(isId)) return given;
  throw new TwigConfigError(`${option} must be a list of names, none of them blank or with white space around it.`);
}

/** Throws `TwigConfigError` where an option is wrong. */
export function resolveTools(client: TwigToolsClient, options: TwigToolsOptions): ToolSettings {
  refuseUnknown('registerTwigTools: the option', options, OPTIONS);
  const { agentIds, orgId, allow = [], maxAnswerChars = 25_000, clock } = options;
  if (!client) throw new TwigConfigError('registerTwigTools needs a client.');
  if (agentIds !== undefined) namesOf('agentIds', agentIds);
  if (orgId !== undefined && !isId(orgId)) throw new TwigConfigError('orgId must be an id, without white space.');
  const known: KnownNames = PERMISSIONS;
  refuseUnknown('allow:', Object.fromEntries(namesOf('allow', allow).map((name) => [name, true])), known);
  if (!(Number.isInteger(maxAnswerChars) && maxAnswerChars >= 1)) {
    throw new TwigConfigError('maxAnswerChars must be a whole number of at least 1.');
  }
  // The same agent twice would be listed twice.
  return { client, agentIds: agentIds && [...new Set(agentIds)], orgId, allow, maxAnswerChars, clock };
}
