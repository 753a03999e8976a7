/** One attempt of a call: a place at the limiter, the key, the timer, sending, and reading what comes. */

import { type CallAttempt, type ResponseMeta, TwigConfigError, TwigError } from '../errors.ts';
import { cleaner, cleanHeaders, noteHeaders, toResult } from './answer.ts';
import type { BodyMode, CallSpec, Settled } from './call.ts';
import { connectionError } from './connection-error.ts';
import { safeHeaders } from './headers.ts';
import { notify, type RequestInfo } from './hooks.ts';
import { type CallConfig, checkKey } from './options.ts';
import type { FetchInit } from './platform.ts';
import type { Prepared } from './prepare.ts';
import { type LimiterLease, readServerTime } from './rate-limit.ts';
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
  let clean = cleaner(null);
  try {
    if (rateLimiter) {
      lease = await scope.guard(rateLimiter.acquire(operation.scope, { priority: call.priority, signal }));
    }
    stopTimer = scope.after(call.timeoutMs, () => scope.expire('timeoutMs', call.timeoutMs));
    const key = typeof call.apiKey === 'function' ? await scope.guard(askKey(call)) : call.apiKey;
    if (scope.failure) throw scope.failure;
    clean = cleaner(key);
    const headers = prepared.needsKey ? { ...prepared.headers, authorization: `Bearer ${key}` } : prepared.headers;
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
    noteHeaders(response, meta, record);
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
    const data = await toResult(spec, text, meta, id, toData, context.validate);
    const { statusText } = response;
    const raw = (): Response => new Response(text || null, { status, statusText, headers: response.headers });
    return { ...settled, data, raw };
  } catch (error) {
    // Whatever of the answer is still to come is not wanted.
    sent?.then(({ body }) => body?.cancel()).catch(() => {});
    cleanHeaders(meta, clean);
    record.error = error instanceof TwigError ? error.code : 'internal';
    throw error;
  } finally {
    stopTimer?.();
    if (!scope.handedOn) lease?.release();
  }
}
