/** How much text fits into a result. */

/** Room for so many characters. */
export interface Room {
  /** The text, or as much of it as there is room for, cut between characters as readers see them (UAX #29). */
  take(text: string): string;
  /** What was left out, as a sentence; `undefined` when everything is there. */
  note(): string | undefined;
}

/** The longest beginning of a text with at most `most` UTF-16 units and no character cut. */
function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  // The segment at `most` begins at or before it.
  return text.slice(0, new Intl.Segmenter().segment(text).containing(most)?.index);
}

/** Makes room for `most` UTF-16 units, whichever texts they belong to. */
export function createRoom(most: number): Room {
  let left = most;
  let given = 0;
  let all = 0;
  return {
    take(text) {
      const taken = cut(text, left);
      all += text.length;
      given += taken.length;
      // After a cut nothing more comes: what follows would seem to belong to it.
      left = taken === text ? left - taken.length : 0;
      return taken;
    },
    note: () => (given < all ? `Cut: ${given} of ${all} characters are shown.` : undefined),
  };
}
