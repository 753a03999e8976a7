/** A body byte for byte, in whichever form it is handed over. */

/** The text or bytes; `undefined` for anything else. */
export function rawBodyOf(value: unknown): string | Uint8Array<ArrayBuffer> | undefined {
  // The common ones, as they are: a stream may have a hundred thousand pieces.
  if (typeof value === 'string' || value instanceof Uint8Array) return value as string | Uint8Array<ArrayBuffer>;
  // By what they are, not by whose: test runners and sandboxes have classes of their own.
  if (ArrayBuffer.isView(value)) {
    // A view of shared memory cannot be signed by Web Crypto; nobody receives a body in one.
    return new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  }
  if (Object.prototype.toString.call(value) === '[object ArrayBuffer]') return new Uint8Array(value as ArrayBuffer);
  return undefined;
}
