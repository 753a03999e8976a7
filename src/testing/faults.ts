/** The faults that can be armed, as plain data. What each does to a response is in `fault-effects.ts`. */

/** A response with an error status. */
export interface StatusFault {
  kind: 'status';
  status: number;
  /** Seconds, as `Retry-After`. */
  retryAfter?: number;
  code?: string;
  message?: string;
  details?: Record<string, unknown>;
  headers?: Record<string, string>;
}

/** A fault, made by {@link faults}. */
export type Fault =
  | StatusFault
  | { kind: 'timeout' }
  | { kind: 'disconnect'; afterBytes?: number }
  | { kind: 'truncateStream'; afterEvents: number }
  | { kind: 'malformedEvent'; afterEvents: number }
  | { kind: 'errorEvent'; afterEvents: number; code: string; message: string }
  | { kind: 'slowStream'; delayMs: number }
  | { kind: 'htmlError'; status: number };

/** The details of {@link FaultMakers.status}. */
export type StatusFaultOptions = Omit<StatusFault, 'kind' | 'status'>;

/** `value` where it holds, or a `RangeError`. */
export function checked(name: string, value: number, holds: boolean, range: string): number {
  if (!holds) throw new RangeError(`${name} must be ${range}, not ${value}.`);
  return value;
}

const checkedStatus = (status: number): number =>
  checked('status', status, Number.isInteger(status) && status >= 200 && status <= 599, 'an integer from 200 to 599');

/** Makes faults. Those named after streams and events meet streamed responses only: other calls leave them armed. */
export interface FaultMakers {
  /**
   * An error status in the documented shape, with the documented code and message unless others are given. Throws
   * `RangeError` for a status that is not from 200 to 599.
   */
  status(status: number, options?: StatusFaultOptions): Fault;
  /** 429 with `Retry-After` (seconds, 1 by default) and no request remaining. */
  rateLimit(options?: { retryAfter?: number }): Fault;
  /** No response, ever. */
  timeout(): Fault;
  /** The connection is reset: before any response, or after `afterBytes` bytes of the body. */
  disconnect(options?: { afterBytes?: number }): Fault;
  /** The stream ends cleanly after `afterEvents` events (1 by default), without its terminal event. */
  truncateStream(options?: { afterEvents?: number }): Fault;
  /** After `afterEvents` events (1 by default) comes one whose data is no JSON; then the stream goes on. */
  malformedEvent(options?: { afterEvents?: number }): Fault;
  /** After `afterEvents` events (1 by default) comes an error event, and the stream ends. */
  errorEvent(options?: { afterEvents?: number; code?: string; message?: string }): Fault;
  /** Every event is `delayMs` late (by the mock's clock; 1,000 by default). */
  slowStream(options?: { delayMs?: number }): Fault;
  /** A gateway's HTML page instead of JSON; status 502 by default. */
  htmlError(options?: { status?: number }): Fault;
}

/**
 * The makers of faults, for `twig.faults.next()` and its kin.
 *
 * @example
 * ```ts
 * import { createTwigMock, faults } from '@twig/sdk/testing';
 *
 * const twig = createTwigMock();
 * twig.faults.next('query', faults.status(503, { retryAfter: 2 }));
 * ```
 */
export const faults: FaultMakers = {
  status: (status, options = {}) => ({ kind: 'status', status: checkedStatus(status), ...options }),
  rateLimit: ({ retryAfter = 1 } = {}) => ({ kind: 'status', status: 429, retryAfter }),
  timeout: () => ({ kind: 'timeout' }),
  disconnect: (options = {}) => ({ kind: 'disconnect', ...options }),
  truncateStream: ({ afterEvents = 1 } = {}) => ({ kind: 'truncateStream', afterEvents }),
  malformedEvent: ({ afterEvents = 1 } = {}) => ({ kind: 'malformedEvent', afterEvents }),
  errorEvent: ({ afterEvents = 1, code = 'internal_error', message = 'Internal error' } = {}) => ({
    kind: 'errorEvent',
    afterEvents,
    code,
    message,
  }),
  slowStream: ({ delayMs = 1000 } = {}) => ({ kind: 'slowStream', delayMs }),
  htmlError: ({ status = 502 } = {}) => ({ kind: 'htmlError', status: checkedStatus(status) }),
};

/** Whether the fault shows in streamed responses only. */
export const needsStream = ({ kind }: Fault): boolean => kind.endsWith('Stream') || kind.endsWith('Event');
