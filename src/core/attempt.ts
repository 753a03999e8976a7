/** One attempt of a call: a place at the limiter, the key, the timer, sending, and reading what comes. */

import { type CallAttempt, type CallMeta, type ResponseMeta, TwigConfigError, TwigError } from '../errors.ts';
import type { BodyMode, CallSpec, Settled } from './call.ts';
import { isPlainObject } from './casing.ts';
import { connectionError } from './connection-error.ts';
import { safeHeaders } from './headers.ts';
import { notify, type RequestInfo } from './hooks.ts';
import { type CallConfig, checkKey } from './options.ts';
import type { FetchInit } from './platform.ts';
import type { Prepared } from './prepare.ts';
import { type LimiterLease, readRateLimit, readServerTime } from './rate-limit.ts';
import { rawResponse } from './raw-response.ts';
import { apiError, parseBody, parseErrorBody, readErrorText, unexpected } from './response.ts';
import type { Scope } from './scope.ts';
import type { Validator } from './validation.ts';

/** What the attempts of a call have in common. */
export interface AttemptContext<T> {
  spec: CallSpec<T>;
  call: CallConfig;
  prepared: Prepared;
  scope: Scope;
  mode: BodyMode;
  validate: Validator | undefined;
  fromWire: (value: unknown) => unknown;
  toWire: (value: unknown) => unknown;
  transport: typeof import('./transport.ts');
}

async function askKey(call: CallConfig): Promise<string | null> {
  if (typeof call.apiKey !== 'function') return call.apiKey;
  try {
    return checkKey(await call.apiKey());
  } catch (cause) {
    throw cause instanceof TwigError ? cause : new TwigConfigError('The apiKey function failed.', { cause });
  }
}

/** The headers of an attempt: the key is put where it has a place, which `authorization: null` takes away. */
function withKey(headers: Record<string, string>, key: string | null): Record<string, string> {
  const { authorization, ...rest } = headers;
  if (authorization) return headers;
  return authorization === undefined || key === null ? rest : { ...rest, authorization: `Bearer ${key}` };
}

/** Removes the key from what a server sent back: some echo it. */
function cleaner(key: string | null): (text: string) => string {
  return (text) => (key && key.length > 7 ? text.replaceAll(key, '[redacted]') : text);
}

/** Notes what the headers of an answer say, in the call's meta and for the scope's limit. */
function readHeaders(response: Response, meta: CallMeta, record: CallAttempt, clean: (text: string) => string): void {
  const { headers, status } = response;
  let shown = headers;
  headers.forEach((value, name) => {
    if (clean(value) === value) return;
    if (shown === headers) shown = new Headers(headers);
    shown.set(name, clean(value));
  });
  const requestId = headers.get('x-request-id') ?? undefined;
  Object.assign(meta, { status, headers: shown, requestId, rateLimit: readRateLimit(headers) });
  Object.assign(record, { status, requestId });
}

/** Makes the result of a body that has been read. */
async function decode<T>(context: AttemptContext<T>, text: string, toData: (text: string) => unknown): Promise<T> {
  const { spec, prepared, validate } = context;
  // There was an answer: status and headers are noted.
  const meta = context.scope.meta as ResponseMeta;
  if (text.trim() === '') {
    if (spec.empty) return spec.empty();
    throw unexpected('The answer is empty', text, meta);
  }
  const data = toData(text);
  if (!spec.read && !isPlainObject(data)) throw unexpected('The answer is not an object', text, meta);
  // Without `read`, the data is the result: T is then the documented interface, which `schema` checks.
  const result = spec.read ? spec.read(data, meta) : (data as T);
  spec.fill?.(result);
  if (spec.schema && validate) {
    await validate(spec.schema, spec.checked ? spec.checked(result) : result, prepared.operation.id, meta);
  }
  return result;
}

