/** What an armed fault does: instead of a response, or to the events of one. */

import type { Fault } from './faults.ts';
import { Problem } from './problem.ts';
import { encodeEvent } from './stream.ts';

const MESSAGES: Record<number, string> = {
  400: 'Invalid request',
  401: 'Invalid API key',
  403: 'API key lacks the scope',
  404: 'Resource not found',
  429: 'Rate limit exceeded',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** The error response that a status fault stands for. */
export function problemOf(fault: Extract<Fault, { kind: 'status' }>, now: number): Problem {
  const { status, retryAfter, message = MESSAGES[status] ?? `Status ${status}`, details, code } = fault;
  const exhausted = { 'x-ratelimit-remaining': 0, 'x-ratelimit-reset': Math.ceil(now / 1000) + (retryAfter ?? 1) };
  const headers = {
    ...(status === 429 ? exhausted : {}),
    ...(retryAfter === undefined ? {} : { 'retry-after': retryAfter }),
    ...fault.headers,
  };
  return new Problem(status, message, { code, details, headers });
}

/** The page that a gateway puts in front of an API that it cannot reach. */
export function htmlPage(status: number): Response {
  const page = `<!DOCTYPE html>\n<html><head><title>${status}</title></head><body><h1>${status}</h1><hr>gateway</body></html>\n`;
  return new Response(page, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

/** The events of a stream as a fault leaves them. */
export function spoil(events: string[], fault: Fault | undefined, requestId: string): string[] {
  if (!fault || !('afterEvents' in fault)) return events;
  const head = events.slice(0, fault.afterEvents);
  switch (fault.kind) {
    case 'truncateStream':
      // The terminal event is never among what is left, however many events were asked for.
      return events.slice(0, Math.min(fault.afterEvents, events.length - 1));
    case 'malformedEvent':
      return [...head, 'event: sources\ndata: {"sources":[{"chunk_id":\n\n', ...events.slice(fault.afterEvents)];
    case 'errorEvent': {
      const { code, message } = fault;
      const data = { error: { code, message, details: {} }, request_id: requestId };
      return [...head, encodeEvent({ event: 'error', data })];
    }
  }
}
