/** Why the server cannot listen, and what to do about it. */

import { TwigConfigError } from '../errors.ts';

const OTHER_PORT = 'Choose another one, or 0 for any that is free (twig-mock --port 0).';
const OTHER_HOST = 'Choose 127.0.0.1 for this machine alone, or 0.0.0.0 for every network that it is in.';

/** By the system's code: what is wrong, and the remedy. */
const EXPLAINED: Record<string, (host: string, port: number) => [what: string, remedy: string]> = {
  EADDRINUSE: (host, port) => [`The port ${port} on ${host} is taken by another program`, OTHER_PORT],
  EACCES: (host, port) => [`This process may not listen on the port ${port} of ${host}`, OTHER_PORT],
  EADDRNOTAVAIL: (host) => [`The host ${host} is no address of this machine`, OTHER_HOST],
  ENOTFOUND: (host) => [`The host ${host} does not resolve`, OTHER_HOST],
  EAI_AGAIN: (host) => [`The host ${host} does not resolve`, OTHER_HOST],
};

/** What Node says, as an error that holds the remedy; what is not known here stays as it is. */
export function listenError(cause: Error & { code?: string }, host: string, port: number): Error {
  const explain = EXPLAINED[cause.code ?? ''];
  if (!explain) return cause;
  const [what, remedy] = explain(host, port);
  return new TwigConfigError(`${what} (${cause.message}). ${remedy}`, { cause });
}
