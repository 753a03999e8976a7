/** A call before it is sent: checked, addressed, encoded once. All its attempts send the same bytes. */

import { uuid } from '../clock.ts';
import { TwigConfigError, TwigValidationError } from '../errors.ts';
import { mergeHeaders, UNSET } from '../http/headers.ts';
import { checkPath, encodeQuery, fillPath } from '../http/url.ts';
import { type HttpMethod, type Operation, operation } from '../operations.ts';
import type { CallConfig } from '../options/config.ts';
import { checkArguments } from '../params/checks.ts';
import type { CallSpec } from './spec.ts';

/** What every attempt of a call sends. */
export interface Prepared {
  operation: Operation;
  url: string;
  headers: Record<string, string>;
  /** Whether each attempt adds the key, asked for anew: not when there is none, or the header is the caller's or removed. */
  needsKey: boolean;
  body: string | undefined;
}

const METHODS: HttpMethod[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** What frames a message: `fetch` sets it, and fails or hangs where it was copied from another request. */
const FRAMING = /^(content-length|expect|keep-alive|transfer-encoding|upgrade)$/;

/** The parameters without their class, whose keys would not be renamed. */
const plain = (params: object): object => (Array.isArray(params) ? params : { ...params });

/** What the checks of the arguments cannot see: into objects of a class only `JSON.stringify` looks. */
function encode(body: unknown): string {
  try {
    return JSON.stringify(body);
  } catch (cause) {
    throw new TwigValidationError([{ path: '', message: `cannot be written as JSON: ${(cause as Error).message}` }]);
  }
}

/** Checks and encodes. Throws {@link TwigValidationError} or {@link TwigConfigError}. */
export function prepare<T>(spec: CallSpec<T>, call: CallConfig, toWire: (value: unknown) => unknown): Prepared {
  const isKnown = typeof spec.operation === 'string';
  const row = typeof spec.operation === 'string' ? operation(spec.operation) : spec.operation;
  const path = 'id' in spec ? fillPath(row.path, spec.id) : isKnown ? row.path : checkPath(row.path);
  const { rules = {}, needed = [] } = spec;
  if ('query' in spec) checkArguments(spec.query, rules, needed, true);
  if ('body' in spec) checkArguments(spec.body, rules, needed, false);
  if (!METHODS.includes(row.method)) {
    throw new TwigValidationError([{ path: 'method', message: `must be one of ${METHODS.join(', ')}` }]);
  }
  if (spec.body !== undefined && row.method === 'GET') {
    throw new TwigValidationError([{ path: 'body', message: 'cannot be sent with GET: use query' }]);
  }
  const body = spec.body === undefined ? undefined : encode(toWire(plain(spec.body)));
  if (call.idempotencyKey === '') throw new TwigConfigError('idempotencyKey must not be empty.');
  const headers: Record<string, string> = {};
  let needsKey = false;
  for (const [name, value] of Object.entries(call.headers)) {
    if (FRAMING.test(name)) throw new TwigConfigError(`headers: "${name}" is for fetch to set.`);
    if (name === 'content-type' && body === undefined) continue;
    if (value !== UNSET) headers[name] = value;
    else if (name === 'authorization') needsKey = call.apiKey !== null;
    else if (row.method === 'POST') headers[name] = call.idempotencyKey ?? uuid(call.clock);
  }
  if (spec.takeOver && headers.accept === 'application/json') headers.accept = 'text/event-stream';
  if (call.idempotencyKey !== undefined) mergeHeaders(headers, { 'idempotency-key': call.idempotencyKey });
  return { operation: row, url: call.baseUrl + path + encodeQuery(spec.query, path), headers, needsKey, body };
}
