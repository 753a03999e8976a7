/** Hooks: observers of a client's traffic. They see no key and no body, and what they throw is logged, not raised. */

import type { TwigError } from '../errors.ts';
import type { Log } from './logger.ts';

/** A request about to be sent. */
export interface RequestInfo {
  /** The operation, as `agents.get`; for `client.request()` the method and path. */
  operation: string;
  method: string;
  url: string;
  /** Those headers that carry no secret. */
  headers: Record<string, string>;
  /** 1 for the first attempt. */
  attempt: number;
}

/** An answer's headers have come. */
export interface ResponseInfo extends RequestInfo {
  status: number;
  requestId: string | undefined;
  /** From sending to the headers, in milliseconds. */
  durationMs: number;
}

/** Another attempt follows. */
export interface RetryInfo {
  operation: string;
  /** The attempt that failed. */
  attempt: number;
  /** The wait before the next one, in milliseconds. */
  delayMs: number;
  error: TwigError;
}

/** A call has failed for good. */
export interface ErrorInfo {
  operation: string;
  error: TwigError;
}

/** Observers; each may be async, none is waited for. */
export interface Hooks {
  /** Before each attempt. */
  onRequest?: (info: RequestInfo) => unknown;
  /** At each answer, whatever its status. */
  onResponse?: (info: ResponseInfo) => unknown;
  /** Before the wait for another attempt. */
  onRetry?: (info: RetryInfo) => unknown;
  /** When a call rejects. A stream that breaks later throws where it is read. */
  onError?: (info: ErrorInfo) => unknown;
}

/** Runs an observer, if there is one, so that nothing of it can reach the call. */
export async function notify<Info>(
  log: Log,
  observer: ((info: Info) => unknown) | undefined,
  info: Info,
): Promise<void> {
  try {
    await observer?.(info);
  } catch (error) {
    log('error', 'a hook threw', () => error);
  }
}
