/** Reading a body piece by piece, whatever it is: a web stream, Node's, another async iterable, or a whole that comes at once. */

import { TwigConfigError } from '../errors.ts';
import { ASYNC_ITERATOR, probe } from '../runtime.ts';
import { rawBodyOf } from './raw-body.ts';

/** A step of reading. */
export interface Piece {
  done: boolean;
  /** Text where whoever made the body gives text. */
  value?: Uint8Array | string | undefined;
}

/** Reads a body, one piece at a time and only when asked. */
export interface BodyReader {
  /** Rejects with what the body threw; throws nothing itself. */
  read(): Promise<Piece>;
  /** Lets go of the body. Throws nothing, and waits for nothing. */
  cancel(reason?: unknown): void;
}

/** What a body may be able to do. */
interface ForeignBody {
  getReader(): { read(): PromiseLike<Piece>; cancel(reason?: unknown): unknown };
  [ASYNC_ITERATOR](): { next(): PromiseLike<Piece>; return(): unknown };
  stream(): ForeignBody;
  cancel(reason?: unknown): unknown;
  destroy(): unknown;
}

/** Does what may throw or reject where nobody is left to be told. */
export function quietly(action: () => unknown): void {
  Promise.resolve(probe(action)).catch(() => {});
}

/** The bytes of a piece, or its text. */
function toPiece(value: unknown): Uint8Array | string {
  const piece = rawBodyOf(value);
  if (piece === undefined) throw unreadable();
  return piece;
}

/** What is wrong with a body that gives nothing which could be read. */
export const unreadable = (): TwigConfigError =>
  new TwigConfigError('The fetch of this client gave a response whose body cannot be read, or was read before.', {
    hint: 'A body is a ReadableStream, a Node stream or an async iterable of bytes; or the response has text(), arrayBuffer(), blob() or json().',
  });

/** Reads with `next`, and tells `onEnd` of the end. What is made for each piece is as little as can be: there may be many. */
function readBy(next: () => Piece | PromiseLike<Piece>, onEnd: () => void, cancel: BodyReader['cancel']): BodyReader {
  const take = ({ done, value }: Piece): Piece => {
    if (!done) return { done: false, value: toPiece(value) };
    onEnd();
    return { done: true };
  };
  return {
    read() {
      try {
        return Promise.resolve(next()).then(take);
      } catch (error) {
        return Promise.reject(error);
      }
    },
    cancel,
  };
}

/** Reads a body that can be read piece by piece; `undefined` for one that cannot, or that somebody else reads. */
export function openBody(given: unknown, onEnd: () => void = () => {}): BodyReader | undefined {
  // The cast: every use is guarded.
  const foreign = given as ForeignBody;
  const stream = probe(() => (typeof foreign.getReader === 'function' ? foreign : foreign.stream()));
  const reader = probe(() => stream?.getReader());
  const iterator = reader ? undefined : probe(() => foreign[ASYNC_ITERATOR]());
  const next = reader ? () => reader.read() : iterator ? () => iterator.next() : undefined;
  if (!next) return undefined;
  return readBy(next, onEnd, (reason) => {
    // Whichever there is. A stream of Node is destroyed first: until then its iterator waits for what is being read.
    quietly(() => reader?.cancel(reason));
    quietly(() => foreign.destroy());
    quietly(() => iterator?.return());
    quietly(() => foreign.cancel(reason));
  });
}

/** Reads what comes at once, if there is anything. */
export function openWhole(whole: (() => unknown) | undefined, onEnd: () => void): BodyReader | undefined {
  let isRead = false;
  const next = async (): Promise<Piece> => {
    if (isRead) return { done: true };
    isRead = true;
    // The cast: what it is, is looked at next.
    return { done: false, value: (await whole?.()) as Piece['value'] };
  };
  return whole && readBy(next, onEnd, () => {});
}
