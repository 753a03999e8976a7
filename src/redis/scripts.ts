/**
 * How a script is run by whatever client there is. All that this package asks of Redis is scripts, so that any client will
 * do which can send a command, and so that a cluster finds the node by the first key.
 */

import { TwigConfigError } from '../errors.ts';
import { toHex } from '../server/hex.ts';
import { digest } from './digest.ts';

/**
 * Sends one command, its name first, and gives the reply. Integers may come as numbers or as text; an error of Redis is a
 * rejection that has its words in the message.
 */
export type RedisCommand = (command: readonly string[]) => Promise<unknown>;

/**
 * A client, known by its shape: Valkey GLIDE (`customCommand`), ioredis (`call`), Bun (`send`), node-redis
 * (`sendCommand`), Upstash (`evalsha` and `eval`); of the first four also their clusters.
 */
export type RedisLike =
  | { customCommand(command: string[]): Promise<unknown> }
  | { call(...command: [name: string, ...rest: string[]]): Promise<unknown> }
  | { send(name: string, rest: string[]): Promise<unknown> }
  | { sendCommand(command: string[]): Promise<unknown> }
  | { sendCommand(firstKey: string, isReadonly: boolean, command: string[]): Promise<unknown>; masters: unknown }
  | {
      evalsha(sha1: string, keys: string[], args: string[]): Promise<unknown>;
      eval(script: string, keys: string[], args: string[]): Promise<unknown>;
    };

/** What of them a client may have. */
type Client = Record<
  'customCommand' | 'call' | 'send' | 'sendCommand' | 'evalsha' | 'eval',
  ((...given: unknown[]) => Promise<unknown>) | undefined
>;

/** Runs a script on keys of one slot. */
export type RunScript = (script: string, keys: readonly string[], args: readonly string[]) => Promise<unknown>;

/** Gives a script's reply by the means of a client: by the script's digest, or by its text. */
type Evaluate = (by: 'sha' | 'text', script: string, keys: string[], args: string[]) => Promise<unknown>;

/** The key of a command that runs a script of ours stands after its name, the script and the number of keys. */
const FIRST_KEY = 3;

/** The function that sends a command by this client; nothing where it cannot send just any. */
function commandOf(redis: RedisLike | RedisCommand): RedisCommand | undefined {
  if (typeof redis === 'function') return redis;
  // The cast: which of them it has is looked at.
  const client = redis as unknown as Client;
  const { customCommand, call, send, sendCommand } = client;
  if (customCommand) return (command) => customCommand.call(client, [...command]);
  if (call) return (command) => call.apply(client, [...command]);
  if (send) return ([name, ...rest]) => send.call(client, name, rest);
  if (!sendCommand) return undefined;
  // A cluster of node-redis wants to be told the key.
  if ('masters' in client) return (command) => sendCommand.call(client, command[FIRST_KEY], false, [...command]);
  return (command) => sendCommand.call(client, [...command]);
}

function evaluateBy(redis: RedisLike | RedisCommand): Evaluate {
  if ((typeof redis !== 'object' && typeof redis !== 'function') || redis === null) throw notAClient();
  const command = commandOf(redis);
  if (command) {
    return (by, script, keys, args) =>
      command([by === 'sha' ? 'EVALSHA' : 'EVAL', script, String(keys.length), ...keys, ...args]);
  }
  const client = redis as unknown as Client;
  const { evalsha, eval: evaluate } = client;
  if (!evalsha || !evaluate) throw notAClient();
  return (by, script, keys, args) => (by === 'sha' ? evalsha : evaluate).call(client, script, keys, args);
}

const notAClient = (): TwigConfigError =>
  new TwigConfigError(
    'This is no client of Redis that is known: it has neither customCommand (GLIDE) nor call (ioredis), send (Bun), ' +
      'sendCommand (node-redis), evalsha and eval (Upstash). Give a function: (command) => reply.',
  );

/** Redis does not have the script: `NOSCRIPT` is its word, `NoScriptError` that of GLIDE. */
const isMissing = (error: unknown): boolean => /NOSCRIPT|NoScript/i.test(String(error));

/**
 * Makes the function that runs scripts. Only the digest of a script travels, and its text where Redis does not have it: at
 * first, after a restart, after `SCRIPT FLUSH`. Throws `TwigConfigError` when no way to send a command is found.
 */
export function scriptRunner(redis: RedisLike | RedisCommand): RunScript {
  const evaluate = evaluateBy(redis);
  const digests = new Map<string, string>();
  const digestOf = async (script: string): Promise<string> => {
    const known = digests.get(script);
    if (known) return known;
    const made = toHex(await digest('SHA-1', script));
    digests.set(script, made);
    return made;
  };
  return async (script, keys, args) => {
    try {
      return await evaluate('sha', await digestOf(script), [...keys], [...args]);
    } catch (error) {
      if (!isMissing(error)) throw error;
      return evaluate('text', script, [...keys], [...args]);
    }
  };
}
