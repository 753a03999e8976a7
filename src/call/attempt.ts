/** One attempt of a call: a place at the limiter, the key, the timer, sending, and reading what comes. */

import { TwigError } from '../errors.ts';
import { connectionError } from '../http/connection-error.ts';
import { apiError, readErrorText } from '../http/error-response.ts';
import { safeHeaders } from '../http/headers.ts';
import { type LimiterLease, readServerTime } from '../http/rate-limit.ts';
import { readRetryAfter } from '../http/retry-after.ts';
import type { CallAttempt, ResponseMeta } from '../meta.ts';
import { askKey } from '../options/api-key.ts';
import { notify, type RequestInfo } from '../options/hooks.ts';
import type { FetchInit } from '../platform.ts';
import type { AttemptContext, CallContext } from './context.ts';
import { cleaner, noteHeaders, toData, toResult } from './read-response.ts';
import { send } from './send.ts';
import type { OpenAnswer, Settled } from './spec.ts';

/** What the observers of an attempt see; nothing is made when nobody looks. */
function describeRequest({ call, prepared, scope }: CallContext): RequestInfo | undefined {
  const { hooks, log } = call;
  if (!hooks.onRequest && !hooks.onResponse && log.level !== 'debug') return undefined;
  const { id, method } = prepared.operation;
  const headers = safeHeaders(prepared.headers);
  return { operation: id, method, url: prepared.url, headers, attempt: scope.meta.attempts.length };
}

/** An answer whose headers were read. */
interface Answer {
  response: Response;
  meta: ResponseMeta;
  /** Takes the key out of a text that came back. */
  clean: (text: string) => string;
}

/** Lets go of a body that nobody wants. */
const abandon = ({ body }: Response): void => void body?.cancel().catch(() => {});

/** Sends the request with this attempt's key, and notes what the headers of the answer say. */
async function dispatch(context: CallContext, record: CallAttempt): Promise<Answer> {
  const { call, prepared, scope, shared, transport } = context;
  const { apiKey, clock, hooks, log } = call;
  const { body, needsKey, operation } = prepared;
  const key = typeof apiKey !== 'function' ? apiKey : needsKey ? await scope.guard(askKey(apiKey)) : null;
  if (scope.failure) throw scope.failure;
  const clean = cleaner(key);
  const info = describeRequest(context);
  if (info) {
    notify(log, hooks.onRequest, info);
    log('debug', `${info.operation}: ${info.method} ${info.url}`, () => ({ ...info, body }));
  }
  const sentAt = clock.now();
  const init = {
    ...call.fetchOptions,
    method: operation.method,
    headers: needsKey ? { ...prepared.headers, authorization: `Bearer ${key}` } : prepared.headers,
    signal: scope.signal,
    redirect: call.followRedirects ? 'follow' : 'manual',
    ...(body !== undefined && { body }),
  };
  const exchange = (url: string, init: FetchInit): Promise<Response> => transport.exchange(call.fetch, url, init);
  // The cast: lib.dom's signal is the platform's own.
  const sent = send(exchange, prepared.url, init as FetchInit, scope.meta);
  const response = await scope.guard(sent).catch((error: unknown) => {
    sent.then(abandon, () => {});
    throw error;
  });
  scope.phase = 'body';
  const meta = noteHeaders(response, scope.meta, record, clean);
  const { status, requestId, rateLimit } = meta;
  if (rateLimit) shared.rateLimits[operation.scope] = rateLimit;
  if (info) {
    const answered = { status, requestId, durationMs: clock.now() - sentAt };
    notify(log, hooks.onResponse, { ...info, ...answered });
    log('debug', `${info.operation}: ${status}`, () => ({ ...answered, headers: safeHeaders(meta.headers) }));
  }
  return { response, meta, clean };
}

/** What the answer is: an error, data, or a body that somebody else reads. */
async function receive<T>(
  context: AttemptContext<T>,
  { response, meta, clean }: Answer,
  lease: LimiterLease | undefined,
): Promise<Settled<T>> {
  const { spec, call, prepared, scope, mode, validate } = context;
  const { status, rateLimit } = meta;
  const observe = (retryAfterMs?: number): void =>
    lease?.observe({ status, rateLimit, retryAfterMs, serverTimeMs: readServerTime(response.headers) });
  if (status < 200 || status > 299) {
    // Others of the scope must not go on being refused while a body is slow; it is asked only for what headers lack.
    const asked = readRetryAfter(response.headers, undefined, status, rateLimit, call.clock.now());
    if (asked !== undefined) observe(asked);
    // The status is known: a body that stalls or breaks must not hide it.
    const fault = await scope.guard(readErrorText(response)).catch(() => '');
    const error = apiError(clean(fault), meta, call.clock.now(), status);
    if (asked === undefined) observe(error.retryAfterMs);
    throw scope.failure ?? error;
  }
  observe();
  if (mode.raw || spec.open) {
    // A raw answer has no data, and TwigPromise gives none.
    const data = (mode.raw ? undefined : await spec.open?.(openAnswer(context, response, clean))) as T;
    scope.handedOn = true;
    if (lease) scope.defer(() => lease.release());
    return { data, response, meta, scope, text: undefined };
  }
  const reading = response.text().catch((cause: unknown) => Promise.reject(connectionError(cause, 'body', meta)));
  const text = await scope.guard(reading);
  const data = toResult(context, text, clean);
  if (spec.schema && validate) {
    const checking = validate(spec.schema, spec.checked ? spec.checked(data) : data, prepared.operation.id, meta);
    if (checking) await checking;
  }
  return { data, response, meta, scope, text };
}

/** Makes one attempt. Rejects with a {@link TwigError}; then everything of the attempt has been let go of. */
export async function runAttempt<T>(context: AttemptContext<T>, delayMs: number): Promise<Settled<T>> {
  const { call, prepared, scope } = context;
  const { priority, rateLimiter, timeoutMs } = call;
  const record: CallAttempt = { delayMs };
  scope.meta.attempts.push(record);
  scope.phase = 'headers';
  let place: Promise<LimiterLease> | undefined;
  let lease: LimiterLease | undefined;
  let stopTimer: (() => void) | undefined;
  let answer: Answer | undefined;
  try {
    if (rateLimiter) {
      place = rateLimiter.acquire(prepared.operation.scope, { priority, signal: scope.signal });
      lease = await scope.guard(place);
    }
    stopTimer = scope.after(timeoutMs, () => scope.expire('timeoutMs', timeoutMs));
    answer = await dispatch(context, record);
    return await receive(context, answer, lease);
  } catch (error) {
    // Whatever of the answer is still to come is not wanted.
    if (answer) abandon(answer.response);
    // A place that was given in the moment of the stop.
    if (!lease) place?.then((late) => late.release()).catch(() => {});
    record.error = error instanceof TwigError ? error.code : 'internal';
    throw error;
  } finally {
    stopTimer?.();
    if (!scope.handedOn) lease?.release();
  }
}

function openAnswer(context: CallContext, response: Response, clean: (text: string) => string): OpenAnswer {
  const { call, fromWire, scope, toWire } = context;
  return {
    response,
    scope,
    // There was an answer: status and headers are noted.
    meta: scope.meta as ResponseMeta,
    streamIdleTimeoutMs: call.streamIdleTimeoutMs,
    decode: (text) => toData(context, text, clean),
    fromWire,
    toWire,
    clean,
  };
}
