/** The text of a body, piece by piece, to what it holds: server-sent events, or one answer in JSON. */

import { createParser } from 'eventsource-parser';
import { decode, type Meaning } from './decode.ts';

/** The largest event, in characters. */
const LARGEST_EVENT = 16 * 1024 * 1024;

/** What was read: an event, or how the body ended. */
export type Found =
  | Meaning
  /** A clean end of the body; `isNamed` when an event of the dialect had come, whose `done` is then missing. */
  | { type: 'eof'; isNamed: boolean }
  | { type: 'too-large' }
  /** The whole of a body that is no stream. */
  | { type: 'json'; text: string };

/** Takes the next piece of a text; `isEnd` with the last one. */
export type Consumer = (text: string, isEnd: boolean) => void;

/** Reads server-sent events. */
export function consumeEvents(fromWire: (value: unknown) => unknown, found: (what: Found) => void): Consumer {
  let isNamed = false;
  let isTooLarge = false;
  let isTail = false;
  const parser = createParser({
    maxBufferSize: LARGEST_EVENT,
    onEvent({ event, data }) {
      isTooLarge ||= data.length > LARGEST_EVENT;
      if (isTooLarge) return;
      const { meaning, named } = decode(event, data, fromWire);
      isNamed ||= named;
      // A last event that was cut off inside its JSON is no text.
      if (isTail && named && meaning.type === 'delta' && meaning.text === data && data.startsWith('{')) return;
      found(meaning);
    },
    onError({ type }) {
      isTooLarge ||= type === 'max-buffer-size-exceeded';
    },
  });
  return (text, isEnd) => {
    parser.feed(text);
    // The parser holds back a last event without its blank line; after a clean end nothing more can belong to it.
    isTail = isEnd;
    if (isEnd && !isTooLarge) parser.feed('\n\n');
    if (isTooLarge) found({ type: 'too-large' });
    else if (isEnd) found({ type: 'eof', isNamed });
  };
}

/** Reads one answer. */
export function consumeJson(found: (what: Found) => void): Consumer {
  const parts: string[] = [];
  return (text, isEnd) => {
    parts.push(text);
    if (isEnd) found({ type: 'json', text: parts.join('') });
  };
}
