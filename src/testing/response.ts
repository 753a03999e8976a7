/** From what an endpoint gives to the response on the wire, spoilt as an armed fault says. */

import type { Caller } from './caller.ts';
import type { EndpointResult } from './endpoint.ts';
import { spoil } from './fault-effects.ts';
import type { Fault } from './faults.ts';
import { bodyOf, breakAfter, encodeEvent, paced } from './stream.ts';

/** Those of a response that can have no body (WHATWG Fetch, "null body status"). */
const BODILESS: readonly number[] = [204, 205, 304];

/** What a response depends on beside the result. */
export interface Delivery {
  readonly headers: Headers;
  readonly fault: Fault | undefined;
  readonly requestId: string;
  readonly latencyMs: number;
  readonly caller: Caller;
  /** Waits on the mock's clock. */
  pause(ms: number): Promise<void> | undefined;
}

/** The response for a result. */
export function toResponse(result: EndpointResult, delivery: Delivery): Response {
  const { status, body, events } = result;
  const { caller, fault, headers, latencyMs, pause, requestId } = delivery;
  if (BODILESS.includes(status)) {
    caller.release();
    return new Response(null, { status, headers });
  }
  headers.set('content-type', events ? 'text/event-stream' : 'application/json');
  if (events) headers.set('cache-control', 'no-cache');
  const pieces = events ? spoil(events.map(encodeEvent), fault, requestId) : [JSON.stringify(body)];
  const delay = !events ? 0 : fault?.kind === 'slowStream' ? fault.delayMs : latencyMs / 10;
  const chunks = paced(pieces, () => pause(delay));
  const isBroken = fault?.kind === 'disconnect';
  return new Response(bodyOf(isBroken ? breakAfter(fault.afterBytes ?? 0, chunks) : chunks, caller), {
    status,
    headers,
  });
}
