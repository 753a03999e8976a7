/** What the runtime is and what its environment says. Read when a client is made, never at import. */

interface Runtime {
  process?: { env?: Record<string, string | undefined>; versions?: { node?: string } };
  navigator?: { userAgent?: string };
  location?: { href?: string };
}

// The globals that only some runtimes have; `typeof globalThis` cannot know.
const runtime = (): Runtime => globalThis as unknown as Runtime;

/** An environment variable; empty counts as unset. */
export function env(name: string): string | undefined {
  try {
    return runtime().process?.env?.[name] || undefined;
  } catch {
    return undefined; // Deno without --allow-env throws.
  }
}

/**
 * Whether this is a real browser, page or worker. Node with jsdom is not (it has `process.versions.node`), nor are
 * Workers, Deno, Bun and React Native (their `navigator.userAgent` is their own name, or missing).
 */
export function isBrowser(): boolean {
  const { navigator, process } = runtime();
  return /^Mozilla\//.test(navigator?.userAgent ?? '') && !process?.versions?.node;
}

/** The page's address, against which a relative base URL resolves. */
export const pageUrl = (): string | undefined => runtime().location?.href;
