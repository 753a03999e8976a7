/** Progress, told to a client that asked for it: it shows life, and moves the client's own limit of time. */

import { type Clock, elapsed } from '../clock.ts';
import type { ToolContext } from './registry.ts';

/** Tells how far it is: a number that rises, and a word about it. */
export type Progress = (progress: number, message: string) => Promise<void>;

/** At most ten a second. */
const LEAST_GAP_MS = 100;

/** Makes what tells the client of one call. What does not rise, and what comes too soon, is left out. */
export function createProgress({ mcpReq }: ToolContext, clock: Clock | undefined): Progress {
  const progressToken = mcpReq._meta?.progressToken;
  let last = 0;
  let toldAt = Number.NEGATIVE_INFINITY;
  return async (progress, message) => {
    if (progressToken === undefined || !(progress > last)) return;
    const now = elapsed(clock);
    if (now - toldAt < LEAST_GAP_MS) return;
    last = progress;
    toldAt = now;
    const params = { progressToken, progress, message };
    // Who cannot be told has gone, and the signal says so.
    await mcpReq.notify({ method: 'notifications/progress', params }).catch(() => {});
  };
}
