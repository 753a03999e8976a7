/** Whether others look at Node's `fetch`. */

import { builtinModule } from '../node.ts';
import { probe } from '../runtime.ts';

/** Whether an instrumentation of Node's `fetch` may add the headers itself. */
export function isFetchWatched(): boolean {
  // The cast: the documented shape; what has another counts as not there.
  const module = builtinModule('diagnostics_channel') as { hasSubscribers(name: string): boolean };
  return probe(() => module.hasSubscribers('undici:request:create')) ?? false;
}
