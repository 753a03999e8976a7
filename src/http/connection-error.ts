/** What `fetch` and its bodies throw, made into an error that says how far the exchange had come. */

import { belongsTo, TwigConnectionError, TwigError } from '../errors.ts';
import type { CallMeta } from '../meta.ts';
import { cameBeforeSending, lastingRemedy } from './connection-faults.ts';
import { systemCode } from './foreign-error.ts';
import { redactCause } from './redact-cause.ts';
import type { Redact } from './redactor.ts';

const HINTS: Record<string, string> = {
  ENOTFOUND: 'The host name does not resolve: check baseUrl.',
  ECONNREFUSED: 'Nothing listens there: check the host and port of baseUrl.',
  UND_ERR_HEADERS_TIMEOUT: "Node's own limit (300 s) ran out: pass a dispatcher with a longer one in fetchOptions.",
};

/** The call in which a connection failed. */
interface Failed {
  meta: CallMeta;
  redact: Redact;
}

/** What `fetch` or a body threw, as an error of ours; what is one already stays, and learns of which call it is. */
export function connectionError(
  cause: unknown,
  phase: 'headers' | 'body' | 'stream',
  { meta, redact }: Failed,
): TwigError {
  if (cause instanceof TwigError) return belongsTo(cause, meta);
  const code = systemCode(cause);
  // Whatever breaks later, the connection stood.
  const remedy = phase === 'headers' ? lastingRemedy(cause) : undefined;
  const reached = phase === 'headers' && cameBeforeSending(cause) ? 'connect' : phase;
  const what = reached === 'connect' ? 'could not be made' : 'broke';
  return new TwigConnectionError(`The connection ${what}${code ? ` (${redact(code)})` : ''}, phase: ${reached}.`, {
    phase: reached,
    cause: redactCause(cause, redact),
    meta,
    hint: remedy ?? (code && HINTS[code]),
    ...(remedy !== undefined && { isRetryable: false }),
  });
}
