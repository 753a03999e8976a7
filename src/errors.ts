/**
 * The whole error tree. An error says what happened and what to do; it never holds a key, a request or another library's
 * error object. One long file, because the tree is read as a whole, and most of its lines are what users read.
 */

import type { CallMeta, RateLimit, ResponseMeta } from './meta.ts';
import type { PlatformHeaders } from './platform.ts';
import type { PartialQueryResponse } from './query-response.ts';

/** The details with which an error is made. */
export interface TwigErrorOptions {
  code?: string;
  hint?: string | undefined;
  isRetryable?: boolean;
  cause?: unknown;
  meta?: CallMeta | undefined;
}

/**
 * Under this name an error holds the brands of its class and of those above. It is the same in every copy of this module
 * in a process: two installs, ESM and CommonJS, several entry points.
 */
const BRANDS: unique symbol = /* @__PURE__ */ Symbol.for('@twig/sdk.error');

/**
 * The base of every error of this package. `instanceof` works across copies of the package.
 *
 * @example
 * ```ts
 * import { TwigClient, TwigError } from '@twig/sdk';
 *
 * try {
 *   await new TwigClient().agents.list();
 * } catch (error) {
 *   if (error instanceof TwigError) console.error(error.code, error.message, error.hint);
 * }
 * ```
 */
export class TwigError extends Error {
  /** The class's name, kept when code is minified; by it `instanceof` knows the classes of other copies. */
  static readonly brand: string = 'TwigError';
  /** What to do where nobody knows better, by `code`; under `other` for the rest. @internal */
  static readonly hints: Readonly<Record<string, string>> = { other: 'See message, cause and meta.' };

  /** A stable, machine-readable name of the fault. For API errors it is the server's own code. */
  declare readonly code: string;
  /** Whether the same call may succeed when made again later. */
  declare readonly isRetryable: boolean;
  /** What to do about it. Every class has one. */
  declare readonly hint?: string;
  /** The id to name to support: of the last answer that the call had. */
  declare readonly requestId?: string | undefined;
  /** The call's attempts, request id and headers, when anything was sent. */
  declare readonly meta?: CallMeta;
  /**
   * What had been received of a streamed answer, on every error that a stream throws. Not enumerable: an answer's text
   * does not belong in logs.
   */
  declare readonly partialResponse?: PartialQueryResponse;

  /** An error is its message and its options: each becomes a member. */
  constructor(message: string, options: TwigErrorOptions = {}) {
    super(message, options);
    const brands: string[] = [];
    for (let kind = new.target; kind.brand; kind = Object.getPrototypeOf(kind)) brands.push(kind.brand);
    Object.defineProperties(this, {
      name: { value: new.target.brand, configurable: true, writable: true },
      [BRANDS]: { value: brands },
    });
    const { code = 'twig_error', hint = new.target.hints[code] ?? new.target.hints.other, meta } = options;
    Object.assign(this, { isRetryable: false }, options, { code, hint }, meta && { requestId: meta.requestId });
  }

  /** Knows errors by brand, also those of another copy of this package. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // A class that a user derived has no brand of its own: it is known by its prototype, as everywhere.
    if (!Object.hasOwn(this, 'brand')) return super[Symbol.hasInstance](value);
    try {
      // Whatever is asked about; only our errors have brands.
      return (value as { [BRANDS]?: string[] } | null | undefined)?.[BRANDS]?.includes(this.brand) === true;
    } catch {
      return false; // It throws when it is looked at.
    }
  }

  /** The error as plain data for logs: no stack, no headers, no cause. */
  toJSON(): Record<string, unknown> {
    const { name, message, meta } = this;
    return { name, message, ...Object(this), ...(meta && { meta: { ...meta, headers: undefined } }) };
  }
}

/** An error of ours that was made where nothing is known of the call. One that has its own call's facts keeps them. */
export function belongsTo<E extends TwigError>(error: E, meta: CallMeta): E {
  return error.meta ? error : Object.assign(error, { meta, requestId: meta.requestId });
}

