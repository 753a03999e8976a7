/** What the command is told to do. No argument is ever printed: it could be a key. */

import { parseArgs } from 'node:util';
import { TwigConfigError } from '@twig/sdk';
import type { TwigToolPermission } from '@twig/sdk/mcp';
import type { TwigMcpOptions } from './server.ts';

/** What the command shows of itself. */
export const HELP = `Usage: twig-mcp [options]

Serves Twig agents to MCP clients, over stdio.

  --agents IDS            The only agents that there are: agent_a,agent_b. With one, ask_agent needs no id.
  --org ID                Adds search_knowledge in this organisation. Default: TWIG_ORG_ID.
  --allow WHAT            feedback adds rate_answer, sync adds sync_source: feedback,sync.
  --max-answer-chars N    The most characters of an answer. Default 25000.
  --http                  Serves over HTTP on 127.0.0.1 instead, and prints what to configure.
  --port N                The port for --http; 0 for any that is free. Default 4011.
  --help, --version

Environment:
  TWIG_API_KEY            The key. Needed by the first call, not to start.
  TWIG_API_KEY_FILE       The path of a file that holds it, instead.
  TWIG_ORG_ID             See --org.
  TWIG_BASE_URL           Another API, the mock say.
  TWIG_LOG                error, warn, info or debug, to stderr. Default warn.
  TWIG_MCP_TOKEN          The token that --http asks for. Default: a new one with each start.
`;

const OPTIONS = {
  agents: { type: 'string' },
  org: { type: 'string' },
  allow: { type: 'string' },
  'max-answer-chars': { type: 'string' },
  http: { type: 'boolean' },
  port: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

const NO_KEYS =
  'A key is never an argument, where ps and configurations show it: set TWIG_API_KEY, or TWIG_API_KEY_FILE to the path of a file that holds it.';

/** How keys look in a list of ids: those of Twig, and those of most others. An id may well be `agent_test_1`. */
const LOOKS_LIKE_A_KEY = /twigsk|(^|,)((sk|pk|key|bearer)[-_ ]|(?!\s*(agent|org)_)[^,]*_(live|test)_)/i;

/** What was asked for. */
export interface Command {
  what: 'help' | 'version' | 'stdio' | 'http';
  port: number;
  options: TwigMcpOptions;
}

function wholeNumber(option: string, text: string, most: number): number {
  if (/^\d+$/.test(text) && Number(text) <= most) return Number(text);
  throw new TwigConfigError(`--${option} takes a whole number of at most ${most}.`);
}

const listOf = (text: string): string[] =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);

/** Refuses what is no option of ours, in words of its own: those of `parseArgs` repeat what was given. */
function check(args: string[]): void {
  const { tokens } = parseArgs({ args, options: OPTIONS, strict: false, tokens: true });
  for (const token of tokens) {
    if (token.kind === 'positional') throw new TwigConfigError(`twig-mcp takes options only. ${NO_KEYS}`);
    if (token.kind !== 'option') continue;
    if (LOOKS_LIKE_A_KEY.test(token.value ?? '') || /key|token|secret/i.test(token.name))
      throw new TwigConfigError(NO_KEYS);
    const isKnown = Object.hasOwn(OPTIONS, token.name);
    const name = /^[a-z-]{1,24}$/.test(token.name) ? `--${token.name}` : 'One of the options';
    if (!isKnown) throw new TwigConfigError(`${name} is unknown. See twig-mcp --help.`);
    const takesValue = OPTIONS[token.name as keyof typeof OPTIONS].type === 'string';
    if (takesValue && !token.value) throw new TwigConfigError(`--${token.name} needs a value. See twig-mcp --help.`);
    if (!takesValue && token.value !== undefined) throw new TwigConfigError(`--${token.name} takes no value.`);
  }
}

const isPermission = (name: string): name is TwigToolPermission => name === 'feedback' || name === 'sync';

function permissions(names: string[]): TwigToolPermission[] {
  if (names.every(isPermission)) return names;
  throw new TwigConfigError('--allow takes feedback, sync, or both: feedback,sync.');
}

/** Reads the arguments. Throws `TwigConfigError`. */
export function readArguments(args: string[], env: Record<string, string | undefined>): Command {
  check(args);
  const { values } = parseArgs({ args, options: OPTIONS });
  const { agents, allow, 'max-answer-chars': most, org = env.TWIG_ORG_ID || undefined, port = '4011' } = values;
  return {
    what: values.help ? 'help' : values.version ? 'version' : values.http ? 'http' : 'stdio',
    port: wholeNumber('port', port, 65_535),
    options: {
      agentIds: agents === undefined ? undefined : listOf(agents),
      orgId: org,
      allow: permissions(listOf(allow ?? '')),
      ...(most !== undefined && { maxAnswerChars: wholeNumber('max-answer-chars', most, 10_000_000) }),
    },
  };
}