/** Makes one attempt. Rejects with a {@link TwigError}; then everything of the attempt has been let go of. */
export async function runAttempt<T>(context: AttemptContext<T>, delayMs: number): Promise<Settled<T>> {
  const { spec, call, prepared, scope, mode, transport } = context;
  const { clock, hooks, log, rateLimiter } = call;
  const { operation, url, body } = prepared;
  const meta = scope.meta as ResponseMeta;
  const record: CallAttempt = { delayMs };
  const attempt = meta.attempts.push(record);
  const { signal } = scope;
  scope.phase = 'headers';
  let lease: LimiterLease | undefined;
  let stopTimer: (() => void) | undefined;
  let sent: Promise<Response> | undefined;
  try {
    if (rateLimiter) {
      lease = await scope.guard(rateLimiter.acquire(operation.scope, { priority: call.priority, signal }));
    }
    stopTimer = scope.after(call.timeoutMs, () => scope.expire('timeoutMs', call.timeoutMs));
    const key = typeof call.apiKey === 'function' ? await scope.guard(askKey(call)) : call.apiKey;
    if (scope.failure) throw scope.failure;
    const clean = cleaner(key);
    const headers = withKey(prepared.headers, key);
    const { id, method } = operation;
    const info = (): RequestInfo => ({ operation: id, method, url, headers: safeHeaders(headers), attempt });
    notify(log, hooks.onRequest, info);
    log('debug', `${id}: ${method} ${url}`, () => ({ ...info(), body }));
    const sentAt = clock.now();
    // The cast: lib.dom's signal is the platform's own.
    const init = {
      ...call.fetchOptions,
      method,
      headers,
      signal,
      redirect: call.followRedirects ? 'follow' : 'manual',
    };
    sent = transport.send(call.fetch, url, (body === undefined ? init : { ...init, body }) as FetchInit, meta);
    const response = await scope.guard(sent);
    scope.phase = 'body';
    readHeaders(response, meta, record, clean);
    const { status, rateLimit, requestId } = meta;
    if (rateLimit) call.shared.rateLimits[operation.scope] = rateLimit;
    const answered = { status, requestId, durationMs: clock.now() - sentAt };
    notify(log, hooks.onResponse, () => ({ ...info(), ...answered }));
    log('debug', `${id}: ${status}`, () => ({ ...answered, headers: safeHeaders(response.headers) }));
    const observe = (retryAfterMs?: number): void =>
      lease?.observe({ status, rateLimit, retryAfterMs, serverTimeMs: readServerTime(response.headers) });
    if (status < 200 || status > 299) {
      // The status is known: a body that stalls or breaks must not hide it.
      const text = await scope.guard(readErrorText(response)).catch(() => '');
      const error = apiError(parseErrorBody(clean(text)), meta, clock.now(), status);
      observe(error.retryAfterMs);
      throw scope.failure ?? error;
    }
    observe();
    const toData = (text: string): unknown => {
      const parsed = parseBody(text, meta, clock.now(), clean);
      try {
        return context.fromWire(parsed);
      } catch {
        throw unexpected('The answer is nested too deep', clean(text), meta);
      }
    };
    const settled = { response, meta };
    if (mode.raw || spec.open) {
      const { streamIdleTimeoutMs } = call;
      const { fromWire, toWire } = context;
      const answer = { response, scope, meta, streamIdleTimeoutMs, decode: toData, fromWire, toWire, clean };
      // A raw answer has no data, and TwigPromise gives none.
      const data = (mode.raw ? undefined : await spec.open?.(answer)) as T;
      scope.handedOn = true;
      if (lease) scope.defer(() => lease?.release());
      return { ...settled, data, raw: () => rawResponse(response, scope) };
    }
    const text = await scope.guard(
      response.text().catch((error: unknown) => Promise.reject(connectionError(error, 'body', meta))),
    );
    const data = await decode(context, text, toData);
    const { statusText } = response;
    const raw = (): Response => new Response(text || null, { status, statusText, headers: response.headers });
    return { ...settled, data, raw };
  } catch (error) {
    // Whatever of the answer is still to come is not wanted.
    sent?.then(({ body }) => body?.cancel()).catch(() => {});
    record.error = error instanceof TwigError ? error.code : 'internal';
    throw error;
  } finally {
    stopTimer?.();
    if (!scope.handedOn) lease?.release();
  }
}
