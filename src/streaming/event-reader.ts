/** Pulls the events of an answer out of its bytes: in order, knowing the end from a break, stopping at the first fault. */

import type { OpenResponse } from '../call/spec.ts';
import { type StreamErrorCode, type TwigError, TwigStreamError } from '../errors.ts';
import { defineHidden } from '../hide.ts';
import type { BodyReader } from '../http/body-reader.ts';
import { apiError, unexpected } from '../http/error-response.ts';
import type { CallMeta } from '../meta.ts';
import { isPlainObject } from '../params/casing.ts';
import type { PartialQueryResponse, QueryResponse } from '../query-response.ts';
import { fillQueryResponse } from '../resources/query-shape.ts';
import { createByteSource } from './byte-source.ts';
import { consumeEvents, consumeJson, type Found } from './consume.ts';
import { nothing, type QueryStreamEvent, reduce } from './reduce.ts';

/** A step of an iteration. */
export type Step = IteratorResult<QueryStreamEvent, undefined>;
const END: Step = { done: true, value: undefined };

/** What reads a stream. */
export interface EventReader {
  /** What has been given so far. */
  state: PartialQueryResponse;
  /** The whole answer, once it has been given. */
  final: QueryResponse | undefined;
  /** The next event. What is wrong rejects here, after all events before it. */
  next(): Promise<Step>;
  /** Ends the reading and closes the connection, silently: the caller left, or nobody is there any more. */
  close(outcome?: 'left' | 'abandoned'): void;
}

/** The last events of an answer: what came with its end and is not yet in `state`, then the whole. */
function finish(state: PartialQueryResponse, end: Record<string, unknown>, meta: CallMeta): QueryStreamEvent[] {
  const { type: _, ...data } = end;
  // Servers write `null` for what they do not have: it takes nothing back of what came before.
  for (const name of Object.keys(state)) if ((data[name] ?? undefined) === undefined) delete data[name];
  if (isPlainObject(data.metadata)) data.metadata = { ...state.metadata, ...data.metadata };
  // The members are those of an answer, as far as they came; fillQueryResponse adds the rest.
  const response = { ...state, ...data } as QueryResponse;
  const { requestId } = data;
  if (typeof requestId === 'string') meta.requestId = requestId;
  if (typeof response.response !== 'string') throw unexpected('The answer has no text', undefined, meta);
  if (!Array.isArray(response.sources) || !isPlainObject(response.metadata)) {
    throw unexpected('The sources are no list, or the metadata no object', undefined, meta);
  }
  if (response.sessionId === undefined) delete response.sessionId;
  fillQueryResponse(response);
  const events: QueryStreamEvent[] = [];
  // A text that came only with the end is given as a delta, so that readers of deltas miss nothing.
  // (Only then is it compared: the text so far is a rope of pieces, and comparing it would copy all of them.)
  const soFar = state.response;
  const rest = 'response' in data && response.response.startsWith(soFar) && response.response.slice(soFar.length);
  if (rest) events.push({ type: 'delta', text: rest });
  if ('sources' in data) events.push({ type: 'sources', sources: response.sources });
  if ('metadata' in data) events.push({ type: 'metadata', metadata: response.metadata });
  return [...events, { type: 'done', response }];
}

