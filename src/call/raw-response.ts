/** The answer as it is, for who asked with `asResponse()`: the call's signal and deadline reach to its last byte. */

import type { TwigError } from '../errors.ts';
import type { BodyReader } from '../http/body-reader.ts';
import { connectionError } from '../http/connection-error.ts';
import type { CallResult } from '../options/instrumentation.ts';
import { canStream, need } from '../runtime.ts';
import type { Lifetime } from './lifetime.ts';
import type { Settled } from './spec.ts';

/**
 * The response with its body passed on, so that the end of the body ends the call; made anew where the body was read
 * before anybody asked.
 */
export function rawResponse({ response, lifetime, text }: Settled<unknown>): Response {
  if (text !== undefined) return response.toResponse(text || null);
  const reader = canStream() ? response.reader() : undefined;
  if (reader) return response.toResponse(passOn(reader, lifetime, response.cancel));
  // There is no body, or nothing that its end could be seen with.
  lifetime.result = { outcome: 'raw' };
  lifetime.release();
  return canStream() ? response.toResponse() : response.given;
}

/** What a body gives, as a stream of the platform. */
function passOn(
  reader: BodyReader,
  lifetime: Lifetime,
  cancel: (reason?: unknown) => void,
): ReadableStream<Uint8Array> {
  lifetime.phase = 'body';
  const end = (result: CallResult): void => {
    lifetime.result = result;
    lifetime.release();
  };
  // While nobody reads; who reads next gets the error. It must not refer to the stream, which may be collected.
  const stop = (error: TwigError): void => {
    end({ outcome: 'failed', error });
    cancel(error);
  };
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
          end({ outcome: 'raw' });
        } catch (cause) {
          const error = lifetime.failure ?? connectionError(cause, 'body', lifetime);
          controller.error(error);
          stop(error);
        }
      },
      cancel: (reason) => {
        end({ outcome: 'left' });
        cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  lifetime.observation?.opened(body, () => {
    end({ outcome: 'abandoned' });
    cancel();
  });
  return body;
}

const toBytes = (piece: Uint8Array | string): Uint8Array =>
  typeof piece === 'string' ? new (need('TextEncoder', 'asResponse()'))().encode(piece) : piece;
