/** The one place where the options of a call, of its client, the environment and the defaults meet. */

import { type Clock, systemClock } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';
import { mergeHeaders, UNSET } from '../http/headers.ts';
import type { LimiterLike, Priority } from '../http/rate-limit.ts';
import { env } from '../node.ts';
import type { AbortSignalLike, FetchInit, FetchLike } from '../platform.ts';
import { need, probe } from '../runtime.ts';
import { VERSION } from '../version.ts';
import { checkKey, laterKey, PROXY_REMEDY } from './api-key.ts';
import { resolveBaseUrl } from './base-url.ts';
import { isBrowser } from './environment.ts';
import type { Hooks } from './hooks.ts';
import type { Instrumentation } from './instrumentation.ts';
import { createLog, isLogLevel, type Log } from './logger.ts';
import { CALL_OPTIONS, CLIENT_OPTIONS } from './option-names.ts';
import type { ApiKeyProvider, CallOptions, ResponseValidation, TwigClientOptions } from './options.ts';
import type { KnownNames } from './unknown-options.ts';

/** A client's options, resolved. Held by closures only: it knows the key. */
export interface Config {
  baseUrl: string;
  environment: 'live' | 'test' | 'unknown';
  apiKey: string | null | ApiKeyProvider;
  headers: Record<string, string>;
  fetch: FetchLike;
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
  instrumentation?: Instrumentation;
  clock: Clock;
}

/** Options without those that are `undefined`, which means "not given" and must not stand before another value. */
export function withoutUndefined<T extends object>(options: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  // The cast: only what the type leaves out was left out.
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as never;
}

/** Options without those of an unknown name. */
export function onlyKnown<T extends object>(options: T, known: KnownNames): T {
  // The cast: T has none of what was left out.
  return Object.fromEntries(Object.entries(options).filter(([name]) => Object.hasOwn(known, name))) as T;
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
export function resolveClient(options: TwigClientOptions): Config {
  if (Object(options) !== options) throw new TwigConfigError('The options of TwigClient are an object: { apiKey: … }.');
  checkNumbers(options);
  const {
    apiKey: key = env('TWIG_API_KEY'),
    baseUrl = env('TWIG_BASE_URL') ?? 'https://api.twig.so',
    logger = probe(({ console }) => console),
    logLevel = env('TWIG_LOG'),
    // Looked up at call time and called bare: Workers refuse a fetch that is called as a method.
    fetch = async (url: string, init: FetchInit) => need('fetch', 'A call without the option fetch')(url, init),
    responseValidation = 'warn',
    ...rest
  } = withoutUndefined(onlyKnown(options, CLIENT_OPTIONS));
  if (!['off', 'warn', 'strict'].includes(responseValidation)) {
    throw new TwigConfigError("responseValidation must be 'off', 'warn' or 'strict'.");
  }
  if (rest.rateLimiter && typeof rest.rateLimiter.acquire !== 'function') {
    throw new TwigConfigError('rateLimiter must be a RateLimiter of @twig/sdk/rate-limiter.');
  }
  if (rest.instrumentation && typeof rest.instrumentation !== 'function') {
    throw new TwigConfigError('instrumentation must be a function.');
  }
  const browser = isBrowser();
  if (key !== undefined && key !== null && browser && !rest.dangerouslyAllowBrowser) {
    throw new TwigConfigError('A secret key in a browser can be read by every visitor.', { hint: PROXY_REMEDY });
  }
  const apiKey = key === undefined ? laterKey(browser) : key;
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
    fetch,
    followRedirects: browser,
    responseValidation,
    log: createLog(logger, isLogLevel(logLevel) ? logLevel : 'warn'),
  };
}

/** What is in force for one call. */
export interface CallConfig extends Config {
  signal?: AbortSignalLike;
  idempotencyKey?: string;
  priority?: Priority;
}

/** The options of one call, over the client's. Throws {@link TwigConfigError}. */
export function resolveCall(config: Config, options: CallOptions | undefined): CallConfig {
  if (!options) return config;
  checkNumbers(options);
  if (options.signal && typeof options.signal.addEventListener !== 'function') {
    throw new TwigConfigError('signal must be an AbortSignal.');
  }
  return {
    ...config,
    // Whatever else is in there must not stand before what the client was given.
    ...withoutUndefined(onlyKnown(options, CALL_OPTIONS)),
    headers: options.headers ? mergeHeaders({ ...config.headers }, options.headers) : config.headers,
    fetchOptions: options.fetchOptions ? { ...config.fetchOptions, ...options.fetchOptions } : config.fetchOptions,
  };
}