/**
 * The client cannot be built, or a call cannot be prepared: a missing key, an option out of range. Nothing was sent. The
 * message says what to do, because a browser's console shows nothing else.
 */
export class TwigConfigError extends TwigError {
  static override readonly brand: string = 'TwigConfigError';

  constructor(message: string, options: TwigErrorOptions = {}) {
    const { hint = message } = options;
    super(message.includes(hint) ? message : `${message} ${hint}`, { code: 'invalid_config', ...options, hint });
  }
}

/** One thing that is wrong with the arguments of a call, or with a response. */
export interface ValidationIssue {
  /** Dotted, as `dataSourceIds.0`; empty when it concerns the whole. */
  path: string;
  message: string;
}

/** The arguments of a call are plainly wrong. Nothing was sent. */
export class TwigValidationError extends TwigError {
  static override readonly brand: string = 'TwigValidationError';
  static override readonly hints: Readonly<Record<string, string>> = {
    other: 'Correct the arguments that issues names, and call again.',
  };
  /** What is wrong, all of it. */
  readonly issues: ValidationIssue[];

  constructor(issues: ValidationIssue[], options: TwigErrorOptions = {}) {
    super(`Nothing was sent: ${describe(issues)}.`, { code: 'invalid_arguments', ...options });
    this.issues = issues;
  }
}

/** The issues in a line, for messages. */
export function describe(issues: ValidationIssue[]): string {
  return issues.map(({ path, message }) => (path ? `${path} ${message}` : message)).join('; ');
}

/** The details of an error answer. */
export interface TwigAPIErrorOptions extends TwigErrorOptions {
  code: string;
  status: number;
  details?: unknown;
  retryAfterMs?: number | undefined;
  meta?: ResponseMeta | undefined;
}

/** The API answered with an error status, or sent an error event inside a stream. */
export class TwigAPIError extends TwigError {
  static override readonly brand: string = 'TwigAPIError';
  static override readonly hints: Readonly<Record<string, string>> = {
    other: 'See code and details, and the API reference; name the requestId to support if it stays.',
  };
  /** The HTTP status; for an error event, the one that the same code has over HTTP. */
  declare readonly status: number;
  /** What the server said beside the message, as it was sent. */
  declare readonly details: unknown;
  /** The wait that the server asked for, in milliseconds, when it named one. */
  declare readonly retryAfterMs: number | undefined;
  /** What is known of the call. */
  declare readonly meta: ResponseMeta;

  constructor(message: string, options: TwigAPIErrorOptions) {
    const { status } = options;
    // The cast: lib.dom's Headers are the platform's own.
    const headers = (): PlatformHeaders => new Headers() as PlatformHeaders;
    super(message, { ...options, meta: options.meta ?? { status, headers: headers(), attempts: [], durationMs: 0 } });
  }

  /** The headers of the answer. */
  get headers(): PlatformHeaders {
    return this.meta.headers;
  }
}

/** 400: the API refused the arguments. */
export class TwigBadRequestError extends TwigAPIError {
  static override readonly brand: string = 'TwigBadRequestError';
}

/** 401: the key is missing, wrong or revoked. */
export class TwigAuthenticationError extends TwigAPIError {
  static override readonly brand: string = 'TwigAuthenticationError';
}

/** 403: the key lacks the scope that the call needs. */
export class TwigPermissionError extends TwigAPIError {
  static override readonly brand: string = 'TwigPermissionError';
}

/** 404: there is nothing of that id. */
export class TwigNotFoundError extends TwigAPIError {
  static override readonly brand: string = 'TwigNotFoundError';
}

/** 429: too many requests. `retryAfterMs` tells how long to wait. */
export class TwigRateLimitError extends TwigAPIError {
  static override readonly brand: string = 'TwigRateLimitError';

  /** What the rate-limit headers said. */
  get rateLimit(): RateLimit | undefined {
    return this.meta.rateLimit;
  }
}

