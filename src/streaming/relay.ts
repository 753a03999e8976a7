/** A streamed answer handed on: as text, or as server-sent events in the API's own dialect. Read as it is consumed. */

import { TwigError } from '../errors.ts';
import { type HeadersInput, mergeHeaders } from '../http/headers.ts';
import type { QueryStreamEvent } from './reduce.ts';

/** What a relayed response may be given. */
export interface RelayInit {
  /** Default 200. */
  status?: number | undefined;
  /** Added to `content-type: text/event-stream` and `cache-control: no-cache`. */
  headers?: HeadersInput | undefined;
  /** What the reader is told of a fault. Default: its code and message. */
  describeError?: ((error: unknown) => { code: string; message: string }) | undefined;
}

/** Turns an iteration into bytes, piece by piece; `last` may turn a fault into a last piece. */
function toBytes(
  iterator: AsyncIterator<QueryStreamEvent>,
  encode: (event: QueryStreamEvent) => string,
  last?: (error: unknown) => string,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isLeft = false;
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await iterator.next();
            if (isLeft) return;
            if (done) return controller.close();
            const text = encode(value);
            if (text) return controller.enqueue(encoder.encode(text));
          }
        } catch (error) {
          if (!last) return controller.error(error);
          controller.enqueue(encoder.encode(last(error)));
          controller.close();
        }
      },
      async cancel() {
        isLeft = true;
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

/** The text of the answer. */
export function toTextStream(stream: AsyncIterable<QueryStreamEvent>): ReadableStream<Uint8Array> {
  return toBytes(stream[Symbol.asyncIterator](), (event) => (event.type === 'delta' ? event.text : ''));
}

/** A server-sent event. Line breaks in the data become several `data:` lines (WHATWG HTML, "server-sent events"). */
function message(event: string, data: unknown): string {
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `event: ${event.replace(/[\r\n]/g, ' ')}\ndata: ${text.replace(/\r\n|\r|\n/g, '\ndata: ')}\n\n`;
}

/** A fault in the words of its error, if it is one of ours. */
function describeFault(error: unknown): { code: string; message: string } {
  return error instanceof TwigError ? error : { code: 'internal_error', message: 'The stream broke.' };
}

/** The answer as a response. A fault becomes an `error` event, since the status has been sent by then. */
export function toSSEResponse(
  stream: AsyncIterable<QueryStreamEvent>,
  toWire: (value: unknown) => unknown,
  init: RelayInit = {},
): Response {
  let text = '';
  const encode = (event: QueryStreamEvent): string => {
    switch (event.type) {
      case 'delta':
        text += event.text;
        return message('delta', { delta: event.text });
      case 'sources':
        return message('sources', { sources: toWire(event.sources) });
      case 'metadata':
        return message('metadata', { metadata: toWire(event.metadata) });
      case 'done': {
        const { response, sources: _, metadata: __, ...rest } = event.response;
        return message('done', toWire(response === text ? rest : { ...rest, response }));
      }
      default:
        return message(event.event, toWire(event.data));
    }
  };
  const { describeError = describeFault } = init;
  const toErrorEvent = (error: unknown): string => {
    const { code, message: why } = describeError(error);
    const requestId = error instanceof TwigError ? error.meta?.requestId : undefined;
    return message('error', { error: { code, message: why }, request_id: requestId });
  };
  const headers = { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' };
  return new Response(toBytes(stream[Symbol.asyncIterator](), encode, toErrorEvent), {
    status: init.status ?? 200,
    headers: mergeHeaders(headers, init.headers),
  });
}
