/** Which endpoint a request is for. Hosts, and prefixes of the path, are anybody's: a gateway may stand in front. */

import { type OperationId, operation, operationIds } from '../operations.ts';

/** The part of the URL that decides. */
const BELOW = '/api/v1/';

/** An endpoint, and the id in the path of the request. */
export interface Endpoint {
  readonly operation: OperationId;
  /** Decoded; empty where the path has none. */
  readonly id: string;
}

/** Whether the path is the API's. */
export const isInApi = (pathname: string): boolean => pathname.includes(BELOW);

const patternOf = (path: string): RegExp => new RegExp(`${path.replace(':id', '([^/]+)')}/?$`);

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // No UTF-8: an id that nothing has.
  }
}

/** Makes the function that finds endpoints. */
export function createFinder(): (method: string, pathname: string) => Endpoint | undefined {
  const rows = operationIds().map((id) => {
    const { method, path } = operation(id);
    return { id, method, pattern: patternOf(path) };
  });
  return (method, pathname) => {
    for (const row of rows) {
      const found = row.method === method && row.pattern.exec(pathname);
      if (found) return { operation: row.id, id: decode(found[1] ?? '') };
    }
    return undefined;
  };
}
