/** The bytes of a stream, read one chunk at a time and only when asked, as text, under the idle limit. */

import type { OpenResponse } from '../call/spec.ts';
import { elapsed } from '../clock.ts';
import type { TwigError } from '../errors.ts';
import type { BodyReader, Piece } from '../http/body-reader.ts';
import { connectionError } from '../http/connection-error.ts';
import { createTextDecoder } from '../http/text-decoder.ts';

/** How long a finished stream's socket may take to end by itself, and so stay usable for the next call. */
const GRACE_MS = 100;
/** How much it may still give until then: a body that always has more at once would let no timer fire. */
const MOST_LATE_PIECES = 100;

/** Reads a body. */
export interface ByteSource {
  /** Reads a chunk. */
  read(): void;
  /** Closes the socket now. */
  cancel(reason?: unknown): void;
  /** Lets the body end by itself, since all that matters has come; closes the socket if it does not. */
  drain(): void;
}

/** Makes a source. `onText` gets the text of each chunk, and `true` at the clean end. */
export function createByteSource(
  reader: BodyReader,
  {
    response,
    lifetime,
    streamIdleTimeoutMs: idleMs,
  }: Pick<OpenResponse, 'response' | 'lifetime' | 'streamIdleTimeoutMs'>,
  onText: (text: string, isEnd: boolean) => void,
  onError: (error: TwigError) => void,
): ByteSource {
  const decode = createTextDecoder();
  let stopTimer: (() => void) | undefined;
  let isReading = false;
  let heardAt = 0;

  // These two are made once: a stream may have a hundred thousand chunks.
  const onPiece = ({ done, value }: Piece): void => {
    isReading = false;
    let text = '';
    try {
      text = decode(value);
    } catch (error) {
      onBreak(error);
      return;
    }
    onText(text, done);
  };
  const onBreak = (error: unknown): void => {
    isReading = false;
    onError(connectionError(error, 'stream', lifetime));
  };

  /** One timer for the whole stream, set anew when it fires early: a timer per chunk would cost more than the chunk. */
  const watch = (limit: number, ms: number): void => {
    stopTimer = lifetime.after(ms, () => {
      stopTimer = undefined;
      if (!isReading) return; // The reader is slow, not the server. The next read starts a new timer.
      const left = heardAt + limit - elapsed(lifetime.clock);
      if (left > 0) watch(limit, left);
      else lifetime.expire('streamIdleTimeoutMs', limit);
    });
  };

  return {
    read() {
      isReading = true;
      heardAt = elapsed(lifetime.clock);
      if (idleMs !== false && !stopTimer) watch(idleMs, idleMs);
      reader.read().then(onPiece, onBreak);
    },
    cancel(reason) {
      stopTimer?.();
      response.cancel(reason);
      lifetime.release();
    },
    drain() {
      stopTimer?.();
      let left = MOST_LATE_PIECES;
      const stop = lifetime.after(GRACE_MS, () => leave());
      const leave = (): void => {
        left = 0;
        stop();
        response.cancel();
      };
      const next = (): void => void reader.read().then(({ done }) => (!done && left-- > 0 ? next() : leave()), stop);
      next();
      lifetime.release();
    },
  };
}
