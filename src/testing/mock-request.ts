/** A request that the mock was sent, as `twig.requests` tells it. */

import type { OperationId } from '../operations.ts';

/** A request that the mock was sent. */
export interface MockRequest {
  /** Which endpoint it met; `undefined` when there is none of that method and path. */
  operation: OperationId | undefined;
  method: string;
  /** The whole URL. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The parsed JSON; the text when it was no JSON; `undefined` when there was none. */
  body: unknown;
  /** When it came: milliseconds since the epoch, by the mock's clock. */
  at: number;
}
