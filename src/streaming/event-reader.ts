/** Pulls the events of an answer out of its bytes: decodes them, knows the end from a break, and stops at the first fault. */

import { createParser, type EventSourceMessage } from 'eventsource-parser';
import type { OpenAnswer } from '../core/call.ts';
import { isPlainObject } from '../core/casing.ts';
import { apiError, parseErrorBody, unexpected } from '../core/response.ts';
import { type StreamErrorCode, type TwigError, TwigStreamError } from '../errors.ts';
import { fillAnswer, type QueryResponse } from '../resources/answer.ts';
import { ByteSource } from './byte-source.ts';
import { decode, type Meaning } from './decode.ts';
import { nothing, type PartialQueryResponse, type QueryStreamEvent, reduce } from './reduce.ts';

/** The largest event, in characters. */
const LARGEST_EVENT = 16 * 1024 * 1024;

/** What was read and waits for its turn: events, and what is yet to be made into events or a fault. */
type Queued = QueryStreamEvent | Meaning | { type: 'eof' } | { type: 'too-large' } | { type: 'json'; text: string };

/** A step of an iteration. */
export type Step = IteratorResult<QueryStreamEvent, undefined>;
const END: Step = { done: true, value: undefined };

export class EventReader {
  /** What has been given so far. */
  state: PartialQueryResponse = nothing;
  /** The whole answer, once it has been given. */
  final: QueryResponse | undefined;
  private readonly _answer: OpenAnswer;
  private readonly _source: ByteSource;
  private readonly _consume: (text: string, isEnd: boolean) => void;
  private _queue: Queued[] = [];
  private _head = 0;
  private _eventCount = 0;
  private _isNamed = false;
  private _isOver = false;
  private _error: TwigError | undefined;
  private _waiting: { resolve: (step: Step) => void; reject: (error: unknown) => void } | undefined;
  private _pending: Promise<Step> | undefined;

  constructor(answer: OpenAnswer, body: ReadableStream<Uint8Array>, isJson: boolean) {
    const { scope } = answer;
    this._answer = answer;
    this._source = new ByteSource(body, answer, this._onText, this._fail);
    this._consume = isJson ? this._jsonConsumer() : this._sseConsumer();
    scope.phase = 'stream';
    scope.onStop = this._fail;
  }

  /** The next event. What is wrong rejects here, after all events before it. */
  next(): Promise<Step> {
    // A second call while the first still waits is answered after it.
    if (this._waiting && this._pending) return this._pending.then(() => this.next());
    try {
      const step = this._take();
      if (step) return Promise.resolve(step);
    } catch (error) {
      return Promise.reject(error);
    }
    this._pending = new Promise((resolve, reject) => {
      this._waiting = { resolve, reject };
      this._source.read();
    });
    return this._pending;
  }

  /** Ends the reading and closes the connection, silently. */
  close(): void {
    if (this._isOver || this._error) return;
    this._isOver = true;
    this._queue = [];
    this._source.cancel();
    this._settle((waiting) => waiting.resolve(END));
  }

  private readonly _onText = (text: string, isEnd: boolean): void => {
    if (this._isOver || this._error) return;
    this._consume(text, isEnd);
    try {
      const step = this._take();
      if (step) this._settle((waiting) => waiting.resolve(step));
      else this._source.read();
    } catch (error) {
      this._settle((waiting) => waiting.reject(error));
    }
  };

  private _settle(how: (waiting: NonNullable<EventReader['_waiting']>) => void): void {
    const waiting = this._waiting;
    this._waiting = undefined;
    if (waiting) how(waiting);
  }

  /** The next step of what has been read, or nothing when more must be read. Throws the fault when it is its turn. */
  private _take(): Step | undefined {
    for (;;) {
      if (this._error) throw this._error;
      const next = this._queue[this._head++];
      if (!next) {
        this._queue = [];
        this._head = 0;
        return this._isOver ? END : undefined;
      }
      switch (next.type) {
        case 'delta':
        case 'sources':
        case 'metadata':
        case 'unknown':
          return this._give(next);
        case 'done':
          this.final = next.response;
          return this._give(next);
        default:
          try {
            this._digest(next);
          } catch (error) {
            // Everything that digesting throws is an error of ours.
            this._fail(error as TwigError);
          }
      }
    }
  }

  private _give(event: QueryStreamEvent): Step {
    this.state = reduce(this.state, event);
    this._eventCount++;
    return { done: false, value: event };
  }