/** Makes a reader of a body whose answer has begun. */
export function createEventReader(answer: OpenResponse, body: BodyReader, isJson: boolean): EventReader {
  const { meta, lifetime, redact, fromWire } = answer;
  let queue: (QueryStreamEvent | Found)[] = [];
  let head = 0;
  let eventCount = 0;
  /** Nothing more is read: what is queued is the last. */
  let isOver = false;
  let failure: TwigError | undefined;
  let waiting: { resolve: (step: Step) => void; reject: (error: unknown) => void } | undefined;
  let pending: Promise<Step> | undefined;

  const tellFirst = (): void => lifetime.observation?.tell((observer) => observer.firstEvent?.());

  const settle = (how: (one: NonNullable<typeof waiting>) => void): void => {
    const one = waiting;
    waiting = undefined;
    if (one) how(one);
  };

  /** Ends the reading with an error; what was read and not yet given is dropped. */
  const fail = (error: TwigError): void => {
    if (failure || isOver) return;
    failure = defineHidden(error, { partialResponse: reader.state });
    queue = [];
    lifetime.result = { outcome: 'failed', error };
    source.cancel(error);
    settle(({ reject }) => reject(error));
  };

  const onText = (text: string, isEnd: boolean): void => {
    if (isOver || failure) return;
    consume(text, isEnd);
    try {
      const step = take();
      if (step) settle(({ resolve }) => resolve(step));
      else source.read();
    } catch (error) {
      settle(({ reject }) => reject(error));
    }
  };

  /** The next step of what has been read, or nothing when more must be read. Throws the fault when it is its turn. */
  const take = (): Step | undefined => {
    for (;;) {
      if (failure) throw failure;
      const next = queue[head++];
      if (!next) {
        queue = [];
        head = 0;
        return isOver ? END : undefined;
      }
      switch (next.type) {
        case 'delta':
        case 'sources':
        case 'metadata':
        case 'unknown':
        case 'done':
          if (next.type === 'done') reader.final = next.response;
          reader.state = reduce(reader.state, next);
          if (eventCount++ === 0) tellFirst();
          return { done: false, value: next };
        default:
          try {
            queue = finish(reader.state, endOf(next), meta);
            head = 0;
            // What follows the end is not read.
            isOver = true;
            // An answer that came whole has its first event with its end.
            if (eventCount === 0) tellFirst();
            const last = queue.at(-1);
            lifetime.result = { outcome: 'answered', data: last?.type === 'done' ? last.response : undefined };
            source.drain();
          } catch (error) {
            // Everything that is thrown there is an error of ours.
            fail(error as TwigError);
          }
      }
    }
  };

  const broken = (code: StreamErrorCode, message: string): TwigStreamError =>
    new TwigStreamError(message, { code, meta, isRetryable: code === 'truncated', eventCount });

  /** What came with the end of the answer. Throws what is wrong with it. */
  const endOf = (found: Exclude<Found, QueryStreamEvent>): Record<string, unknown> => {
    const toError = (text: string): TwigError => apiError(redact(text), meta, lifetime.clock);
    switch (found.type) {
      case 'end':
        return found.data;
      case 'failure':
        throw toError(JSON.stringify(found.body));
      case 'malformed':
        throw broken('malformed_event', `The event "${found.event}" does not hold what its name promises.`);
      case 'too-large':
        throw broken('event_too_large', 'An event is larger than 16 MiB.');
      case 'eof':
        if (!found.isCut && eventCount) return {};
        throw broken('truncated', `The stream ended before its "done" event, after ${eventCount} events.`);
      case 'json': {
        const { text } = found;
        const whole = answer.decode(text);
        if (!isPlainObject(whole)) throw unexpected('The answer is not an object', redact(text), meta);
        if (whole.error && whole.response === undefined) throw toError(text);
        if (typeof whole.response !== 'string') throw unexpected('The answer has no text', redact(text), meta);
        return whole;
      }
    }
  };

  const reader: EventReader = {
    state: nothing(),
    final: undefined,
    next() {
      // A second call while the first still waits is answered after it.
      if (waiting && pending) return pending.then(reader.next);
      try {
        const step = take();
        if (step) return Promise.resolve(step);
      } catch (error) {
        return Promise.reject(error);
      }
      pending = new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        source.read();
      });
      return pending;
    },
    close(outcome = 'left') {
      if (isOver || failure) return;
      isOver = true;
      queue = [];
      lifetime.result = { outcome };
      source.cancel();
      settle(({ resolve }) => resolve(END));
    },
  };
  const found = (what: Found): void => void queue.push(what);
  const consume = isJson ? consumeJson(found) : consumeEvents(fromWire, found);
  const source = createByteSource(body, answer, onText, fail);
  lifetime.phase = 'stream';
  lifetime.onStop = fail;
  return reader;
}
