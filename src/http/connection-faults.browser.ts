/**
 * Stands in for `connection-faults.ts` in the modules for browsers. A page is told nothing of why a connection failed (Fetch,
 * "network error"), so there is nothing to look for; a phone is told, in the words of its system.
 */

import type * as faults from './connection-faults.ts';
import { holdsOf } from './foreign-error.ts';

const UNREACHED =
  /Failed to connect to|Unable to resolve host|Could not connect to the server|hostname could not be found|to be offline/;

const REFUSED =
  /certificate for this server is invalid|Trust anchor for certification path|Hostname \S+ not verified|An SSL error has occurred|CLEARTEXT communication|App Transport Security/;

export const cameBeforeSending: typeof faults.cameBeforeSending = (error) =>
  holdsOf(error, ({ message }) => UNREACHED.test(message) || REFUSED.test(message));

export const PROXY_CREDENTIALS: typeof faults.PROXY_CREDENTIALS = 'The proxy wants credentials.';

export const lastingRemedy: typeof faults.lastingRemedy = (error) =>
  holdsOf(error, ({ message }) => REFUSED.test(message))
    ? 'The system refuses this connection: check the certificate, and the scheme of baseUrl.'
    : undefined;
