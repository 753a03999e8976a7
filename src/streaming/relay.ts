/** A streamed answer handed on: as text, or as server-sent events in the API's own dialect. Read as it is consumed. */

import { TwigError } from '../errors.ts';
import { type HeadersInput, mergeHeaders } from '../http/headers.ts';
import { ASYNC_ITERATOR, canStream, lacks, need } from '../runtime.ts';
import type { QueryStreamEvent } from './reduce.ts';
import { createPairJoiner, toWellFormed } from './surrogates.ts';

/** What a relayed response may be given. */
export interface RelayInit {
  /** Default 200. */
  status?: number | undefined;
  /** Added to `content-type: text/event-stream`, and to those that keep whoever stands in between from holding words back. */
  headers?: HeadersInput | undefined;
  /** What the reader is told of a fault. Default: its code and message. */
  describeError?: ((error: unknown) => { code: string; message: string }) | undefined;
}

/**
 * Turns an iteration into bytes, piece by piece; what `write` makes no text of is passed over. A fault breaks the stream,
 * unless a last piece is made of it.
 */
export function toBytes<T>(
  iterator: AsyncIterator<T>,
  write: (value: T) => string,
  toLastPiece?: (error: unknown) => string,
): ReadableStream<Uint8Array> {
  const encoder = new (need('TextEncoder', 'Handing an answer on'))();
  let isLeft = false;
  const Stream = need('ReadableStream', 'Handing an answer on');
  return new Stream(
    {
      async pull(controller) {
        try {
          for (;;) {
            const { done, value } = await iterator.next();
            if (isLeft) return;
            if (done) return controller.close();
            const text = write(value);
            if (text) return controller.enqueue(encoder.encode(text));
          }
        } catch (error) {
          if (!toLastPiece) return controller.error(error);
          controller.enqueue(encoder.encode(toLastPiece(error)));
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

/**
 * What goes with events that come one by one: middleware that compresses gathers what it is given, unless nothing may be
 * transformed (`no-transform`: RFC 9111, section 5.2.2.6), and nginx gathers unless it is told not to.
 */
const EVENT_STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
};

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
  const { next, end } = createPairJoiner();
  let written = '';
  const delta = (text: string): string => {
    written += text;
    return text && message('delta', { delta: text });
  };
  const write = (event: QueryStreamEvent): string => {
    switch (event.type) {
      case 'delta':
        return delta(next(event.text));
      case 'sources':
        return message('sources', { sources: toWire(event.sources) });
      case 'metadata':
        return message('metadata', { metadata: toWire(event.metadata) });
      case 'done': {
        const rest = delta(end());
        const { response, sources: _, metadata: __, ...facts } = event.response;
        const whole = toWellFormed(response);
        return rest + message('done', toWire(whole === written ? facts : { ...facts, response: whole }));
      }
      default:
        return message(event.event, toWire(event.data));
    }
  };
  const { describeError = describeFault } = init;
  const toErrorEvent = (error: unknown): string => {
    const { code, message: why } = describeError(error);
    const requestId = error instanceof TwigError ? error.meta?.requestId : undefined;
    return delta(end()) + message('error', { error: { code, message: why }, request_id: requestId });
  };
  const Platform = need('Response', 'toSSEResponse()');
  if (canStream() === false) throw lacks('Response', 'toSSEResponse()');
  return new Platform(toBytes(stream[ASYNC_ITERATOR](), write, toErrorEvent), {
    status: init.status ?? 200,
    headers: mergeHeaders({ ...EVENT_STREAM }, init.headers),
  });
}
