/**
 * Stands in for `transport.ts` in the modules for browsers. All that ky is asked for there, a page's own `fetch` does as
 * well, and a page pays for every byte: ky is a fifth of the bundle (docs/decisions/0005-size.md).
 */

import type * as transport from './transport.ts';

export const exchange: typeof transport.exchange = (_url, fetch) => fetch();
