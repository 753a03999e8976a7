/** One server-sent event to what it means: the dialect, and the variants that servers have been seen to use. */

import { isPlainObject } from '../params/casing.ts';
import type { QueryMetadata, Source } from '../query-response.ts';
import { fillScores } from '../resources/query-shape.ts';
import type { QueryStreamEvent } from './reduce.ts';

/** What an event means. */
export type Meaning =
  | Exclude<QueryStreamEvent, { type: 'done' }>
  /** The answer is complete; the last facts may come with it. */
  | { type: 'end'; data: Record<string, unknown> }
  /** The server gave up; the body is of one of the error shapes. */
  | { type: 'failure'; body: unknown }
  /** It breaks the dialect. */
  | { type: 'malformed'; event: string };

/** The names of the dialect, and those that stand for them. */
const kindOf = (name: string | undefined): string | undefined => {
  switch (name) {
    case 'message':
    case 'chunk':
    case 'token':
      return 'delta';
    case 'end':
    case 'complete':
    case 'message_end':
      return 'done';
    default:
      return name;
  }
};

/** Whether events of that name belong to the dialect, so that its rule about the end holds. */
const isDialect = (kind: string | undefined): boolean =>
  kind === 'delta' || kind === 'sources' || kind === 'metadata' || kind === 'done' || kind === 'error';

/** The text of a delta, under whichever name. */
function deltaText(body: Record<string, unknown>): string | undefined {
  if (typeof body.delta === 'string') return body.delta;
  for (const name of ['text', 'content', 'token', 'chunk']) {
    const value = body[name];
    if (typeof value === 'string') return value;
  }
  return undefined;
}

/** JSON where it can be a container or a quoted text; a bare `42` or `null` is a token of an answer, not JSON. */
function parse(data: string): unknown {
  const first = data.charCodeAt(0);
  if (first !== 0x7b && first !== 0x5b && first !== 0x22 && first > 0x20) return data;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null ? value : typeof value === 'string' ? value : data;
  } catch {
    return data;
  }
}

/** The text of `{"delta":"…"}` without escapes, the event that comes a thousand times: a third of what parsing it costs. */
function plainDelta(data: string): string | undefined {
  if (!data.startsWith('{"delta":"') || !data.endsWith('"}') || data.includes('\\')) return undefined;
  return data.indexOf('"', 10) === data.length - 2 ? data.slice(10, -2) : undefined;
}

/** Reads one event. `named` tells whether it was one of the dialect, named by `event:` or `type`. */
export function decode(
  event: string | undefined,
  data: string,
  fromWire: (value: unknown) => unknown,
): { meaning: Meaning; named: boolean } {
  if (event === 'delta') {
    const text = plainDelta(data);
    if (text !== undefined) return { meaning: { type: 'delta', text }, named: true };
  }
  if (data === '[DONE]') return { meaning: { type: 'end', data: {} }, named: false };
  const parsed = parse(data);
  const body = isPlainObject(parsed) ? parsed : undefined;
  // `message` is what an event without a name is called (WHATWG HTML, "server-sent events").
  const explicit = event === undefined || event === 'message' ? undefined : event;
  const name = explicit ?? (typeof body?.type === 'string' ? body.type : undefined);
  const kind = kindOf(name ?? 'message');
  const meaning = interpret(kind, name ?? 'message', parsed, body, fromWire);
  return { meaning, named: name !== undefined && isDialect(kind) };
}

function interpret(
  kind: string | undefined,
  name: string,
  parsed: unknown,
  body: Record<string, unknown> | undefined,
  fromWire: (value: unknown) => unknown,
): Meaning {
  if (kind === 'error' || body?.error) return { type: 'failure', body: body ?? { error: parsed } };
  if (kind === 'delta') {
    const text = body ? deltaText(body) : typeof parsed === 'string' ? parsed : undefined;
    if (text !== undefined) return { type: 'delta', text };
  } else if (kind === 'sources') {
    const sources = fromWire(body?.sources ?? parsed);
    if (!Array.isArray(sources)) return { type: 'malformed', event: name };
    fillScores(sources);
    return { type: 'sources', sources: sources as Source[] };
  } else if (kind === 'metadata') {
    const metadata = fromWire(body?.metadata ?? body);
    if (!isPlainObject(metadata)) return { type: 'malformed', event: name };
    // Unknown members included; the documented ones are what the interface names.
    return { type: 'metadata', metadata: metadata as unknown as QueryMetadata };
  } else if (kind === 'done') {
    if (!body && parsed !== '') return { type: 'malformed', event: name };
    return { type: 'end', data: (fromWire(body ?? {}) ?? {}) as Record<string, unknown> };
  }
  return { type: 'unknown', event: name, data: fromWire(parsed) };
}