  /** Makes events of what was read. Throws what is wrong with it. */
  private _digest(queued: Exclude<Queued, QueryStreamEvent>): void {
    const { meta, scope, clean, decode: toData } = this._answer;
    const fault = (body: string): TwigError => apiError(parseErrorBody(clean(body)), meta, scope.clock.now());
    switch (queued.type) {
      case 'failure':
        throw fault(JSON.stringify(queued.body));
      case 'malformed':
        throw this._broken('malformed_event', `The event "${queued.event}" does not hold what its name promises.`);
      case 'too-large':
        throw this._broken('event_too_large', 'An event is larger than 16 MiB.');
      case 'eof':
        if (this._isNamed || !this._eventCount) {
          throw this._broken(
            'truncated',
            `The stream ended before its "done" event, after ${this._eventCount} events.`,
          );
        }
        this._finish({});
        break;
      case 'json': {
        const { text } = queued;
        const answer = toData(text);
        if (!isPlainObject(answer)) throw unexpected('The answer is not an object', clean(text), meta);
        if (answer.error && answer.response === undefined) throw fault(text);
        if (typeof answer.response !== 'string') throw unexpected('The answer has no text', clean(text), meta);
        this._finish(answer);
        break;
      }
      case 'end':
        this._finish(queued.data);
    }
  }

  /** The end of the answer: gives what came with it, then the whole. */
  private _finish(end: Record<string, unknown>): void {
    const { type: _, ...data } = end;
    const soFar = this.state.response;
    // The members are those of an answer, as far as they came; fillAnswer adds the rest.
    const response = { ...this.state, ...data } as QueryResponse;
    if (typeof response.response !== 'string') {
      throw unexpected('The answer has no text', undefined, this._answer.meta);
    }
    if (response.sessionId === undefined) delete response.sessionId;
    fillAnswer(response);
    // What follows the end is not read. A text that came only with it is given as a delta, so that readers of deltas
    // miss nothing.
    const rest = 'response' in data && response.response.startsWith(soFar) ? response.response.slice(soFar.length) : '';
    const events: Queued[] = [];
    if (rest) events.push({ type: 'delta', text: rest });
    if ('sources' in data) events.push({ type: 'sources', sources: response.sources });
    if ('metadata' in data) events.push({ type: 'metadata', metadata: response.metadata });
    events.push({ type: 'done', response });
    this._queue = events;
    this._head = 0;
    this._isOver = true;
    this._source.drain();
  }

  private _broken(code: StreamErrorCode, message: string): TwigStreamError {
    const isRetryable = code === 'truncated';
    const hint = isRetryable ? 'What came is in partialResponse; it is not the whole answer.' : undefined;
    return new TwigStreamError(message, {
      code,
      meta: this._answer.meta,
      hint,
      isRetryable,
      eventCount: this._eventCount,
    });
  }

  /** Ends the reading with an error; what was read and not yet given is dropped. */
  private readonly _fail = (error: TwigError): void => {
    if (this._error || this._isOver) return;
    Object.defineProperty(error, 'partialResponse', { value: this.state, configurable: true });
    this._error = error;
    this._queue = [];
    this._source.cancel(error);
    this._settle((waiting) => waiting.reject(error));
  };

  private _sseConsumer(): (text: string, isEnd: boolean) => void {
    let isTooLarge = false;
    let isTail = false;
    const onEvent = ({ event, data }: EventSourceMessage): void => {
      isTooLarge ||= data.length > LARGEST_EVENT;
      if (isTooLarge) return;
      const { meaning, named } = decode(event, data, this._answer.fromWire);
      this._isNamed ||= named;
      // A last event that was cut off inside its JSON is no text.
      if (isTail && named && meaning.type === 'delta' && meaning.text === data && data.startsWith('{')) return;
      this._queue.push(meaning);
    };
    const onError = ({ type }: { type: string }): void => {
      isTooLarge ||= type === 'max-buffer-size-exceeded';
    };
    const parser = createParser({ maxBufferSize: LARGEST_EVENT, onEvent, onError });
    return (text, isEnd) => {
      parser.feed(text);
      // The parser holds back a last event without its blank line; after a clean end nothing more can belong to it.
      isTail = isEnd;
      if (isEnd && !isTooLarge) parser.feed('\n\n');
      if (isTooLarge) this._queue.push({ type: 'too-large' });
      else if (isEnd) this._queue.push({ type: 'eof' });
    };
  }

  private _jsonConsumer(): (text: string, isEnd: boolean) => void {
    const parts: string[] = [];
    return (text, isEnd) => {
      parts.push(text);
      if (isEnd) this._queue.push({ type: 'json', text: parts.join('') });
    };
  }
}
