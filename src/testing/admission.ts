/** Whether a request may do what it asks for: its key, the key's scopes, and the key's rate limit. */

import type { RateLimitScope } from '../operations.ts';
import type { Buckets } from './limits.ts';
import { Problem } from './problem.ts';

/** What an admission depends on. */
export interface Gate {
  readonly keys: Record<string, RateLimitScope[]> | undefined;
  readonly buckets: Buckets | undefined;
  /** The request will meet an armed error status: it takes no token, and needs no key. */
  readonly isFaulty: boolean;
}

const keyOf = (sent: Headers): string | undefined => /^Bearer +(\S+)$/i.exec(sent.get('authorization') ?? '')?.[1];

/** Writes the rate-limit headers, and refuses what may not pass. */
export function admit(sent: Headers, scope: RateLimitScope, { keys, buckets, isFaulty }: Gate, headers: Headers): void {
  const key = keyOf(sent);
  const bucket = buckets?.(key ?? '', scope, isFaulty ? 0 : 1);
  for (const [name, value] of Object.entries(bucket?.headers ?? {})) headers.set(name, value);
  if (isFaulty) return;
  if (bucket && !bucket.allowed) {
    throw new Problem(429, 'Rate limit exceeded', {
      details: { scope },
      headers: { 'retry-after': bucket.retryAfter },
    });
  }
  if (key === undefined) throw new Problem(401, 'Missing API key');
  if (!keys) return;
  const scopes = Object.hasOwn(keys, key) ? keys[key] : undefined;
  if (!scopes) throw new Problem(401, 'Invalid API key');
  if (!scopes.includes(scope)) {
    throw new Problem(403, `API key lacks ${scope} scope`, { details: { required_scope: scope } });
  }
}
