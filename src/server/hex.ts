/** Bytes as hex. */

/** Lower-case hex. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** The bytes of hex digits, in either case, of which there is an even number. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length / 2);
  // The low four bits of a digit are its value; those of a letter, in either case, are nine less.
  const nibble = (at: number): number => (text.charCodeAt(at) & 15) + (text.charCodeAt(at) >> 6) * 9;
  for (let i = 0; i < bytes.length; i++) bytes[i] = nibble(i * 2) * 16 + nibble(i * 2 + 1);
  return bytes;
}
