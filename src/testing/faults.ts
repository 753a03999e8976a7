/** The faults that can be armed, as plain data. What each does to a response is in `fault-effects.ts`. */

import { refuseUnknown } from '../options/unknown-options.ts';

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

/** The options of a fault. Refuses a name that is not among `names`: the test would meet another fault than it says. */
function named<T extends object>(fault: string, options: T, names: { [Name in keyof T & string]-?: true }): T {
  refuseUnknown(`faults.${fault}: the option`, options, names);
  return options;
}

/**
 * Makes faults. An option of an unknown name is a `TwigConfigError`. Those named after streams and events meet streamed
 * responses only: other calls leave them armed.
 */
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

const STATUS = { retryAfter: true, code: true, message: true, details: true, headers: true } as const;

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
  status: (status, options = {}) => ({
    kind: 'status',
    status: checkedStatus(status),
    ...named('status', options, STATUS),
  }),
  rateLimit(options = {}) {
    const { retryAfter = 1 } = named('rateLimit', options, { retryAfter: true });
    return { kind: 'status', status: 429, retryAfter };
  },
  timeout: () => ({ kind: 'timeout' }),
  disconnect: (options = {}) => ({ kind: 'disconnect', ...named('disconnect', options, { afterBytes: true }) }),
  truncateStream(options = {}) {
    const { afterEvents = 1 } = named('truncateStream', options, { afterEvents: true });
    return { kind: 'truncateStream', afterEvents };
  },
  malformedEvent(options = {}) {
    const { afterEvents = 1 } = named('malformedEvent', options, { afterEvents: true });
    return { kind: 'malformedEvent', afterEvents };
  },
  errorEvent(options = {}) {
    const names = { afterEvents: true, code: true, message: true } as const;
    const {
      afterEvents = 1,
      code = 'internal_error',
      message = 'Internal error',
    } = named('errorEvent', options, names);
    return { kind: 'errorEvent', afterEvents, code, message };
  },
  slowStream(options = {}) {
    const { delayMs = 1000 } = named('slowStream', options, { delayMs: true });
    return { kind: 'slowStream', delayMs };
  },
  htmlError(options = {}) {
    const { status = 502 } = named('htmlError', options, { status: true });
    return { kind: 'htmlError', status: checkedStatus(status) };
  },
};

/** Whether the fault shows in streamed responses only. */
export const needsStream = ({ kind }: Fault): boolean => kind.endsWith('Stream') || kind.endsWith('Event');
