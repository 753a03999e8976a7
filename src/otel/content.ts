/** What was asked and answered, for those who want it on their spans: as the conventions write it, cleaned, and cut. */

/** How much of a text is shown: `false` nothing, else so many bytes in UTF-8. */
export type ContentLimit = number | false;

/** The default of `maxBytes`. */
export const DEFAULT_MAX_BYTES: number = 64 * 1024;

/** A message in the form of `gen_ai.input.messages`. Why an answer ended is not known, so `finish_reason` is left out. */
export const toMessages = (role: 'user' | 'assistant', content: string): string =>
  JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
