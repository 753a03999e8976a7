/** Looking into errors that others made. Whatever is read of them may be missing, of another type, or throw. */

import { probe } from '../runtime.ts';

/** What is looked at in an error. */
interface Look {
  name: unknown;
  stack: unknown;
  code: unknown;
  message: unknown;
  cause: unknown;
  /** The members of an `AggregateError`. */
  errors: unknown;
  /** The system call that failed, by Node and by node-fetch. */
  syscall: unknown;
  erroredSysCall: unknown;
  /** RFC 9113, section 7. */
  http2ErrorCode: unknown;
}

/** The members of a thrown value, of whatever type; `undefined` where reading one throws. A text is its own message. */
export function look(error: unknown): Look {
  const read = (key: string): unknown => probe(() => Reflect.get(error as object, key));
  return {
    name: read('name'),
    stack: read('stack'),
    code: read('code'),
    message: typeof error === 'string' ? error : read('message'),
    cause: read('cause'),
    errors: read('errors'),
    syscall: read('syscall'),
    erroredSysCall: read('erroredSysCall'),
    http2ErrorCode: read('http2ErrorCode'),
  };
}

/** What tells one fault from another. */
export interface ErrorFacts {
  code: string;
  message: string;
  syscall: string;
  http2ErrorCode: unknown;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The code of an error. Chromium's are in the messages (Electron). */
const codeOf = ({ code, message }: Look): string =>
  textOf(code) || (/^net::(ERR_\w+)/.exec(textOf(message))?.[1] ?? '');

/**
 * Whether `test` holds of an error or of something that caused it, at any depth. Of an `AggregateError` it must hold of
 * every member: its own code is that of one of them.
 */
export function holdsOf(error: unknown, test: (facts: ErrorFacts) => boolean): boolean {
  // What was found of each, so that a circle ends and an error that is met twice counts twice.
  const found = new Map<unknown, boolean | undefined>();
  const judge = (at: unknown): boolean | undefined => {
    if (!found.has(at)) {
      found.set(at, undefined);
      found.set(at, judgeAnew(at));
    }
    return found.get(at);
  };
  const judgeAnew = (at: unknown): boolean | undefined => {
    const looked = look(at);
    const { message, cause, errors, syscall, erroredSysCall, http2ErrorCode } = looked;
    if (Array.isArray(errors) && errors.length) return errors.every((member) => judge(member) === true);
    const inner = cause === undefined ? undefined : judge(cause);
    const facts = {
      code: codeOf(looked),
      message: textOf(message),
      syscall: textOf(syscall ?? erroredSysCall),
      http2ErrorCode,
    };
    return inner ?? (test(facts) || undefined);
  };
  return judge(error) === true;
}

/** The system code in an error or in what caused it: short, and of characters that can hide nothing. */
export function systemCode(error: unknown): string | undefined {
  const seen = new Set<unknown>();
  const find = (at: unknown): string | undefined => {
    if (seen.has(at)) return undefined;
    seen.add(at);
    const looked = look(at);
    const { cause, errors } = looked;
    const code = codeOf(looked);
    if (/^[A-Za-z][\w/-]{2,60}$/.test(code)) return code;
    return find(cause ?? (Array.isArray(errors) ? errors[0] : undefined));
  };
  return find(error);
}
