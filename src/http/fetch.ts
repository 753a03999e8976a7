/** The `fetch` of a client, as the way of a call sees it. */

import type { FetchInit } from '../platform.ts';

/** The platform's view of a `fetch`: `FetchLike` with its answer taken for a `Response`. */
export type Fetch = (url: string, init: FetchInit) => Promise<Response>;
