/**
 * Stands in for `connection-faults.ts` in the modules for browsers. A page is told nothing of why a connection failed (Fetch,
 * "network error"), but by Chromium of what it does not begin; a phone is told, in the words of its system.
 */

import type * as faults from './connection-faults.ts';
import { holdsOf } from './foreign-error.ts';

const UNREACHED =
  /[Ff]ailed to connect to|Unable to resolve host|Could not connect to the server|hostname could not be found|to be offline/;

const REFUSED =
  /certificate for this server|Trust anchor for|Chain validation failed|Hostname \S+ not verified|An SSL error has occurred|CLEARTEXT communication|App Transport Security|Content Security Policy|Failed to execute 'fetch'/;

export const cameBeforeSending: typeof faults.cameBeforeSending = (error) =>
  holdsOf(error, ({ message }) => UNREACHED.test(message) || REFUSED.test(message));

export const PROXY_CREDENTIALS: typeof faults.PROXY_CREDENTIALS = 'The proxy wants credentials.';

export const lastingRemedy: typeof faults.lastingRemedy = (error) =>
  holdsOf(error, ({ message }) => REFUSED.test(message))
    ? 'The system refuses this connection: see cause; check the certificate, the scheme of baseUrl, the policy (connect-src).'
    : undefined;
