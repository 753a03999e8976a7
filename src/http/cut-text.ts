/** The beginning of a text: at most so many bytes in UTF-8, cut between characters. */
export function cutText(text: string, maxBytes: number): string {
  let size = 0;
  let end = 0;
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    size += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (size > maxBytes) break;
    end += char.length;
  }
  return text.slice(0, end);
}
