/**
 * The one door to msw, an optional peer. A plain import that finds nothing fails before any of this package's code runs,
 * with a message that names no remedy; so it is loaded here, where the failure can be told.
 * The CommonJS build takes `msw-require.ts` instead: CommonJS has no top-level `await`.
 */

import { withoutMsw } from './msw-missing.ts';

const msw: typeof import('msw') = await import('msw').catch(withoutMsw);

/** msw's namespace of HTTP handlers. */
export const http: typeof import('msw').http = msw.http;
/** Runs handlers against a request, without interception. */
export const getResponse: typeof import('msw').getResponse = msw.getResponse;
