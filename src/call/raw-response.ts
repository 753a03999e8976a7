/** The answer as it is, for who asked with `asResponse()`: the call's signal and deadline reach to its last byte. */

import { connectionError } from '../http/connection-error.ts';
import type { Settled } from './spec.ts';

/**
 * The response with its body passed on, so that the end of the body ends the call; made anew where the body was read
 * before anybody asked.
 */
export function rawResponse({ response, lifetime, text }: Settled<unknown>): Response {
  // A constructed Response has no address of its own.
  const copy = (body: BodyInit | null): Response =>
    Object.defineProperty(new Response(body, response), 'url', { value: response.url });
  if (text !== undefined) return copy(text || null);
  const reader = response.body?.getReader();
  if (!reader) {
    lifetime.release();
    return response;
  }
  lifetime.phase = 'body';
  const body = new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        try {
          const { done, value } = await lifetime.guard(reader.read());
          if (!done) return controller.enqueue(value);
          controller.close();
        } catch (error) {
          controller.error(lifetime.failure ?? connectionError(error, 'body', lifetime.meta));
        }
        lifetime.release();
      },
      cancel: (reason) => {
        lifetime.release();
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return copy(body);
}
