/** A streamed answer, as the caller holds it. */

import type { OpenResponse } from '../call/spec.ts';
import { TwigStreamError } from '../errors.ts';
import { defineHidden } from '../hide.ts';
import { readErrorText, unexpected } from '../http/error-response.ts';
import type { ResponseMeta } from '../meta.ts';
import type { PlatformReadableStream, PlatformResponse } from '../platform.ts';
import type { PartialQueryResponse, QueryResponse } from '../query-response.ts';
import { ASYNC_ITERATOR } from '../runtime.ts';
import { createEventReader, type EventReader, type Step } from './event-reader.ts';
import type { QueryStreamEvent } from './reduce.ts';
import { type RelayInit, toBytes, toSSEResponse } from './relay.ts';
import { createPairJoiner } from './surrogates.ts';

/** A place in a stream. Whoever goes on from it first reads the next event; whoever comes later finds it. */
interface Place {
  next?: Reached;
}
interface Reached extends Place {
  step: Promise<Step>;
}

/**
 * A streamed answer. Iterate it once; it is read no faster than you read it. Leaving the loop closes the connection.
 * A connection that breaks, a silence, or an end without `done` throws: half an answer is never taken for a whole one.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 *
 * const client = new TwigClient();
 * const stream = await client.query({ agentId: 'agent_abc123', query: 'What is your refund policy?', stream: true });
 * for await (const event of stream) {
 *   if (event.type === 'delta') console.log(event.text);
 *   if (event.type === 'done') console.log(event.response.sources);
 * }
 * ```
 */
export interface QueryStream extends AsyncIterable<QueryStreamEvent> {
  /** What is known of the call: request id, headers, rate limit, attempts. */
  readonly meta: ResponseMeta;
  /** The events. Single use: a second iteration throws {@link TwigStreamError} `consumed`. */
  [Symbol.asyncIterator](): AsyncIterableIterator<QueryStreamEvent>;
  /**
   * The text alone, piece by piece. Single use, like the stream itself. No piece ends in half a surrogate pair, as the
   * deltas of events may, so each can be written as UTF-8.
   */
  readonly textStream: AsyncIterable<string>;
  /** What has been given so far. */
  readonly partialResponse: PartialQueryResponse;
  /**
   * Reads what is left and gives the whole answer. Rejects when the stream breaks, or was left before its end. A loop
   * over the stream misses nothing by it: what is read here ahead of the loop is kept for it.
   */
  finalResponse(): Promise<QueryResponse>;
  /** Closes the connection. A reader that waits, and whoever reads on, gets `TwigAbortError` with `reason` as its cause. */
  abort(reason?: unknown): void;
  /** The text as bytes (UTF-8), to hand to a response. Cancelling it closes the connection. */
  toTextStream(): PlatformReadableStream;
  /** The events as a `text/event-stream` response in the API's own dialect, to hand on to a page. */
  toSSEResponse(init?: RelayInit): PlatformResponse;
  /** Closes the connection when the stream goes out of scope (`await using`). */
  [Symbol.asyncDispose](): Promise<void>;
}

class ResponseStream implements QueryStream {
  readonly meta: ResponseMeta;
  declare private readonly _answer: OpenResponse;
  declare private readonly _reader: EventReader;
  /** Where the iteration is, once there is one. */
  declare private _at: Place | undefined;

  constructor(answer: OpenResponse, reader: EventReader) {
    this.meta = answer.meta;
    defineHidden(this, { _answer: answer, _reader: reader, _at: undefined });
  }

  [ASYNC_ITERATOR](): AsyncIterableIterator<QueryStreamEvent> {
    return this._iterate((next) => next());
  }

  get textStream(): AsyncIterable<string> {
    const createTake = () => {
      const joiner = createPairJoiner();
      return async (next: () => Promise<Step>): Promise<IteratorResult<string, undefined>> => {
        for (;;) {
          const { done, value } = await next();
          const text = done ? joiner.end() : value.type === 'delta' ? joiner.next(value.text) : '';
          if (text) return { done: false, value: text };
          if (done) return { done, value };
        }
      };
    };
    return { [ASYNC_ITERATOR]: () => this._iterate(createTake()) };
  }

  /** By hand: a generator that waits cannot be left before what it waits for has come. */
  private _iterate<T>(
    take: (next: () => Promise<Step>) => Promise<IteratorResult<T, undefined>>,
  ): AsyncIterableIterator<T> {
    if (this._at) throw this._consumed();
    let at: Place = {};
    this._at = at;
    const next = (): Promise<Step> => {
      const reached = this._goOn(at);
      at = reached;
      this._at = reached;
      return reached.step;
    };
    const close = (): Promise<IteratorReturnResult<undefined>> => {
      this._reader.close();
      return Promise.resolve({ done: true, value: undefined });
    };
    return {
      next: () => take(next),
      return: close,
      throw: (error) => close().then(() => Promise.reject(error)),
      [ASYNC_ITERATOR]() {
        return this;
      },
    };
  }

  private _goOn(place: Place): Reached {
    place.next ??= { step: this._reader.next() };
    return place.next;
  }

  get partialResponse(): PartialQueryResponse {
    return this._reader.state;
  }

  async finalResponse(): Promise<QueryResponse> {
    const isAlone = !this._at;
    let at: Place = this._at ?? {};
    for (;;) {
      if (this._reader.final) return this._reader.final;
      const reached = this._goOn(at);
      at = reached;
      // Nobody comes after: what has been read need not be kept.
      if (isAlone) this._at = at;
      if ((await reached.step).done && !this._reader.final) throw this._consumed();
    }
  }

  abort(reason?: unknown): void {
    this._answer.lifetime.abort(reason);
  }

  toTextStream(): PlatformReadableStream {
    return toBytes(this.textStream[ASYNC_ITERATOR](), String) as PlatformReadableStream;
  }

  toSSEResponse(init?: RelayInit): PlatformResponse {
    return toSSEResponse(this, this._answer.toWire, init) as PlatformResponse;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this._reader.close();
    return Promise.resolve();
  }

  private _consumed(): TwigStreamError {
    const message = 'The stream was read already, or left before its end: it can be iterated once.';
    const error = new TwigStreamError(message, { code: 'consumed', meta: this.meta });
    return defineHidden(error, { partialResponse: this.partialResponse });
  }
}

/** Makes a stream of an answer whose headers have come. */
export async function openStream(answer: OpenResponse): Promise<QueryStream> {
  const { response, meta, lifetime, redact } = answer;
  const type = response.fields.get('content-type') ?? 'text/event-stream';
  const isJson = /^application\/(.+\+)?json\b/i.test(type);
  if (!isJson && !/^text\/event-stream\b/i.test(type)) {
    throw unexpected('The answer is not a stream', redact(await lifetime.guard(readErrorText(response))), meta);
  }
  const body = response.reader();
  if (!body) throw unexpected('The answer has no body that could be streamed', undefined, meta);
  const reader = createEventReader(answer, body, isJson);
  const stream = new ResponseStream(answer, reader);
  lifetime.observation?.opened(stream, () => reader.close('abandoned'));
  return stream;
}
