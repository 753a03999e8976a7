/** What `fetch` and its bodies throw, made into an error that says how far the exchange had come. */

import { TwigConnectionError } from '../errors.ts';
import type { CallMeta } from '../meta.ts';

/** System codes of failures before the first byte was sent, by Node, Bun and undici. */
const BEFORE_SENDING =
  /^(E(CONNREFUSED|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH|ADDRNOTAVAIL)$|UND_ERR_CONNECT|ConnectionRefused|FailedToOpen|CERT_|.*SELF_SIGNED|UNABLE_TO_|ERR_TLS_)/;

/** The system code in an error or what caused it. */
function systemCode(error: unknown, depth = 0): string | undefined {
  if (typeof error !== 'object' || error === null || depth > 4) return undefined;
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  if (typeof code === 'string' && /^[A-Za-z][\w-]{2,60}$/.test(code)) return code;
  return systemCode(cause ?? (Array.isArray(errors) ? errors[0] : undefined), depth + 1);
}

const HINTS: Record<string, string> = {
  ENOTFOUND: 'The host name does not resolve: check baseUrl.',
  ECONNREFUSED: 'Nothing listens there: check the host and port of baseUrl.',
  UND_ERR_HEADERS_TIMEOUT: "Node's own limit (300 s) ran out: pass a dispatcher with a longer one in fetchOptions.",
  UND_ERR_INVALID_ARG: 'A dispatcher needs the fetch of the same undici: pass both.',
};

/** What `fetch` threw, as an error of ours. */
export function connectionError(
  cause: unknown,
  phase: 'headers' | 'body' | 'stream',
  meta: CallMeta,
): TwigConnectionError {
  const code = systemCode(cause);
  const reached = phase === 'headers' && code && BEFORE_SENDING.test(code) ? 'connect' : phase;
  const what = reached === 'connect' ? 'could not be made' : 'broke';
  return new TwigConnectionError(`The connection ${what}${code ? ` (${code})` : ''}, phase: ${reached}.`, {
    phase: reached,
    cause,
    meta,
    hint: code && HINTS[code],
  });
}
