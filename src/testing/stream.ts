/** Bodies that come piece by piece: the events of an answer, and bodies that break off. */

import type { Caller } from './caller.ts';
import type { StreamEvent } from './endpoint.ts';
import { terminated } from './network-error.ts';

/** An event as it is written on the wire. */
export const encodeEvent = ({ event, data }: StreamEvent): string =>
  `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** The bytes of the pieces. `pause` runs before each. */
export async function* paced(
  pieces: string[],
  pause: () => Promise<void> | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  for (const piece of pieces) {
    await pause();
    yield encoder.encode(piece);
  }
}

/** The first `bytes` bytes; then the connection is gone. */
export async function* breakAfter(
  bytes: number,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = bytes;
  if (left > 0) {
    for await (const chunk of chunks) {
      yield chunk.subarray(0, left);
      left -= chunk.byteLength;
      if (left <= 0) break;
    }
  }
  // A server writes what it has at the end of its turn; what is broken earlier takes those bytes along.
  await new Promise((resolve) => setTimeout(resolve, 1));
  throw terminated();
}

/** A body whose chunks are made as the reader asks for them. When the caller's signal aborts, it errors with its reason. */
export function bodyOf(
  chunks: AsyncGenerator<Uint8Array, void, undefined>,
  { signal, leave, release }: Caller,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const fail = (): void => controller.error(signal.reason);
        if (signal.aborted) fail();
        else signal.addEventListener('abort', fail, { once: true });
      },
      async pull(controller) {
        try {
          const { done, value } = await chunks.next();
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          controller.error(error);
        }
        release();
      },
      cancel: leave,
    },
    { highWaterMark: 0 },
  );
}
