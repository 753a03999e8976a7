/** The text of a body, piece by piece, to what it holds: server-sent events, or one answer in JSON. */

import { createParser } from 'eventsource-parser';
import { decode, type Meaning } from './decode.ts';

/** The largest event, in characters. */
const LARGEST_EVENT = 16 * 1024 * 1024;

/** What was read: an event, or how the body ended. */
export type Found =
  | Meaning
  /** A clean end of the body; `isCut` when it came too early: in an event, or without the `done` of the dialect. */
  | { type: 'eof'; isCut: boolean }
  | { type: 'too-large' }
  /** The whole of a body that is no stream. */
  | { type: 'json'; text: string };

/** Takes the next piece of a text; `isEnd` with the last one. */
export type Consumer = (text: string, isEnd: boolean) => void;

/** Whether the last event lacks its end: it begins as JSON and is none, or its line had not even begun. */
function isCutOff(data: string, lastText: string): boolean {
  if (data === '') return !/[\r\n]$/.test(lastText);
  if (!/^\s*[{[]/.test(data) || data === '[DONE]') return false;
  try {
    JSON.parse(data);
    return false;
  } catch {
    return true;
  }
}

/** Reads server-sent events. */
export function consumeEvents(fromWire: (value: unknown) => unknown, found: (what: Found) => void): Consumer {
  let isTooLarge = false;
  let isTail = false;
  let isCut = false;
  let lastText = '';
  const parser = createParser({
    maxBufferSize: LARGEST_EVENT,
    onEvent({ event, data }) {
      isTooLarge ||= data.length > LARGEST_EVENT;
      if (isTooLarge) return;
      if (isTail && isCutOff(data, lastText)) {
        isCut = true;
        return;
      }
      try {
        const { meaning, named } = decode(event, data, fromWire);
        isCut ||= named;
        found(meaning);
      } catch {
        // It is nested deeper than the stack goes.
        found({ type: 'malformed', event: event ?? 'message' });
      }
    },
    onError({ type }) {
      isTooLarge ||= type === 'max-buffer-size-exceeded';
    },
  });
  return (text, isEnd) => {
    parser.feed(text);
    if (text) lastText = text;
    // The parser holds back a last event without its blank line; after a clean end nothing more can belong to it.
    isTail = isEnd;
    if (isEnd && !isTooLarge) parser.feed('\n\n');
    if (isTooLarge) found({ type: 'too-large' });
    else if (isEnd) found({ type: 'eof', isCut });
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
