/** Who waits for a response. When he has gone, the mock lets go of everything, as a server does whose socket is closed. */

import type { AbortSignalLike } from '../platform.ts';

/** The caller of one request. */
export interface Caller {
  /** Aborts when he has gone: by his own signal, with its reason, or by giving the body up. */
  readonly signal: AbortSignal;
  /** He gave the body up. */
  leave(reason: unknown): void;
  /** He has all that he asked for; his own signal is watched no more. */
  release(): void;
}

/** The caller whose own signal that is. */
export function callerOf(given: AbortSignalLike): Caller {
  const gone = new AbortController();
  const follow = (): void => gone.abort(given.reason);
  const release = (): void => given.removeEventListener('abort', follow);
  if (given.aborted) follow();
  else given.addEventListener('abort', follow, { once: true });
  return {
    signal: gone.signal,
    release,
    leave(reason) {
      release();
      gone.abort(reason);
    },
  };
}