/** 500 and above: the server failed. */
export class TwigServerError extends TwigAPIError {
  static override readonly brand: string = 'TwigServerError';
}

/** 503: maintenance or overload. */
export class TwigServiceUnavailableError extends TwigServerError {
  static override readonly brand: string = 'TwigServiceUnavailableError';
}

/** Where a connection broke: before it stood, before the answer's headers, inside a buffered body, inside a stream. */
export type ConnectionPhase = 'connect' | 'headers' | 'body' | 'stream';

const HINTS_OF_PHASES: Record<ConnectionPhase, string> = {
  connect: 'Nothing was sent: check the network, and the host and port of baseUrl.',
  headers: 'The request may have arrived: a GET can be made again; a POST only where acting twice does no harm.',
  body: 'The API has acted, and its answer was lost: a GET can be made again; a POST only where acting twice does no harm.',
  stream: 'See partialResponse for what came; ask again for the whole.',
};

/**
 * No answer came, or it broke off. `cause` is what `fetch` threw: as it is, but where it holds the key anywhere, a copy
 * of its name, message, code and stack without it.
 */
export class TwigConnectionError extends TwigError {
  static override readonly brand: string = 'TwigConnectionError';
  /** How far the exchange had come. In phase `connect` nothing had been sent. */
  declare readonly phase: ConnectionPhase;

  constructor(message: string, options: TwigErrorOptions & { phase: ConnectionPhase }) {
    const { hint = HINTS_OF_PHASES[options.phase] } = options;
    super(message, { code: 'connection_failed', isRetryable: true, ...options, hint });
  }
}

/** The options that limit time. */
export type TimeLimit = 'timeoutMs' | 'deadlineMs' | 'streamIdleTimeoutMs';

/** A limit of time ran out. */
export class TwigTimeoutError extends TwigConnectionError {
  static override readonly brand: string = 'TwigTimeoutError';
  /** Which limit. */
  readonly limit: TimeLimit;
  /** Its value, in milliseconds. */
  readonly limitMs: number;

  constructor(limit: TimeLimit, limitMs: number, options: TwigErrorOptions & { phase: ConnectionPhase }) {
    super(`The call ran out of time: ${limit} is ${limitMs} ms (phase: ${options.phase}).`, {
      code: 'timeout',
      ...options,
      hint:
        options.hint ?? `Raise ${limit}, or look for what is slow: the server, the network, or the reader of a stream.`,
    });
    this.limit = limit;
    this.limitMs = limitMs;
  }
}

/** The caller gave up. `cause` is the signal's reason. */
export class TwigAbortError extends TwigError {
  static override readonly brand: string = 'TwigAbortError';
  static override readonly hints: Readonly<Record<string, string>> = {
    other: 'Your program ended it, by the signal or by abort(): see cause for its reason.',
  };

  constructor(reason: unknown, options: TwigErrorOptions = {}) {
    super('The call was aborted by the caller.', { code: 'aborted', cause: reason, ...options });
  }
}

/** What can be wrong with a stream itself. */
export type StreamErrorCode = 'truncated' | 'malformed_event' | 'event_too_large' | 'consumed';

/** The stream ended early, broke its own rules, or was read twice. */
export class TwigStreamError extends TwigError {
  static override readonly brand: string = 'TwigStreamError';
  static override readonly hints: Readonly<Record<string, string>> = {
    consumed: 'A stream is read once: keep what it gave, or use finalResponse().',
    other: 'See partialResponse for what came; ask again for the whole.',
  };
  declare readonly code: StreamErrorCode;
  /** How many events had been received. */
  readonly eventCount: number;

  constructor(message: string, options: TwigErrorOptions & { code: StreamErrorCode; eventCount?: number }) {
    super(message, options);
    this.eventCount = options.eventCount ?? 0;
  }
}

