/** Bodies that come piece by piece: the events of an answer, and bodies that break off. */

import type { StreamEvent } from './reply.ts';

/** An event as it is written on the wire. */
export const encodeEvent = ({ event, data }: StreamEvent): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** A body of pieces, made one at a time as the reader asks for them. `pause` runs before each. */
export function bodyOf(pieces: string[], pause: () => Promise<void> | undefined): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let next = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const piece = pieces[next++];
        if (piece === undefined) return controller.close();
        await pause();
        controller.enqueue(encoder.encode(piece));
      },
    },
    { highWaterMark: 0 },
  );
}

/** The body's first `bytes` bytes; then the connection is gone. */
export function breakAfter(body: ReadableStream<Uint8Array>, bytes: number): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let left = bytes;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = left > 0 ? await reader.read() : { done: true, value: undefined };
        if (done || !value) {
          // A server writes what it has at the end of its turn; what is broken earlier takes those bytes along.
          await new Promise((resolve) => setTimeout(resolve, 1));
          controller.error(new TypeError('The mock broke the connection.'));
          return;
        }
        controller.enqueue(value.subarray(0, left));
        left -= value.byteLength;
      },
    },
    { highWaterMark: 0 },
  );
}
