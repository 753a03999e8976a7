/**
 * Text that is cut between the halves of a surrogate pair, as models cut it. UTF-8 has no half a pair (RFC 3629, section
 * 3): one at the end of a piece waits for the next piece, and one that stays alone becomes U+FFFD.
 */

/** Puts pairs together again. */
export interface PairJoiner {
  /** The piece that can be written now: with the half that waited, and without one at its end. */
  next(piece: string): string;
  /** What still waits, at the end of the text. */
  end(): string;
}

/** `String.prototype.toWellFormed`, which engines of before 2023 lack. */
export const toWellFormed = (text: string): string => text.replace(/[\ud800-\udfff]/gu, '\ufffd');

/** Half a pair, alone or in one: most pieces have none. */
const SURROGATE = /[\ud800-\udfff]/;

/** Makes a joiner for one text. */
export function createPairJoiner(): PairJoiner {
  let half = '';
  return {
    next(piece) {
      if (!half && !SURROGATE.test(piece)) return piece;
      const text = half + piece;
      half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
      return toWellFormed(half ? text.slice(0, -1) : text);
    },
    end() {
      const rest = toWellFormed(half);
      half = '';
      return rest;
    },
  };
}
