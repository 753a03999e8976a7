/**
 * The one place that looks for Node. `process` is not everywhere, and where it is imitated it may throw when it is touched
 * (Next's edge sandbox, Deno without `--allow-env`): what throws counts as not there. Nothing is looked for at import.
 * The build for browsers has `node.browser.ts` in its stead.
 */

interface Process {
  env?: Record<string, string | undefined>;
  versions?: { node?: string };
  getBuiltinModule?: (name: string) => unknown;
}

function probe<T>(look: (process: Process) => T): T | undefined {
  try {
    // `typeof globalThis` cannot know a global that only some runtimes have.
    const { process } = globalThis as { process?: Process };
    return process && look(process);
  } catch {
    return undefined;
  }
}

/** An environment variable; empty counts as unset. */
export function env(name: string): string | undefined {
  return probe((process) => process.env?.[name]) || undefined;
}

/** Whether this is Node, or near enough to it to tell a version. */
export function isNode(): boolean {
  return Boolean(probe((process) => process.versions?.node));
}

/** A module of Node's own, without an import for a bundler to stumble on. */
export function builtinModule(name: string): object | undefined {
  return probe((process) => process.getBuiltinModule?.(name)) as object | undefined;
}
