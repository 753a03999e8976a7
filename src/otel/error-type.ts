/** `error.type`: few values, so that it can be grouped by, whatever servers make up. */

import { TwigAPIError, TwigError } from '../errors.ts';
import type { CallEnd, CallStart } from '../options/instrumentation.ts';

/** The codes of our errors, and those that the API documents ("Error Codes"). */
const CODES = [
  'aborted',
  'connection_failed',
  'consumed',
  'event_too_large',
  'forbidden',
  'internal_error',
  'invalid_arguments',
  'invalid_config',
  'invalid_request',
  'invalid_response',
  'malformed_event',
  'missing_api_key',
  'not_found',
  'queue_full',
  'rate_limit_exceeded',
  'service_unavailable',
  'store_unavailable',
  'timeout',
  'truncated',
  'unauthorized',
  'wait_too_long',
];

/** The error's code; the status of an answer whose code nobody documents; `_OTHER` for what is no error of ours. */
export function errorTypeOf(error: unknown): string {
  if (!(error instanceof TwigError)) return '_OTHER';
  if (CODES.includes(error.code)) return error.code;
  return error instanceof TwigAPIError ? String(error.status) : '_OTHER';
}

/** So much that two texts have in common is no chance. */
const QUOTE = 12;
/** So short a parameter is a part of many words: it counts where it is a word of its own. */
const SHORT = /^[ -~]{0,2}$/;
/** As much of a message as is looked through, and shown. */
const LONGEST_MESSAGE = 1024;

/** The texts of parameters, as JSON has them. Throws where they refer to themselves. */
function textsIn(params: unknown): string[] {
  const texts: string[] = [];
  JSON.stringify(params, (_name, value: unknown) => {
    if (typeof value === 'string') texts.push(value.trim().toLowerCase());
    return value;
  });
  return texts;
}

/** Whether a message holds a parameter, or a piece of one: servers quote questions, whole or cut. */
function quotes(message: string, params: unknown): boolean {
  const said = message.toLowerCase();
  const words = new Set(said.match(/[\p{L}\p{N}]+/gu));
  for (const text of textsIn(params)) {
    if (SHORT.test(text) ? words.has(text) : said.includes(text)) return true;
    for (let at = 0; at + QUOTE <= said.length; at++) if (text.includes(said.slice(at, at + QUOTE))) return true;
  }
  return false;
}

/** The message of a failure for the span's status, unless something that the caller gave is in it. */
export function statusMessage({ operation, params }: CallStart, { clean, error }: CallEnd): string | undefined {
  if (!(error instanceof TwigError)) return undefined;
  // Servers quote paths, too, and that of request() is not known here.
  if (operation === 'request' && error instanceof TwigAPIError) return undefined;
  const message = clean(error.message).slice(0, LONGEST_MESSAGE);
  try {
    return quotes(message, params) ? undefined : message;
  } catch {
    return undefined; // Parameters that throw when they are looked at, or refer to themselves.
  }
}
