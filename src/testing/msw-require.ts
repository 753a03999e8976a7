/** `msw.ts` for the CommonJS build. */

import { withoutMsw } from './msw-missing.ts';

declare const require: (name: 'msw') => typeof import('msw');

function load(): typeof import('msw') {
  try {
    return require('msw');
  } catch (error) {
    return withoutMsw(error);
  }
}

const msw: typeof import('msw') = load();

/** msw's namespace of HTTP handlers. */
export const http: typeof import('msw').http = msw.http;
/** Runs handlers against a request, without interception. */
export const getResponse: typeof import('msw').getResponse = msw.getResponse;
