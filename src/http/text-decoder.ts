/** The pieces of a body as text. */

import { need } from '../runtime.ts';

/** Makes a decoder of UTF-8 for one body: gives the text of a piece, and without one what is left at the end. */
export function createTextDecoder(): (piece?: Uint8Array | string) => string {
  let decoder: TextDecoder | undefined;
  return (piece) => {
    if (typeof piece === 'string') return piece;
    if (!piece && !decoder) return '';
    // Not before there are bytes: a runtime without it may give texts.
    decoder ??= new (need('TextDecoder', 'Reading a body piece by piece'))();
    return piece ? decoder.decode(piece, { stream: true }) : decoder.decode();
  };
}
