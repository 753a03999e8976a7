/**
 * The globals that only some runtimes have, looked at behind a guard: where one is imitated it may throw when it is touched,
 * and what throws counts as not there. (Node's own are looked for in `node.ts`.)
 */

import { TwigConfigError } from './errors.ts';

/** What `typeof globalThis` cannot know: each may be missing. */
interface Runtime {
  fetch?: typeof fetch;
  console?: Console;
  crypto?: Partial<Crypto>;
  location?: { href?: string };
  navigator?: { userAgent?: string };
  performance?: Performance;
  process?: unknown;
  AbortController?: typeof AbortController;
  Headers?: typeof Headers;
  ReadableStream?: typeof ReadableStream;
  Request?: typeof Request;
  Response?: typeof Response;
  TextDecoder?: typeof TextDecoder;
  TextEncoder?: typeof TextEncoder;
  URL?: typeof URL;
}

/** What `look` finds, or nothing where looking throws. */
export function probe<Found>(look: (runtime: Runtime) => Found): Found | undefined {
  try {
    return look(globalThis as Runtime);
  } catch {
    return undefined;
  }
}

/** A global for which nothing can stand in. Throws {@link TwigConfigError} where it is missing. */
export function need<Name extends keyof Runtime>(name: Name, purpose: string): NonNullable<Runtime[Name]> {
  const found = probe((runtime) => runtime[name]);
  if (found) return found;
  throw lacks(name, purpose);
}

/** Says that a global is not there, or not whole. */
export const lacks = (name: keyof Runtime, purpose: string): TwigConfigError =>
  new TwigConfigError(`${purpose} needs the global ${name}, which this runtime lacks: load a polyfill of it.`);

/**
 * Whether a `Response` can be made of a stream, `undefined` where one of them is missing: React Native's and node-fetch's,
 * where it was made the global one, take the stream for a text.
 */
export const canStream = (): boolean | undefined =>
  probe(
    ({ ReadableStream, Response }) =>
      ReadableStream && Response && typeof new Response(new ReadableStream()).body?.getReader === 'function',
  );

/** `Symbol.asyncIterator`. Hermes has none: this is what Babel's `for await` asks for in its stead. */
export const ASYNC_ITERATOR: typeof Symbol.asyncIterator = Symbol.asyncIterator ?? '@@asyncIterator';
