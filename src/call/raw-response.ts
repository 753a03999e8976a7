/** The answer as it is, for who asked with `asResponse()`: the call's signal and deadline reach to its last byte. */

import type { TwigError } from '../errors.ts';
import type { BodyReader } from '../http/body-reader.ts';
import { connectionError } from '../http/connection-error.ts';
import type { CallResult } from '../options/instrumentation.ts';
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
  end(lifetime, { outcome: 'raw' });
  return canStream() ? response.toResponse() : response.given;
}

/** Ends the call, and says how. */
function end(lifetime: Lifetime, result: CallResult): void {
  if (lifetime.observation) lifetime.observation.result = result;
  lifetime.release();
}

/** What a body gives, as a stream of the platform. */
function passOn(
  reader: BodyReader,
  lifetime: Lifetime,
  cancel: (reason?: unknown) => void,
): ReadableStream<Uint8Array> {
  lifetime.phase = 'body';
  const leave = (outcome: 'left' | 'abandoned', reason?: unknown): void => {
    end(lifetime, { outcome });
    cancel(reason);
  };
  // While nobody reads; who reads next gets the error. It must not refer to the stream, which may be collected.
  const stop = (error: TwigError): void => end(lifetime, { outcome: 'failed', error });
  if (lifetime.failure) stop(lifetime.failure);
  else lifetime.onStop = stop;
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value = '' } = await lifetime.guard(reader.read());
          lifetime.onStop = stop;
          if (!done) return controller.enqueue(toBytes(value));
          controller.close();
          end(lifetime, { outcome: 'raw' });
        } catch (cause) {
          const error = lifetime.failure ?? connectionError(cause, 'body', lifetime);
          controller.error(error);
          end(lifetime, { outcome: 'failed', error });
        }
      },
      cancel: (reason) => leave('left', reason),
    },
    { highWaterMark: 0 },
  );
  lifetime.observation?.opened(body, () => leave('abandoned'));
  return body;
}

const toBytes = (piece: Uint8Array | string): Uint8Array =>
  typeof piece === 'string' ? new (need('TextEncoder', 'asResponse()'))().encode(piece) : piece;
