/** Options: what a client and a call may be given. The public interfaces alone; where they meet is `config.ts`. */

import type { Clock } from '../clock.ts';
import type { HeadersInput } from '../http/headers.ts';
import type { LimiterLike, Priority } from '../http/rate-limit.ts';
import type { AbortSignalLike, FetchLike } from '../platform.ts';
import type { Hooks } from './hooks.ts';
import type { Instrumentation } from './instrumentation.ts';
import type { Logger, LogLevel } from './logger.ts';

/**
 * Gives the key of an attempt: called for each, so that a rotated key is used at once. One that gives nothing rejects the
 * call with `TwigConfigError`.
 */
export type ApiKeyProvider = () => string | undefined | Promise<string | undefined>;

/** What is done with a response that is not of the documented shape. */
export type ResponseValidation = 'off' | 'warn' | 'strict';

/** Options of a client. Every one is optional. */
export interface TwigClientOptions {
  /**
   * The key, or a function that gives it, called for each attempt. Default: the variable `TWIG_API_KEY`; where it is not
   * set yet, each call looks for it anew, and rejects with `TwigConfigError` while there is none. `null` sends no
   * Authorization, as a page does that talks to a proxy.
   */
  apiKey?: string | null | ApiKeyProvider | undefined;
  /**
   * Default: the variable `TWIG_BASE_URL`, then `https://api.twig.so`. A path prefix is kept. `http:` only for loopback
   * hosts. In a page it may be relative.
   */
  baseUrl?: string | undefined;
  /** Allows `http:` to hosts that are not loopback. The key then travels in the clear. Default `false`. */
  allowInsecureHttp?: boolean | undefined;
  /** Milliseconds for one attempt, from sending to the last byte; for a stream, to its headers. Default 60,000. */
  timeoutMs?: number | undefined;
  /** Milliseconds for the whole call: attempts, waits, and the reading of a stream. Default: none. */
  deadlineMs?: number | undefined;
  /** The longest silence inside a stream, in milliseconds; any byte ends it. `false` turns it off. Default 60,000. */
  streamIdleTimeoutMs?: number | false | undefined;
  /** How often a failed attempt is made again. Default 2; 0 turns retries off. */
  maxRetries?: number | undefined;
  /** A server that asks for a longer wait than this is not retried: the error surfaces at once. Default 60,000 ms. */
  maxRetryDelayMs?: number | undefined;
  /**
   * Whether a POST that may have reached the server (a timeout, a reset after sending) is sent again. Default `false`:
   * the API documents no idempotency, so it could act twice.
   */
  retryAmbiguous?: boolean | undefined;
  /** Headers of every request. Names in any case; `null` removes a default. */
  headers?: HeadersInput | undefined;
  /** The `fetch` to use, called with a string and a plain object. Default: `globalThis.fetch` as it is at each call. */
  fetch?: FetchLike | undefined;
  /** Merged into what `fetch` gets: `dispatcher`, `next`, `cache` and whatever else the platform knows. */
  fetchOptions?: Readonly<Record<string, unknown>> | undefined;
  /** A limiter of `@twig/sdk/rate-limiter`. Without one nothing is ever queued. */
  rateLimiter?: LimiterLike | undefined;
  /**
   * Default `'warn'`: each drift is logged once per operation and path, the data is returned; of a list's page the first
   * five items are looked at, and after a drift every hundredth answer of the operation. `'strict'` looks at all and
   * throws `TwigResponseValidationError`.
   */
  responseValidation?: ResponseValidation | undefined;
  /** Default `console`. */
  logger?: Logger | undefined;
  /** Default: the variable `TWIG_LOG`, then `'warn'`. Bodies are logged at `'debug'` only, a key never. */
  logLevel?: LogLevel | undefined;
  /** Observers of requests, responses, retries and errors. */
  hooks?: Hooks | undefined;
  /**
   * Sees each call from its start to its last byte, as tracing needs it: `twigTelemetry()` of `@twig/sdk/otel`, or your
   * own. Default: none.
   */
  instrumentation?: Instrumentation | undefined;
  /** Allows a secret key in a browser, where every visitor can read it. Default `false`. */
  dangerouslyAllowBrowser?: boolean | undefined;
  /** Time and chance, for tests. Default: the platform's. */
  clock?: Clock | undefined;
}

/** Options of one call; each stands before the client's. */
export interface CallOptions {
  /** Ends the call, its waits and its stream. */
  signal?: AbortSignalLike | undefined;
  /** As the client's. */
  timeoutMs?: number | undefined;
  /** As the client's. */
  deadlineMs?: number | undefined;
  /** As the client's. */
  streamIdleTimeoutMs?: number | false | undefined;
  /** As the client's. */
  maxRetries?: number | undefined;
  /** As the client's. */
  retryAmbiguous?: boolean | undefined;
  /** Added to the client's headers; `null` removes one. */
  headers?: HeadersInput | undefined;
  /** Default: a new UUID for each POST, the same for all its attempts. */
  idempotencyKey?: string | undefined;
  /** Who goes first when calls queue for the limiter. Default `'normal'`. */
  priority?: Priority | undefined;
  /** Merged over the client's. */
  fetchOptions?: Readonly<Record<string, unknown>> | undefined;
}
