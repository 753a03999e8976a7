/** The answer as it is, for who asked with `asResponse()`: the call's signal and deadline reach to its last byte. */

import type { BodyReader } from '../http/body-reader.ts';
import { connectionError } from '../http/connection-error.ts';
import { need, probe } from '../runtime.ts';
import type { Lifetime } from './lifetime.ts';
import type { Settled } from './spec.ts';

/** Whether a `Response` of this platform can be made of a stream: React Native has none that can. */
const canStream = (): boolean =>
  probe(({ ReadableStream, Response }) => ReadableStream && Response && new Response(new ReadableStream()).body) !==
  undefined;

/**
 * The response with its body passed on, so that the end of the body ends the call; made anew where the body was read
 * before anybody asked.
 */
export function rawResponse({ response, lifetime, text }: Settled<unknown>): Response {
  if (text !== undefined) return response.toResponse(text || null);
  const reader = canStream() ? response.reader() : undefined;
  if (reader) return response.toResponse(passOn(reader, lifetime, response.cancel));
  // There is no body, or nothing that its end could be seen with.
  lifetime.release();
  return canStream() ? response.toResponse() : response.given;
}

/** What a body gives, as a stream of the platform. */
function passOn(reader: BodyReader, lifetime: Lifetime, leave: (reason: unknown) => void): ReadableStream<Uint8Array> {
  lifetime.phase = 'body';
  return new ReadableStream(
    {
      pull: async (controller) => {
        try {
          const { done, value = '' } = await lifetime.guard(reader.read());
          if (!done) return controller.enqueue(toBytes(value));
          controller.close();
        } catch (error) {
          controller.error(lifetime.failure ?? connectionError(error, 'body', lifetime));
        }
        lifetime.release();
      },
      cancel: (reason) => {
        lifetime.release();
        leave(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

const toBytes = (piece: Uint8Array | string): Uint8Array =>
  typeof piece === 'string' ? new (need('TextEncoder', 'asResponse()'))().encode(piece) : piece;
