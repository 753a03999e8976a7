/** Instrumentation: sees a call from its start to its last byte. The public interfaces; what tells it is `call/observation.ts`. */

import type { CallMeta } from '../meta.ts';
import type { HttpMethod, RateLimitScope } from '../operations.ts';
import type { RetryInfo } from './hooks.ts';

/**
 * Asked once for each call, before anything else is done for it. Gives who observes the call, or nothing where it is not
 * interested. What it throws is logged, and breaks no call.
 *
 * @example
 * ```ts
 * import { type Instrumentation, TwigClient } from '@twig/sdk';
 *
 * const timing: Instrumentation = ({ operation }) => {
 *   const startedAt = performance.now();
 *   return {
 *     run: (work) => work(),
 *     end: ({ outcome }) => console.log(operation, outcome, performance.now() - startedAt),
 *   };
 * };
 * const client = new TwigClient({ instrumentation: timing });
 * console.log(client.baseUrl);
 * ```
 */
export type Instrumentation = (call: CallStart) => CallObserver | undefined;

/** A call that begins. */
export interface CallStart {
  /** The operation, as `agents.get`; of `client.request()` it is `request`, never its path, which may hold ids. */
  readonly operation: string;
  readonly method: HttpMethod;
  /** The path with `:id` in the place of the id, as `/api/v1/agents/:id`; empty for `client.request()`. */
  readonly route: string;
  /** The rate-limit bucket that it draws from. */
  readonly scope: RateLimitScope;
  readonly baseUrl: string;
  /** Whether a streamed answer was asked for. */
  readonly isStream: boolean;
  /** What the caller gave, as it is, with the `id` of the path: questions and names of users are in there. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Takes the key out of a text, as far as it is known by then. */
  clean(text: string): string;
}

/** Observes one call. Every member is guarded: what it throws is logged. After `end` nothing is told. */
export interface CallObserver {
  /** The whole call is started in it: limiter, attempts, reading. It runs `work` once, now, and gives what that gives. */
  run<T>(work: () => T): T;
  /** Headers for an attempt, asked for at each. They cannot replace one that the client or its caller sets. */
  headers?(): Record<string, string>;
  /** The limiter gave an attempt its place after so many milliseconds, mostly 0. */
  queued?(waitMs: number): void;
  /** An attempt failed, and another one follows after the wait. */
  retry?(info: RetryInfo): void;
  /**
   * The caller holds what ends the call: a `QueryStream`, or the body of `asResponse()`. Keep no reference to it: a
   * stream that nobody reads ends when it is collected.
   */
  opened?(stream: object): void;
  /** The first event of a stream was read. */
  firstEvent?(): void;
  /** The call is over. Told exactly once. There may be no active context, and no caller any more. */
  end(end: CallEnd): void;
}

/**
 * How a call ended.
 *
 * - `answered`: with its data; a stream, with its last event.
 * - `failed`: with an error; an abort by the caller is one.
 * - `left`: the caller left the stream or the body before its end.
 * - `raw`: the body that `asResponse()` gave was read to its end.
 * - `abandoned`: the stream or the body was collected without having been read to its end.
 */
export type CallOutcome = 'answered' | 'failed' | 'left' | 'raw' | 'abandoned';

/** How a call ended, with what it gave. */
export interface CallResult {
  readonly outcome: CallOutcome;
  /** Of a call that failed: what it rejected with, or what its stream threw. */
  readonly error?: unknown;
  /** Of a call that was answered: what it gave; of a stream, the whole `QueryResponse`. As it is: see `clean`. */
  readonly data?: unknown;
}

/** A call that is over. */
export interface CallEnd extends CallResult {
  /** Its attempts, the last status, the request id. `durationMs` of a stream is that to its headers. */
  readonly meta: CallMeta;
  /** Takes the key out of a text: some servers echo it. Whatever is shown or sent on should pass through it. */
  clean(text: string): string;
}
