/** What a resource says of a call, and what it gets back. A resource knows these types and nothing else of a call. */

import type { HttpResponse } from '../http/http-response.ts';
import type { ResponseMeta } from '../meta.ts';
import type { Operation, OperationId } from '../operations.ts';
import type { CallOptions } from '../options/options.ts';
import type { Check } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';
import type { Lifetime } from './lifetime.ts';

/** A response whose body is still unread. */
export interface OpenResponse {
  response: HttpResponse;
  lifetime: Lifetime;
  meta: ResponseMeta;
  streamIdleTimeoutMs: number | false;
  /** Makes camelCase data of a body's text. */
  decode: (text: string) => unknown;
  /** Renames the keys of data that goes in, or out again. */
  fromWire: (value: unknown) => unknown;
  toWire: (value: unknown) => unknown;
  /** Takes the key out of a text that came back. */
  redact: (text: string) => string;
}

/** A call as data. */
export interface CallSpec<T> {
  /** Which endpoint; an `Operation` for paths that have no name. */
  operation: OperationId | Operation;
  /** For the `:id` of the path. */
  id?: unknown;
  /** Parameters of the query string, in camelCase. */
  query?: object;
  /** Parameters of the body, in camelCase. */
  body?: object;
  /** The rules of the parameters; those without one are let through. */
  rules?: Record<string, Check>;
  /** The parameters that must be there. */
  needed?: string[];
  /** What an answer without a body stands for; without this it is an error. */
  empty?: () => T;
  /** Fills in what servers name differently, in place. */
  fill?: (result: T) => void;
  /** Makes the result of camelCase data, or calls `fail`. By default the data is the result, and must be an object. */
  read?: (data: unknown, meta: ResponseMeta, fail: (what: string) => never) => T;
  /** The documented shape of the result, or of the part of it that `checked` names. */
  schema?: Schema<unknown>;
  checked?: (result: T) => unknown;
  /** Takes the answer over before its body is read, as a stream does. */
  takeOver?: (response: OpenResponse) => Promise<T>;
}

/** Who takes the body. Undecided, it is read as data: a call that nobody awaits must not hold its socket. */
export interface BodyMode {
  raw?: boolean;
}

/** A call that was answered. */
export interface Settled<T> {
  data: T;
  response: HttpResponse;
  meta: ResponseMeta;
  /** The body, where it has been read. */
  text: string | undefined;
  lifetime: Lifetime;
}

/** Sends a call: the one thing that a resource is given. */
export type Requester = <T>(spec: CallSpec<T>, options: CallOptions | undefined, mode: BodyMode) => Promise<Settled<T>>;
