/** Options: what a client and a call may be given, and the one place where call, client, environment and default meet. */

import { createRetryBudget, type RetryBudget } from '../call/retry.ts';
import type { Fetch } from '../call/transport.ts';
import { createDrifts, type Drifts } from '../call/validate-response.ts';
import { type Clock, systemClock } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';
import { type HeadersInput, mergeHeaders, UNSET } from '../http/headers.ts';
import type { LimiterLike, Priority } from '../http/rate-limit.ts';
import { resolveBaseUrl } from '../http/url.ts';
import type { RateLimit } from '../meta.ts';
import type { RateLimitScope } from '../operations.ts';
import type { AbortSignalLike, FetchInit, FetchLike } from '../platform.ts';
import { VERSION } from '../version.ts';
import { env, isBrowser } from './environment.ts';
import type { Hooks } from './hooks.ts';
import { createLog, isLogLevel, type Log, type Logger, type LogLevel } from './logger.ts';

/** Gives the key of an attempt: called for each, so that a rotated key is used at once. */
export type ApiKeyProvider = () => string | Promise<string>;

/** What is done with a response that is not of the documented shape. */
export type ResponseValidation = 'off' | 'warn' | 'strict';

/** Options of a client. Every one is optional. */
export interface TwigClientOptions {
  /**
   * The key, or a function that gives it, called for each attempt. Default: the variable `TWIG_API_KEY`. `null` sends no
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
   * five items are looked at. `'strict'` looks at all and throws `TwigResponseValidationError`.
   */
  responseValidation?: ResponseValidation | undefined;
  /** Default `console`. */
  logger?: Logger | undefined;
  /** Default: the variable `TWIG_LOG`, then `'warn'`. Bodies are logged at `'debug'` only, a key never. */
  logLevel?: LogLevel | undefined;
  /** Observers of requests, responses, retries and errors. */
  hooks?: Hooks | undefined;
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

/** What a client and those made from it by `withOptions` have in common. */
export interface Shared {
  budget: RetryBudget;
  rateLimits: Partial<Record<RateLimitScope, RateLimit>>;
  drifts: Drifts;
}

/** A client's options, resolved. Held by closures only: it knows the key. */
export interface Config {
  baseUrl: string;
  environment: 'live' | 'test' | 'unknown';
  apiKey: string | null | ApiKeyProvider;
  headers: Record<string, string>;
  fetch: Fetch;
  fetchOptions: Readonly<Record<string, unknown>>;
  followRedirects: boolean;
  timeoutMs: number;
  deadlineMs?: number;
  streamIdleTimeoutMs: number | false;
  maxRetries: number;
  maxRetryDelayMs: number;
  retryAmbiguous: boolean;
  rateLimiter?: LimiterLike;
  responseValidation: ResponseValidation;
  log: Log;
  hooks: Hooks;
  clock: Clock;
  shared: Shared;
}

/** Options without those that are `undefined`, which means "not given" and must not stand before another value. */
export function given<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // The cast: only what the type leaves out was left out.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

/** Refuses a key that HTTP could not carry, or that was pasted with something around it. Its value is never named. */
export function checkKey(key: unknown): string {
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
    throw new TwigConfigError(
      'apiKey (or TWIG_API_KEY) is blank, or holds white space, control or non-ASCII characters.',
      {
        hint: 'Copy it again from Settings → API Keys, without a line break at its end.',
      },
    );
  }
  return key;
}

/** The options that are numbers, and the least that each may be. */
const LEAST = { timeoutMs: 1, deadlineMs: 1, streamIdleTimeoutMs: 1, maxRetries: 0, maxRetryDelayMs: 0 };

function checkNumbers(options: TwigClientOptions & CallOptions): void {
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof typeof LEAST];
    if (value === undefined || (value === false && name === 'streamIdleTimeoutMs')) continue;
    const isWhole = name === 'maxRetries';
    if (!(typeof value === 'number' && value >= least && (!isWhole || Number.isSafeInteger(value)))) {
      throw new TwigConfigError(`${name} must be ${isWhole ? 'an integer' : 'a number'} of at least ${least}.`);
    }
  }
}

