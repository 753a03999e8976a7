/** A streamed answer as a stream of parts. */

import { TwigAbortError, TwigError } from '../errors.ts';
import type { PlatformReadableStream } from '../platform.ts';
import type { QueryStream } from '../streaming/query-stream.ts';
import { type FailedCall, toAISDKError } from './to-ai-sdk-error.ts';
import type { PartMapper } from './to-parts.ts';
import type { TwigModelWarning, TwigStreamPart } from './types.ts';

/**
 * Reads the answer as fast as it comes, not as fast as it is read: `ai` 7 never tells a provider that its stream was left
 * (it hands out branches of a tee), so a pulled stream would hold its connection and its place at a limiter for good. It
 * keeps the whole answer itself, so memory is no argument.
 */
export function streamParts(
  answer: QueryStream,
  warnings: TwigModelWarning[],
  mapper: PartMapper,
  call: FailedCall,
): PlatformReadableStream {
  let isLeft = false;
  const stream = new ReadableStream<TwigStreamPart>({
    start: (controller) => {
      const give = (parts: TwigStreamPart[]): void => {
        for (const part of parts) controller.enqueue(part);
      };
      const readAll = async (): Promise<void> => {
        try {
          for await (const event of answer) give(mapper.ofEvent(event));
        } catch (error) {
          if (isLeft) return;
          const failure = toAISDKError(error, call);
          // By the error of the stream the AI SDK knows that it was aborted.
          if (error instanceof TwigAbortError) return controller.error(failure);
          give(mapper.ofFailure(failure, error instanceof TwigError ? error.code : undefined, answer.partialResponse));
        }
        // Who left in the very moment of the end has closed it already.
        if (!isLeft) controller.close();
      };
      give([{ type: 'stream-start', warnings }]);
      void readAll();
    },
    cancel: (reason) => {
      isLeft = true;
      answer.abort(reason);
    },
  });
  // The cast: lib.dom's stream is the platform's own.
  return stream as PlatformReadableStream;
}
