/** One attempt of a call: a place at the limiter, the key, the timer, sending, and reading what comes. */

import { elapsed } from '../clock.ts';
import { TwigError } from '../errors.ts';
import { connectionError } from '../http/connection-error.ts';
import { apiError, readErrorText } from '../http/error-response.ts';
import { safeHeaders } from '../http/headers.ts';
import { adaptResponse, answerIn, type HttpResponse } from '../http/http-response.ts';
import { type LimiterLease, readServerTime } from '../http/rate-limit.ts';
import { createRedactor } from '../http/redactor.ts';
import { readRetryAfter } from '../http/retry-after.ts';
import type { CallAttempt, ResponseMeta } from '../meta.ts';
import { askKey } from '../options/api-key.ts';
import { notify, type RequestInfo } from '../options/hooks.ts';
import type { FetchInit } from '../platform.ts';
import type { AttemptContext, CallContext } from './context.ts';
import { noteHeaders, showHeaders, toData, toResult } from './read-response.ts';
import { send } from './send.ts';
import type { OpenResponse, Settled } from './spec.ts';

/** What the observers of an attempt see; nothing is made when nobody looks. */
function describeRequest({ call, prepared, lifetime }: CallContext): RequestInfo | undefined {
  const { hooks, log } = call;
  if (!hooks.onRequest && !hooks.onResponse && log.level !== 'debug') return undefined;
  const { id, method } = prepared.operation;
  const headers = safeHeaders(prepared.headers);
  return { operation: id, method, url: prepared.url, headers, attempt: lifetime.meta.attempts.length };
}

/** A response whose headers were read. */
interface ReceivedResponse {
  response: HttpResponse;
  meta: ResponseMeta;
  /** Takes the key out of a text that came back. */
  redact: (text: string) => string;
}

/** Sends the request with this attempt's key, and notes what the headers of the answer say. */
async function dispatch<T>(context: AttemptContext<T>, record: CallAttempt): Promise<ReceivedResponse> {
  const { spec, call, prepared, lifetime, mode, shared, transport, validator } = context;
  const { apiKey, clock, hooks, log } = call;
  const { body, needsKey, operation } = prepared;
  const key = typeof apiKey !== 'function' ? apiKey : needsKey ? await lifetime.guard(askKey(apiKey)) : null;
  if (lifetime.failure) throw lifetime.failure;
  const headers: Record<string, string> = { ...lifetime.observation?.headers(), ...prepared.headers };
  if (needsKey) headers.authorization = `Bearer ${key}`;
  const redact = createRedactor(key, headers);
  lifetime.redact = redact;
  const info = describeRequest(context);
  if (info) {
    notify(log, hooks.onRequest, info);
    log('debug', `${info.operation}: ${info.method} ${info.url}`, () => ({ ...info, body }));
  }
  const sentAt = elapsed(clock);
  const { controller } = lifetime;
  // What is sent comes from the parameters alone.
  const { body: _, ...fetchOptions } = call.fetchOptions;
  const init = {
    ...fetchOptions,
    method: operation.method,
    headers,
    signal: controller.signal,
    redirect: call.followRedirects ? 'follow' : 'manual',
    ...(body !== undefined && { body }),
  };
  const { fetch } = call; // Called bare: Workers refuse it as a method.
  const exchange = (url: string, init: FetchInit): Promise<HttpResponse> =>
    transport.exchange(url, async () => {
      const responding = fetch(url, init);
      if (spec.schema && !mode.raw) validator?.load();
      let given: unknown;
      try {
        given = await responding;
      } catch (error) {
        given = answerIn(error);
      }
      return adaptResponse(given, () => controller.abort(), redact);
    });
  // The cast: lib.dom's signal is the platform's own.
  const sent = send(exchange, prepared.url, init as FetchInit, lifetime);
  const response = await lifetime.guard(sent).catch((error: unknown) => {
    sent.then(
      (late) => late.cancel(),
      () => {},
    );
    throw error;
  });
  lifetime.phase = 'body';
  const meta = noteHeaders(response, lifetime.meta, record, clock, redact);
  const { status, requestId, rateLimit } = meta;
  if (rateLimit) shared.rateLimits[operation.scope] = rateLimit;
  if (info) {
    const answered = { status, requestId, durationMs: elapsed(clock) - sentAt };
    notify(log, hooks.onResponse, { ...info, ...answered });
    log('debug', `${info.operation}: ${status}`, () => ({ ...answered, headers: safeHeaders(meta.headers) }));
  }
  return { response, meta, redact };
}

