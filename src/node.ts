/**
 * The one place that looks for Node. `process` is not everywhere, and where it is imitated it may throw when it is touched
 * (Next's edge sandbox, Deno without `--allow-env`): what throws counts as not there. Nothing is looked for at import.
 * The build for browsers has `node.browser.ts` in its stead.
 */

import { probe } from './runtime.ts';

interface Process {
  env?: Record<string, string | undefined>;
  versions?: { node?: string };
  getBuiltinModule?: (name: string) => unknown;
}

/** What `look` finds in `process`. */
const ofProcess = <Found>(look: (process: Process) => Found): Found | undefined =>
  // The cast: every use is guarded.
  probe(({ process }) => look(process as Process));

/** An environment variable; empty counts as unset. */
export function env(name: string): string | undefined {
  return ofProcess((process) => process.env?.[name]) || undefined;
}

/** Whether this is Node, or near enough to it to tell a version. */
export function isNode(): boolean {
  return Boolean(ofProcess((process) => process.versions?.node));
}

/** A module of Node's own, without an import for a bundler to stumble on. */
export function builtinModule(name: string): object | undefined {
  return ofProcess((process) => process.getBuiltinModule?.(name)) as object | undefined;
}
