/** Reading a request's body up to a limit: what is beyond it is never held. */

/** The bytes, or `undefined` when there are more than `limit`; then reading has stopped. */
export async function readLimited(request: Request, limit: number): Promise<Uint8Array<ArrayBuffer> | undefined> {
  // What says that it is too long is not even begun.
  if (Number(request.headers.get('content-length')) > limit) return undefined;
  // One buffer that grows: as a list, chunks of a byte each would cost hundreds of times their size.
  let bytes = new Uint8Array(0);
  let size = 0;
  const reader = request.body?.getReader();
  while (reader) {
    const { done, value } = await reader.read();
    if (done) break;
    const end = size + value.byteLength;
    if (end > limit) {
      reader.cancel().catch(() => {});
      return undefined;
    }
    if (end > bytes.length) {
      const larger = new Uint8Array(Math.max(end, bytes.length * 2));
      larger.set(bytes);
      bytes = larger;
    }
    bytes.set(value, size);
    size = end;
  }
  return bytes.subarray(0, size);
}