/** What the answer is: an error, data, or a body that somebody else reads. */
async function receive<T>(
  context: AttemptContext<T>,
  { response, meta, redact }: ReceivedResponse,
  lease: LimiterLease | undefined,
): Promise<Settled<T>> {
  const { spec, call, prepared, lifetime, mode, validator } = context;
  const { status, rateLimit } = meta;
  const observe = (retryAfterMs?: number): void =>
    lease?.observe({ status, rateLimit, retryAfterMs, serverTimeMs: readServerTime(response.fields) });
  if (status < 200 || status > 299) {
    // Others of the scope must not go on being refused while a body is slow; it is asked only for what headers lack.
    const asked = readRetryAfter(response.fields, undefined, status, rateLimit, call.clock);
    if (asked !== undefined) observe(asked);
    // The status is known: a body that stalls or breaks must not hide it.
    const body = await lifetime.guard(readErrorText(response)).catch(() => '');
    const error = apiError(redact(body), meta, call.clock, status);
    if (asked === undefined) observe(error.retryAfterMs);
    throw lifetime.failure ?? error;
  }
  observe();
  // What is given to others is plain data; of the rest most callers never ask.
  if (mode.raw || spec.takeOver || spec.read || lifetime.observation) showHeaders(meta);
  if (mode.raw || spec.takeOver) {
    // A raw answer has no data, and TwigPromise gives none.
    const data = (mode.raw ? undefined : await spec.takeOver?.(toOpenResponse(context, response, redact))) as T;
    lifetime.handedOn = true;
    if (lease) lifetime.defer(() => lease.release());
    lifetime.defer(() => lifetime.observation?.end(lifetime.result));
    return { data, response, meta, lifetime, text: undefined };
  }
  const reading = response.text().catch((cause: unknown) => Promise.reject(connectionError(cause, 'body', lifetime)));
  const text = await lifetime.guard(reading);
  const data = toResult(context, text, redact);
  const { schema, checked = (result: T): unknown => result } = spec;
  if (schema && validator) {
    const readAgain = (): unknown => checked(toResult(context, text, redact));
    const { id } = prepared.operation;
    const checking = validator.check({ operation: id, meta, schema, data: checked(data), readAgain });
    if (checking) await lifetime.guard(checking);
  }
  return { data, response, meta, lifetime, text };
}

/** Makes one attempt. Rejects with a {@link TwigError}; then everything of the attempt has been let go of. */
export async function runAttempt<T>(context: AttemptContext<T>, delayMs: number): Promise<Settled<T>> {
  const { call, prepared, lifetime } = context;
  const { priority, rateLimiter, timeoutMs } = call;
  const record: CallAttempt = { delayMs };
  lifetime.meta.attempts.push(record);
  lifetime.phase = 'headers';
  let place: Promise<LimiterLease> | undefined;
  let lease: LimiterLease | undefined;
  let stopTimer: (() => void) | undefined;
  let received: ReceivedResponse | undefined;
  try {
    if (rateLimiter) {
      const askedAt = elapsed(call.clock);
      place = rateLimiter.acquire(prepared.operation.scope, { priority, signal: lifetime.signal });
      lease = await lifetime.guard(place);
      lifetime.observation?.tell((observer) => observer.queued?.(elapsed(call.clock) - askedAt));
    }
    stopTimer = lifetime.after(timeoutMs, () => lifetime.expire('timeoutMs', timeoutMs));
    received = await dispatch(context, record);
    return await receive(context, received, lease);
  } catch (error) {
    // Whatever of the answer is still to come is not wanted.
    received?.response.cancel();
    // A place that was given in the moment of the stop.
    if (!lease) place?.then((late) => late.release()).catch(() => {});
    record.error = error instanceof TwigError ? error.code : 'internal';
    throw error;
  } finally {
    stopTimer?.();
    if (!lifetime.handedOn) lease?.release();
  }
}

function toOpenResponse(context: CallContext, response: HttpResponse, redact: (text: string) => string): OpenResponse {
  const { call, fromWire, lifetime, toWire } = context;
  return {
    response,
    lifetime,
    // There was an answer: status and headers are noted.
    meta: lifetime.meta as ResponseMeta,
    streamIdleTimeoutMs: call.streamIdleTimeoutMs,
    decode: (text) => toData(context, text, redact),
    fromWire,
    toWire,
    redact,
  };
}
