/** The names of the options of clients and calls, and the warning about one that is none of them. */

import type { Hooks } from './hooks.ts';
import type { Log } from './logger.ts';
import type { CallOptions, TwigClientOptions } from './options.ts';
import { describeUnknown, type KnownNames, unknownNames } from './unknown-options.ts';

/** The options of a client. */
export const CLIENT_OPTIONS: Record<keyof TwigClientOptions, true> = {
  apiKey: true,
  baseUrl: true,
  allowInsecureHttp: true,
  timeoutMs: true,
  deadlineMs: true,
  streamIdleTimeoutMs: true,
  maxRetries: true,
  maxRetryDelayMs: true,
  retryAmbiguous: true,
  headers: true,
  fetch: true,
  fetchOptions: true,
  rateLimiter: true,
  responseValidation: true,
  logger: true,
  logLevel: true,
  hooks: true,
  instrumentation: true,
  dangerouslyAllowBrowser: true,
  clock: true,
};

/** The options of a call. */
export const CALL_OPTIONS: Record<keyof CallOptions, true> = {
  signal: true,
  timeoutMs: true,
  deadlineMs: true,
  streamIdleTimeoutMs: true,
  maxRetries: true,
  retryAmbiguous: true,
  headers: true,
  idempotencyKey: true,
  priority: true,
  fetchOptions: true,
};

/** The observers of a client. */
export const HOOKS: Record<keyof Hooks, true> = { onRequest: true, onResponse: true, onRetry: true, onError: true };

/** Warns of each name in `options` that is not among the `known` ones, once. */
export type WarnOfUnknown = (kind: string, options: object | null | undefined, known: KnownNames) => void;

/** A name that one who knows the package looks for in the wrong place. */
function misplaced(kind: string, name: string): string | undefined {
  if (Object.hasOwn(HOOKS, name)) return 'it is a hook: give it in hooks.';
  if (name === 'stream') return 'it is a parameter of query().';
  if (kind === 'client option' || kind === 'parameter') {
    return Object.hasOwn(CALL_OPTIONS, name) ? 'it is an option of each call.' : undefined;
  }
  return Object.hasOwn(CLIENT_OPTIONS, name) ? 'it is an option of the client: see withOptions().' : undefined;
}

/** Makes the warning of a client. `told` is what it has said already, shared by the clients that are made from it. */
export function createWarnOfUnknown(log: Log, told: Set<string>): WarnOfUnknown {
  return (kind, options, known) => {
    for (const name of options ? unknownNames(options, known) : []) {
      const subject = `${kind} ${name}`;
      if (told.has(subject)) continue;
      told.add(subject);
      log('warn', describeUnknown(kind, name, known, misplaced(kind, name)));
    }
  };
}
