/** The bytes of a stream, read one chunk at a time and only when asked, as text, under the idle limit. */

import type { OpenAnswer } from '../core/call.ts';
import { connectionError } from '../core/connection-error.ts';
import type { Scope } from '../core/scope.ts';
import type { TwigError } from '../errors.ts';

/** How long a finished stream's socket may take to end by itself, and so stay usable for the next call. */
const GRACE_MS = 100;

export class ByteSource {
  private readonly _body: ReadableStream<Uint8Array>;
  private _locked: ReadableStreamDefaultReader<Uint8Array> | undefined;
  private readonly _decoder = new TextDecoder();
  private readonly _scope: Scope;
  private readonly _idleMs: number | false;
  private _stopTimer: (() => void) | undefined;
  private _isReading = false;
  private _heardAt = 0;
  private readonly _onChunk: (result: ReadableStreamReadResult<Uint8Array>) => void;
  private readonly _onBreak: (error: unknown) => void;

  /** `onText` gets the text of each chunk, and `true` at the clean end. */
  constructor(
    body: ReadableStream<Uint8Array>,
    { scope, streamIdleTimeoutMs }: Pick<OpenAnswer, 'scope' | 'streamIdleTimeoutMs'>,
    onText: (text: string, isEnd: boolean) => void,
    onError: (error: TwigError) => void,
  ) {
    this._body = body;
    this._scope = scope;
    this._idleMs = streamIdleTimeoutMs;
    // Made once: a stream may have a hundred thousand chunks.
    this._onChunk = ({ done, value }) => {
      this._isReading = false;
      onText(done ? this._decoder.decode() : this._decoder.decode(value, { stream: true }), done);
    };
    this._onBreak = (error) => {
      this._isReading = false;
      onError(connectionError(error, 'stream', scope.meta));
    };
  }

  /** Locked at the first use: until then the raw response may still be asked for. */
  private get _reader(): ReadableStreamDefaultReader<Uint8Array> {
    this._locked ??= this._body.getReader();
    return this._locked;
  }

  /** Reads a chunk. */
  read(): void {
    this._isReading = true;
    this._heardAt = this._scope.clock.now();
    if (this._idleMs !== false && !this._stopTimer) this._watch(this._idleMs, this._idleMs);
    this._reader.read().then(this._onChunk, this._onBreak);
  }

  /** One timer for the whole stream, set anew when it fires early: a timer per chunk would cost more than the chunk. */
  private _watch(idleMs: number, ms: number): void {
    const fire = (): void => {
      this._stopTimer = undefined;
      if (!this._isReading) return; // The reader is slow, not the server. The next read starts a new timer.
      const left = this._heardAt + idleMs - this._scope.clock.now();
      if (left > 0) this._watch(idleMs, left);
      else this._scope.expire('streamIdleTimeoutMs', idleMs);
    };
    this._stopTimer = this._scope.after(ms, fire);
  }

  /** Closes the socket now. */
  cancel(reason?: unknown): void {
    this._stopTimer?.();
    this._reader.cancel(reason).catch(() => {});
    this._scope.release();
  }

  /** Lets the body end by itself, since all that matters has come; closes the socket if it does not. */
  drain(): void {
    this._stopTimer?.();
    const stopTimer = this._scope.after(GRACE_MS, () => void this._reader.cancel().catch(() => {}));
    const next = (): void => {
      this._reader.read().then(({ done }) => (done ? stopTimer() : next()), stopTimer);
    };
    next();
    this._scope.release();
  }
}