/** The answer is not what the call promises: a gateway's page, broken JSON, or, in strict mode, another shape. */
export class TwigResponseValidationError extends TwigError {
  static override readonly brand: string = 'TwigResponseValidationError';
  static override readonly hints: Readonly<Record<string, string>> = {
    other:
      'Look at bodySnippet and issues: check baseUrl and what stands before the API, then the version of this package.',
  };
  readonly status: number | undefined;
  readonly contentType: string | undefined;
  /** The beginning of the body, at most 1 KiB. */
  declare readonly bodySnippet: string | undefined;
  /** What strict validation found. */
  readonly issues: ValidationIssue[];

  constructor(
    message: string,
    options: TwigErrorOptions & { bodySnippet?: string | undefined; issues?: ValidationIssue[] } = {},
  ) {
    super(message, { code: 'invalid_response', ...options });
    this.status = options.meta?.status;
    this.contentType = options.meta?.headers?.get('content-type') ?? undefined;
    this.issues = options.issues ?? [];
  }
}

/** Paging cannot go on. */
export class TwigPaginationError extends TwigError {
  static override readonly brand: string = 'TwigPaginationError';
  static override readonly hints: Readonly<Record<string, string>> = {
    no_next_page: 'Ask hasNextPage() first, or iterate over the page.',
    other: 'The server does not page as documented: ask for single pages with limit and offset, and tell support.',
  };
  declare readonly code: 'no_next_page' | 'repeated_page' | 'empty_page';
}

/** The processing of a data source failed, or did not end in time. */
export class TwigDataSourceError extends TwigError {
  static override readonly brand: string = 'TwigDataSourceError';
  static override readonly hints: Readonly<Record<string, string>> = {
    other: 'See lastStatus; check the config of the source, then sync() again.',
  };
  declare readonly code: 'processing_failed' | 'not_ready_in_time';
  /** The last status object that was read, if any was. */
  declare readonly lastStatus: unknown;

  constructor(message: string, options: TwigErrorOptions & { lastStatus?: unknown }) {
    super(message, options);
  }
}

/** Why a webhook was not trusted. */
export type WebhookErrorCode =
  | 'missing_signature'
  | 'invalid_signature'
  | 'timestamp_too_old'
  | 'timestamp_too_new'
  | 'invalid_payload'
  | 'body_parsed';

/** A webhook delivery was not trusted. */
export class TwigWebhookVerificationError extends TwigError {
  static override readonly brand: string = 'TwigWebhookVerificationError';
  static override readonly hints: Readonly<Record<string, string>> = {
    missing_signature: 'Pass the signature header on, as the value, a Headers, or the header object of Node.',
    invalid_signature: 'Check the secret of the endpoint, and that the payload is the raw body, byte for byte.',
    body_parsed: 'Hand the raw body over, or let the handler come before whatever parses bodies.',
    timestamp_too_old: 'Check the clock of this machine and toleranceSeconds; else it is a repetition.',
    timestamp_too_new: 'Check the clock of this machine and toleranceSeconds.',
    other: 'See message.',
  };
  declare readonly code: WebhookErrorCode;

  constructor(message: string, options: TwigErrorOptions & { code: WebhookErrorCode }) {
    super(message, options);
  }
}

/** Why the limiter took nobody in. */
export type RateLimiterErrorCode = 'queue_full' | 'wait_too_long' | 'store_unavailable';

/**
 * The rate limiter's queue is full, the wait would be longer than allowed, or the store that several processes share is
 * not reached. Nothing was sent.
 */
export class TwigRateLimiterError extends TwigError {
  static override readonly brand: string = 'TwigRateLimiterError';
  static override readonly hints: Readonly<Record<string, string>> = {
    queue_full: 'Send less at once, or raise maxQueue.',
    store_unavailable: "Look at cause and at the store; with ifStoreFails: 'share' calls go on without it.",
    other: 'Call again later, or raise maxWaitMs.',
  };
  declare readonly code: RateLimiterErrorCode;

  constructor(message: string, options: TwigErrorOptions & { code: RateLimiterErrorCode }) {
    super(message, { isRetryable: true, ...options });
  }
}
