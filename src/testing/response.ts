/** From what an endpoint answers to the response on the wire, spoilt as an armed fault says. */

import { spoil } from './fault-effects.ts';
import type { Fault } from './faults.ts';
import type { Reply } from './reply.ts';
import { bodyOf, breakAfter, encodeEvent } from './stream.ts';

/** What a response depends on beside the answer. */
export interface Delivery {
  readonly headers: Headers;
  readonly fault: Fault | undefined;
  readonly requestId: string;
  readonly latencyMs: number;
  /** Waits on the mock's clock. */
  pause(ms: number): Promise<void> | undefined;
}

/** The response for a reply. */
export function toResponse(reply: Reply, { headers, fault, requestId, latencyMs, pause }: Delivery): Response {
  const { status, body, events } = reply;
  if (status === 204) return new Response(null, { status, headers });
  let content: ReadableStream<Uint8Array>;
  if (events) {
    headers.set('content-type', 'text/event-stream');
    headers.set('cache-control', 'no-cache');
    const delay = fault?.kind === 'slowStream' ? fault.delayMs : latencyMs / 10;
    content = bodyOf(spoil(events.map(encodeEvent), fault, requestId), () => pause(delay));
  } else {
    headers.set('content-type', 'application/json');
    content = bodyOf([JSON.stringify(body)], () => undefined);
  }
  if (fault?.kind === 'disconnect') {
    // msw 3 ends a body that names no framing with the end of the connection: a break would look like a clean end.
    headers.set('transfer-encoding', 'chunked');
    content = breakAfter(content, fault.afterBytes ?? 0);
  }
  return new Response(content, { status, headers });
}