/** Resolves a client's options. Throws {@link TwigConfigError}. */
export function resolveClient(options: TwigClientOptions, shared?: Shared): Config {
  checkNumbers(options);
  const {
    apiKey = env('TWIG_API_KEY'),
    baseUrl = env('TWIG_BASE_URL') ?? 'https://api.twig.so',
    logger = console,
    logLevel = env('TWIG_LOG'),
    // Looked up at call time and called bare: Workers refuse a fetch that is called as a method.
    fetch = (url: string, init: FetchInit) => globalThis.fetch(url, init),
    responseValidation = 'warn',
    ...rest
  } = given(options);
  if (!['off', 'warn', 'strict'].includes(responseValidation)) {
    throw new TwigConfigError("responseValidation must be 'off', 'warn' or 'strict'.");
  }
  if (rest.rateLimiter && typeof rest.rateLimiter.acquire !== 'function') {
    throw new TwigConfigError('rateLimiter must be a RateLimiter of @twig/sdk/rate-limiter.');
  }
  if (apiKey === undefined) {
    throw new TwigConfigError('No key: pass the option apiKey, or set the environment variable TWIG_API_KEY.');
  }
  const browser = isBrowser();
  if (apiKey !== null && browser && !rest.dangerouslyAllowBrowser) {
    throw new TwigConfigError('A secret key in a browser can be read by every visitor.', {
      hint: "Put createTwigProxy of '@twig/sdk/proxy' on your server, and use { apiKey: null, baseUrl: '/api/twig' } here.",
    });
  }
  const headers = {
    accept: 'application/json',
    authorization: UNSET,
    'content-type': 'application/json',
    'idempotency-key': UNSET,
    ...(!browser && { 'user-agent': `twig-sdk-js/${VERSION}` }),
  };
  const kind = apiKey === null || typeof apiKey === 'function' ? null : /_(live|test)_/.exec(checkKey(apiKey));
  return {
    timeoutMs: 60_000,
    streamIdleTimeoutMs: 60_000,
    maxRetries: 2,
    maxRetryDelayMs: 60_000,
    retryAmbiguous: false,
    fetchOptions: {},
    hooks: {},
    clock: systemClock,
    ...rest,
    apiKey,
    baseUrl: resolveBaseUrl(baseUrl, rest.allowInsecureHttp ?? false),
    environment: (kind?.[1] ?? 'unknown') as Config['environment'],
    headers: mergeHeaders(headers, rest.headers),
    // What a custom fetch gives is used as a Response, whatever made it.
    fetch: async (url, init) => {
      const response = (await fetch(url, init)) as Response | undefined;
      if (typeof response?.status === 'number' && response.headers) return response;
      throw new TwigConfigError('The fetch of this client gave something that is no Response.');
    },
    followRedirects: browser,
    responseValidation,
    log: createLog(logger, isLogLevel(logLevel) ? logLevel : 'warn'),
    shared: shared ?? { budget: createRetryBudget(), rateLimits: {}, drifts: createDrifts() },
  };
}

/** What is in force for one call. */
export interface CallConfig extends Config {
  signal?: AbortSignalLike;
  idempotencyKey?: string;
  priority?: Priority;
}

/** The options of one call, over the client's. Throws {@link TwigConfigError}. */
export function resolveCall(config: Config, options: CallOptions): CallConfig {
  checkNumbers(options);
  if (options.signal && typeof options.signal.addEventListener !== 'function') {
    throw new TwigConfigError('signal must be an AbortSignal.');
  }
  const fetchOptions: Record<string, unknown> = { ...config.fetchOptions, ...options.fetchOptions };
  // What is sent comes from the parameters alone.
  delete fetchOptions.body;
  return {
    ...config,
    ...given(options),
    headers: mergeHeaders({ ...config.headers }, options.headers),
    fetchOptions,
  };
}
