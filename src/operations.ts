/** Every documented endpoint as data. The client reads it to send, the mock to answer; a new endpoint begins here. */

/** The four buckets in which the API counts requests. */
export type RateLimitScope = 'execute' | 'write' | 'read' | 'admin';

/** The methods that the API and `client.request()` use. */
export type HttpMethod = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** One endpoint. */
export interface Operation {
  /** The name in logs, hooks, mock faults and validation reports. */
  readonly id: string;
  readonly method: HttpMethod;
  /** Below the base URL; `:id` stands for the encoded id. */
  readonly path: string;
  /** The rate-limit bucket that it draws from. */
  readonly scope: RateLimitScope;
}

/** The names of the documented endpoints, as the client's methods are called. */
export type OperationId =
  | 'query'
  | 'semanticSearch'
  | `agents.${'list' | 'create' | 'get' | 'update' | 'delete'}`
  | `dataSources.${'list' | 'create' | 'sync' | 'status'}`
  | `interactions.${'list' | 'submitFeedback'}`
  | 'analytics.get'
  | `users.${'list' | 'create'}`
  | `kb.${'list' | 'create' | 'update'}`;

type Row = readonly [method: HttpMethod, path: string, scope: RateLimitScope];

const rows: Record<OperationId, Row> = {
  query: ['POST', '/query', 'execute'],
  semanticSearch: ['POST', '/semantic-search', 'execute'],
  'agents.list': ['GET', '/agents', 'read'],
  'agents.create': ['POST', '/agents', 'write'],
  'agents.get': ['GET', '/agents/:id', 'read'],
  'agents.update': ['PUT', '/agents/:id', 'write'],
  'agents.delete': ['DELETE', '/agents/:id', 'write'],
  'dataSources.list': ['GET', '/data-sources', 'read'],
  'dataSources.create': ['POST', '/data-sources', 'write'],
  'dataSources.sync': ['POST', '/data-sources/:id/sync', 'write'],
  'dataSources.status': ['GET', '/data-sources/:id/status', 'read'],
  'interactions.list': ['GET', '/interactions', 'read'],
  'interactions.submitFeedback': ['POST', '/interactions/:id/feedback', 'execute'],
  'analytics.get': ['GET', '/analytics', 'admin'],
  'users.list': ['GET', '/users', 'admin'],
  'users.create': ['POST', '/users', 'admin'],
  'kb.list': ['GET', '/kb', 'read'],
  'kb.create': ['POST', '/kb', 'write'],
  'kb.update': ['PUT', '/kb/:id', 'write'],
};

/** The names of all documented endpoints. */
export const operationIds = (): OperationId[] => Object.keys(rows) as OperationId[];

/** The endpoint of that name. */
export function operation(id: OperationId): Operation {
  const [method, path, scope] = rows[id];
  return { id, method, path: `/api/v1${path}`, scope };
}

/** Whether sending it again does no harm when nobody knows if it arrived (RFC 9110, section 9.2.2: idempotent methods). */
export const isRepeatable = (method: HttpMethod): boolean => method !== 'POST' && method !== 'PATCH';

/** The bucket of a request that has no row here: by its method. */
export const scopeOf = (method: HttpMethod): RateLimitScope => (method === 'GET' ? 'read' : 'write');
