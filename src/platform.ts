/**
 * The web platform's types as the public surface names them: the real ones where the consumer's `lib` has them, and
 * structural stand-ins where it has not (`lib: ["ES2022"]` alone), so that the package's types compile everywhere.
 */

type Instance<Name extends string, Otherwise> =
  typeof globalThis extends Record<Name, { prototype: infer Real }> ? Real : Otherwise;

/** The part of `AbortSignal` that a call needs. Any realm's signal, or a polyfill's, fits. */
export interface AbortSignalLike {
  readonly aborted: boolean;
  readonly reason?: unknown;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** The part of `Headers` that is read. */
export interface HeadersLike {
  get(name: string): string | null;
  has(name: string): boolean;
  forEach(callback: (value: string, name: string) => void): void;
}

/** The part of `Response` that a custom `fetch` has to give. */
export interface ResponseLike {
  readonly status: number;
  readonly headers: HeadersLike;
  readonly body: unknown;
  text(): Promise<string>;
}

/** `AbortSignal`. */
export type PlatformAbortSignal = Instance<'AbortSignal', AbortSignalLike>;
/** `Headers`. */
export type PlatformHeaders = Instance<'Headers', HeadersLike>;
/** `Response`. */
export type PlatformResponse = Instance<'Response', ResponseLike>;
/** `Request`. */
export type PlatformRequest = Instance<
  'Request',
  { readonly method: string; readonly url: string; readonly headers: HeadersLike; readonly body: unknown }
>;
/** `ReadableStream`. */
export type PlatformReadableStream = Instance<'ReadableStream', { cancel(reason?: unknown): Promise<void> }>;

/** What a custom `fetch` is called with: always a string and a plain object, never a `Request`. */
export interface FetchInit {
  method: string;
  headers: Record<string, string>;
  body?: string;
  signal: PlatformAbortSignal;
  redirect: 'manual' | 'follow';
}

/** A `fetch`: the platform's, undici's, Expo's, a mock. Called as a bare function with plain values. */
export type FetchLike = (url: string, init: FetchInit) => Promise<ResponseLike>;
