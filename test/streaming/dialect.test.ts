/** The dialect, its variants, and its ends. */

import {
  type QueryStream,
  type QueryStreamEvent,
  TwigAbortError,
  type TwigAPIError,
  type TwigClientOptions,
  TwigConnectionError,
  TwigPermissionError,
  TwigRateLimitError,
  TwigResponseValidationError,
  TwigServerError,
  TwigStreamError,
  TwigTimeoutError,
} from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient, sse } from '../support/client.ts';

const event = (name: string, data: unknown): string =>
  `event: ${name}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const data = (value: unknown): string => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
const DONE = event('done', { session_id: 'sess_1' });
const SOURCE = { chunk_id: 'chk_1', document_title: 'Refund Policy', similarity: 0.9 };
const WHOLE = [
  event('delta', { delta: 'Our refund policy ' }),
  event('delta', { delta: 'allows “returns” – naïvely 🙂.' }),
  event('sources', { sources: [SOURCE] }),
  event('metadata', { metadata: { interaction_id: 'int_1', latency_ms: 12 } }),
  DONE,
].join('');
const TEXT = 'Our refund policy allows “returns” – naïvely 🙂.';

const question = { agentId: 'agent_1', query: 'q', stream: true } as const;
const open = async (
  answer: string | (string | Uint8Array)[] | Response,
  options: TwigClientOptions = {},
): Promise<QueryStream> =>
  scriptedClient(
    () => (answer instanceof Response ? answer : sse(answer, { 'x-request-id': 'req_1' })),
    options,
  ).client.query(question);

async function read(stream: QueryStream): Promise<QueryStreamEvent[]> {
  const events: QueryStreamEvent[] = [];
  for await (const one of stream) events.push(one);
  return events;
}
const textOf = (events: QueryStreamEvent[]): string =>
  events.map((one) => (one.type === 'delta' ? one.text : '')).join('');

describe('the dialect', () => {
  it('becomes events, and at the end the whole answer', async () => {
    const events = await read(await open(WHOLE));
    const sources = [{ chunkId: 'chk_1', documentTitle: 'Refund Policy', similarity: 0.9, similarityScore: 0.9 }];
    const metadata = { interactionId: 'int_1', latencyMs: 12 };
    expect(events).toEqual([
      { type: 'delta', text: 'Our refund policy ' },
      { type: 'delta', text: 'allows “returns” – naïvely 🙂.' },
      { type: 'sources', sources },
      { type: 'metadata', metadata },
      { type: 'done', response: { response: TEXT, sources, metadata, sessionId: 'sess_1' } },
    ]);
  });

  it('is read exactly wherever its bytes are cut', async () => {
    const bytes = new TextEncoder().encode(WHOLE);
    for (let at = 1; at < bytes.length; at++) {
      const events = await read(await open([bytes.slice(0, at), bytes.slice(at)]));
      expect({ at, text: textOf(events), count: events.length }).toEqual({ at, text: TEXT, count: 5 });
    }
    const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
    expect(textOf(await read(await open(single)))).toBe(TEXT);
  });

  it.each(['\r\n', '\r', '\n'])('is read with line ends %j, comments and a byte order mark', async (end) => {
    const text = `\uFEFF: keep-alive\n\n${WHOLE.replaceAll('\n\n', '\n: ping\n\n')}`.replaceAll('\n', end);
    expect(textOf(await read(await open(text)))).toBe(TEXT);
  });

  it('gives what comes with done as events too, and takes its text for the right one', async () => {
    const done = { response: 'Hello', sources: [SOURCE], metadata: { interaction_id: 'int_2' }, session_id: 's' };
    const events = await read(await open(event('delta', { delta: 'Hel' }) + event('done', done)));
    expect(events.map(({ type }) => type)).toEqual(['delta', 'delta', 'sources', 'metadata', 'done']);
    expect(textOf(events)).toBe('Hello');
    expect(events.at(-1)).toMatchObject({
      response: { response: 'Hello', metadata: { interactionId: 'int_2' }, sessionId: 's' },
    });
  });

  it('reads deltas with escapes, quotes and unknown members as JSON does', async () => {
    const texts = ['a"b', 'a\\b', 'tab\tnew\nline', '\u2028', '"}', '', '{"delta":"x"}'];
    const events = await read(
      await open(
        texts.map((delta, id) => event('delta', { delta, id })).join('') +
          texts.map((delta) => event('delta', { delta })).join('') +
          DONE,
      ),
    );
    expect(textOf(events)).toBe(texts.join('') + texts.join(''));
  });

  it('stops at done, whatever follows', async () => {
    const events = await read(await open(WHOLE + event('delta', { delta: 'more' })));
    expect(events).toHaveLength(5);
  });

  it('does not wait for the end of the body after done', async () => {
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode(WHOLE)) });
    const stream = await open(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    expect(await read(stream)).toHaveLength(5);
  });
});

describe('the variants', () => {
  it.each([
    ['the name as "type"', data({ type: 'delta', delta: 'Hi' }) + data({ type: 'done', session_id: 's' })],
    ['text', event('delta', { text: 'Hi' }) + DONE],
    ['content', event('delta', { content: 'Hi' }) + DONE],
    ['token', event('token', { token: 'Hi' }) + DONE],
    ['chunk', event('chunk', { chunk: 'Hi' }) + DONE],
    ['message', event('message', { delta: 'Hi' }) + DONE],
    ['a delta that is no JSON', event('delta', 'Hi') + DONE],
    ['a message that is no JSON', event('message', 'Hi') + DONE],
    ['quoted text', data('"Hi"')],
    ['plain data lines', data('H') + data('i')],
    ['[DONE]', data({ delta: 'Hi' }) + data('[DONE]') + data('more')],
    ['end', event('delta', { delta: 'Hi' }) + event('end', {})],
    ['complete', event('delta', { delta: 'Hi' }) + event('complete', {})],
    ['message_end', event('delta', { delta: 'Hi' }) + event('message_end', {})],
    ['a last event without its blank line', `${event('delta', { delta: 'Hi' })}event: done\ndata: {}`],
  ])('%s', async (_, text) => {
    const events = await read(await open(text));
    expect(textOf(events)).toBe('Hi');
    expect(events.at(-1)).toMatchObject({ type: 'done', response: { response: 'Hi' } });
  });

  it('takes numbers, null and true in plain data lines for the text that they are', async () => {
    expect(textOf(await read(await open(data('42') + data('null') + data('true'))))).toBe('42nulltrue');
  });

  it('takes only exactly [DONE] for the end', async () => {
    expect(textOf(await read(await open(data('say [DONE] ') + data('[DONE].'))))).toBe('say [DONE] [DONE].');
  });

  it('delivers events of other names, in camelCase, and objects that it cannot place', async () => {
    const events = await read(
      await open(event('tool_call', { tool_name: 'x' }) + event('note', 'plain') + data({ foo_bar: 1 }) + WHOLE),
    );
    expect(events.slice(0, 3)).toEqual([
      { type: 'unknown', event: 'tool_call', data: { toolName: 'x' } },
      { type: 'unknown', event: 'note', data: 'plain' },
      { type: 'unknown', event: 'message', data: { fooBar: 1 } },
    ]);
  });

  it('reads a body of JSON instead of a stream: one delta, then done', async () => {
    const events = await read(await open(json({ response: TEXT, metadata: { interaction_id: 'i' } })));
    expect(events[0]).toEqual({ type: 'delta', text: TEXT });
    expect(events.at(-1)).toMatchObject({
      type: 'done',
      response: { response: TEXT, metadata: { interactionId: 'i' }, sources: [] },
    });
  });
});

describe('errors inside a stream', () => {
  const failing = async (text: string): Promise<TwigAPIError> =>
    (await rejection(read(await open(text)))) as TwigAPIError;

  it.each([
    [
      'error event',
      event('error', {
        error: { code: 'rate_limit_exceeded', message: 'Slow down', details: { a_b: 1 } },
        request_id: 'req_9',
      }),
    ],
    [
      'error in any event',
      event('delta', {
        error: { code: 'rate_limit_exceeded', message: 'Slow down', details: { a_b: 1 } },
        request_id: 'req_9',
      }),
    ],
    [
      'error as type',
      data({
        type: 'error',
        error: { code: 'rate_limit_exceeded', message: 'Slow down', details: { a_b: 1 } },
        request_id: 'req_9',
      }),
    ],
  ])('%s: the class of its code, with details and request id', async (_, text) => {
    const error = await failing(event('delta', { delta: 'Half' }) + text);
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(error).toMatchObject({
      code: 'rate_limit_exceeded',
      status: 429,
      message: 'Slow down',
      details: { a_b: 1 },
      requestId: 'req_9',
    });
    expect(error.partialResponse).toMatchObject({ response: 'Half' });
  });

  it('reads the other shapes, and the request id of the headers', async () => {
    expect(await failing(event('error', { error: 'Forbidden', status: 403 }))).toBeInstanceOf(TwigPermissionError);
    expect(await failing(event('error', { error: { message: 'x', retryAfter: 45 }, status: 429 }))).toMatchObject({
      retryAfterMs: 45_000,
    });
    const plain = await failing(event('error', 'it broke'));
    expect(plain).toBeInstanceOf(TwigServerError);
    expect(plain).toMatchObject({ message: 'it broke', requestId: 'req_1' });
  });

  it('come after everything before them', async () => {
    const stream = await open(
      event('delta', { delta: 'Half' }) + event('error', { error: { code: 'internal_error', message: 'x' } }),
    );
    const seen: string[] = [];
    await rejection(
      (async () => {
        for await (const text of stream.textStream) seen.push(text);
      })(),
    );
    expect(seen).toEqual(['Half']);
  });

  it.each(['sources', 'metadata', 'done'])('%s without its JSON is malformed', async (name) => {
    const error = await rejection(read(await open(event('delta', { delta: 'Half' }) + event(name, '{"broken') + DONE)));
    expect(error).toBeInstanceOf(TwigStreamError);
    expect(error).toMatchObject({ code: 'malformed_event', eventCount: 1, partialResponse: { response: 'Half' } });
    expect(JSON.stringify(error)).not.toContain('Half');
  });

  it('an event without an end is no longer kept when it is beyond 16 MiB, and the connection closed', async () => {
    const piece = new TextEncoder().encode('x'.repeat(2 ** 20));
    let pulled = 0;
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.enqueue(pulled++ ? piece : new TextEncoder().encode('data: '));
        if (pulled > 100) controller.close();
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    const stream = await open(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
    expect(await rejection(read(stream))).toMatchObject({ code: 'event_too_large' });
    expect(isCancelled).toBe(true);
    // The beginning, sixteen pieces that fit, the one too many, and what the stream itself reads ahead.
    expect(pulled).toBeLessThan(22);
  });

  it('an event beyond 16 MiB is too large, in one piece or in many', async () => {
    const piece = new TextEncoder().encode('x'.repeat(2 ** 20));
    const begin = new TextEncoder().encode('data: ');
    const many = await rejection(read(await open([begin, ...Array<Uint8Array>(17).fill(piece)])));
    expect(many).toMatchObject({ code: 'event_too_large' });
    expect(await rejection(read(await open(data('x'.repeat(17 * 2 ** 20)))))).toMatchObject({
      code: 'event_too_large',
    });
  });
});

describe('an early end', () => {
  it.each([
    ['after a delta', event('delta', { delta: 'Half' }), 1],
    ['after sources', event('delta', { delta: 'Half' }) + event('sources', { sources: [] }), 2],
    ['after a delta by type', data({ type: 'delta', delta: 'Half' }), 1],
    ['in the middle of an event', `${event('delta', { delta: 'Half' })}event: del`, 1],
    ['with nothing at all', '', 0],
    ['with comments only', ': keep-alive\n\n', 0],
  ])('%s is no answer', async (_, text, eventCount) => {
    const error = await rejection(read(await open(text)));
    expect(error).toBeInstanceOf(TwigStreamError);
    expect(error).toMatchObject({ code: 'truncated', eventCount, isRetryable: true, meta: { requestId: 'req_1' } });
    expect((error as TwigStreamError).partialResponse?.response).toBe(eventCount ? 'Half' : '');
  });

  it('by a break of the body is a connection error', async () => {
    let pulls = 0;
    const body = new ReadableStream({
      pull(controller) {
        if (pulls++) controller.error(Object.assign(new TypeError('terminated'), { code: 'ECONNRESET' }));
        else controller.enqueue(new TextEncoder().encode(event('delta', { delta: 'Half' })));
      },
    });
    const error = await rejection(
      read(await open(new Response(body, { headers: { 'content-type': 'text/event-stream' } }))),
    );
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({ phase: 'stream', partialResponse: { response: 'Half' } });
    expect((error as Error).message).toContain('ECONNRESET');
  });

  it('that is an HTML page is told when the stream is opened', async () => {
    const error = await rejection(
      open(new Response('<html>Bad gateway</html>', { headers: { 'content-type': 'text/html' } })),
    );
    expect(error).toBeInstanceOf(TwigResponseValidationError);
    expect(error).toMatchObject({ bodySnippet: '<html>Bad gateway</html>', contentType: 'text/html' });
  });
});

/** A stream that gives its chunks when the test says so, and notes when it is cancelled. */
function manual() {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const state = { isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      state.isCancelled = true;
    },
  });
  const push = (text: string): void => controller?.enqueue(new TextEncoder().encode(text));
  const end = (): void => controller?.close();
  return { answer: new Response(body, { headers: { 'content-type': 'text/event-stream' } }), push, end, state };
}

describe('time', () => {
  it('runs out when no byte comes, and not while any does', async () => {
    const clock = createTestClock();
    const { answer, push, state } = manual();
    const stream = await open(answer, { clock, streamIdleTimeoutMs: 1000 });
    const reading = rejection(read(stream));
    for (let i = 0; i < 5; i++) {
      await clock.advance(900);
      push(': keep-alive\n\n');
    }
    await clock.advance(999);
    expect(state.isCancelled).toBe(false);
    await clock.advance(2);
    const error = await reading;
    expect(error).toBeInstanceOf(TwigTimeoutError);
    expect(error).toMatchObject({ phase: 'stream', limit: 'streamIdleTimeoutMs', limitMs: 1000 });
    expect(state.isCancelled).toBe(true);
  });

  it('of a slow reader is no silence of the server', async () => {
    const clock = createTestClock();
    const { answer, push } = manual();
    const stream = await open(answer, { clock, streamIdleTimeoutMs: 1000 });
    const iterator = stream[Symbol.asyncIterator]();
    push(event('delta', { delta: 'a' }));
    await iterator.next();
    await clock.advance(60_000);
    push(event('delta', { delta: 'b' }) + DONE);
    expect((await iterator.next()).value).toEqual({ type: 'delta', text: 'b' });
  });

  it('never runs out when the limit is off', async () => {
    const clock = createTestClock();
    const { answer, push } = manual();
    const stream = await open(answer, { clock, streamIdleTimeoutMs: false });
    const reading = read(stream);
    await clock.advance(3_600_000);
    push(WHOLE);
    expect(await reading).toHaveLength(5);
  });

  it('of the deadline covers the stream', async () => {
    const clock = createTestClock();
    const { answer } = manual();
    const stream = await open(answer, { clock, deadlineMs: 5000 });
    const reading = rejection(read(stream));
    await clock.advance(5000);
    expect(await reading).toMatchObject({ limit: 'deadlineMs', limitMs: 5000, phase: 'stream' });
  });
});

describe('leaving', () => {
  it('by break closes the connection, and says nothing', async () => {
    const { answer, push, state } = manual();
    const stream = await open(answer);
    push(event('delta', { delta: 'a' }));
    for await (const _ of stream) break;
    expect(state.isCancelled).toBe(true);
    expect(await rejection(stream.finalResponse())).toMatchObject({
      code: 'consumed',
      partialResponse: { response: 'a' },
    });
  });

  it('by a throw closes the connection, and throws that', async () => {
    const { answer, push, state } = manual();
    const stream = await open(answer);
    push(event('delta', { delta: 'a' }));
    const mine = new Error('mine');
    const error = await rejection(
      (async () => {
        for await (const _ of stream) throw mine;
      })(),
    );
    expect(error).toBe(mine);
    expect(state.isCancelled).toBe(true);
  });

  it('by abort() ends a read that waits, with the reason', async () => {
    const { answer, state } = manual();
    const stream = await open(answer);
    const reading = rejection(read(stream));
    stream.abort('enough');
    const error = await reading;
    expect(error).toBeInstanceOf(TwigAbortError);
    expect(error).toMatchObject({ cause: 'enough' });
    expect(state.isCancelled).toBe(true);
  });

  it('by abort() before the first read, and while events are left over, throws at the next read', async () => {
    for (const text of ['', event('delta', { delta: 'a' }) + event('delta', { delta: 'b' })]) {
      const { answer, push } = manual();
      const stream = await open(answer);
      const iterator = stream[Symbol.asyncIterator]();
      if (text) {
        push(text);
        await iterator.next();
      }
      stream.abort();
      expect(await rejection(iterator.next())).toBeInstanceOf(TwigAbortError);
    }
  });

  it('by `await using` closes the connection', async () => {
    const { answer, state } = manual();
    {
      await using stream = await open(answer);
      expect(stream.partialResponse.response).toBe('');
    }
    expect(state.isCancelled).toBe(true);
  });
});

describe('reading in other ways', () => {
  it('finalResponse reads all, or what is left, as often as it is asked', async () => {
    const stream = await open(WHOLE);
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    expect(stream.partialResponse.response).toBe('Our refund policy ');
    const final = await stream.finalResponse();
    expect(final).toMatchObject({ response: TEXT, sessionId: 'sess_1' });
    expect(await stream.finalResponse()).toBe(final);
  });

  it('finalResponse beside a loop takes nothing from it: each sees every event', async () => {
    for (const chunks of [[WHOLE], WHOLE.split(/(?<=\n\n)/)]) {
      const stream = await open(chunks);
      const events: QueryStreamEvent[] = [];
      const reading = (async () => {
        for await (const one of stream) {
          events.push(one);
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const final = await stream.finalResponse();
      await reading;
      expect(events).toEqual(await read(await open(WHOLE)));
      expect(final.response).toBe(TEXT);
    }
  });

  it('finalResponse inside the loop gives the whole, and the loop goes on with the next event', async () => {
    const stream = await open(WHOLE);
    const texts: string[] = [];
    for await (const text of stream.textStream) {
      texts.push(text);
      expect((await stream.finalResponse()).response).toBe(TEXT);
    }
    expect(texts.join('')).toBe(TEXT);
  });

  it('textStream is single use like the stream, from the moment it is iterated', async () => {
    const stream = await open(WHOLE);
    const unused = stream.textStream;
    for await (const _ of stream.textStream) break;
    expect(() => unused[Symbol.asyncIterator]()).toThrow(TwigStreamError);
  });

  it('textStream can be left while a read waits', async () => {
    const { answer, push, state } = manual();
    const texts = (await open(answer)).textStream[Symbol.asyncIterator]();
    push(event('delta', { delta: 'a' }));
    await texts.next();
    const waiting = texts.next();
    expect(await texts.return?.()).toEqual({ done: true, value: undefined });
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(state.isCancelled).toBe(true);
  });

  it('a relayed stream that is left while a read waits describes no fault', async () => {
    const { answer, state } = manual();
    const faults: unknown[] = [];
    const describeError = (error: unknown) => {
      faults.push(error);
      return { code: 'internal_error', message: 'no' };
    };
    const relayed = (await open(answer)).toSSEResponse({ describeError }) as Response;
    const reader = relayed.body?.getReader();
    const waiting = reader?.read();
    await new Promise((resolve) => setImmediate(resolve));
    await reader?.cancel();
    await waiting;
    await new Promise((resolve) => setImmediate(resolve));
    expect(state.isCancelled).toBe(true);
    expect(faults).toEqual([]);
  });

  it('an iteration after finalResponse is an error: nothing is kept for one that may never come', async () => {
    const stream = await open(WHOLE);
    await stream.finalResponse();
    expect(await rejection(read(stream))).toMatchObject({ code: 'consumed' });
    expect(() => stream.textStream[Symbol.asyncIterator]()).toThrow(TwigStreamError);
  });

  it('a second iteration is an error', async () => {
    const stream = await open(WHOLE);
    await read(stream);
    expect(await rejection(read(stream))).toMatchObject({ code: 'consumed' });
  });

  it('an iterator that was begun can be handed to a loop', async () => {
    const iterator = (await open(WHOLE))[Symbol.asyncIterator]() as AsyncIterableIterator<QueryStreamEvent>;
    const types = [(await iterator.next()).value?.type];
    for await (const { type } of iterator) types.push(type);
    expect(types).toEqual(['delta', 'delta', 'sources', 'metadata', 'done']);
  });

  it('two reads at once are answered in order', async () => {
    const iterator = (await open(WHOLE))[Symbol.asyncIterator]();
    const steps = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
    expect(steps.map(({ value }) => value?.type)).toEqual(['delta', 'delta', 'sources']);
  });

  it('toTextStream gives the bytes of the text, and its cancel closes the connection', async () => {
    const stream = await open(WHOLE);
    expect(await new Response(stream.toTextStream() as ReadableStream<Uint8Array>).text()).toBe(TEXT);
    const { answer, push, state } = manual();
    const text = (await open(answer)).toTextStream() as ReadableStream<Uint8Array>;
    push(event('delta', { delta: 'a' }));
    const reader = text.getReader();
    await reader.read();
    await reader.cancel();
    expect(state.isCancelled).toBe(true);
  });

  it('toSSEResponse gives a stream that reads as the same events', async () => {
    const all = event('tool_call', { tool_name: 'x' }) + event('note', 'two\ndata: lines') + WHOLE;
    const first = await read(await open(all));
    const relayed = (await open(all)).toSSEResponse({ headers: { 'x-mine': '1' } }) as Response;
    expect(relayed.headers.get('content-type')).toContain('text/event-stream');
    expect(relayed.headers.get('x-mine')).toBe('1');
    expect(await read(await open(relayed))).toEqual(first);
  });

  it('toSSEResponse hands on a text that done corrects', async () => {
    const corrected = event('delta', { delta: 'wrong' }) + event('done', { response: 'right' });
    const relayed = (await open(corrected)).toSSEResponse() as Response;
    expect((await (await open(relayed)).finalResponse()).response).toBe('right');
  });

  it.each(['\n', '\r', '\r\n'])('toSSEResponse lets no name of an event make another event: %j', async (end) => {
    const name = `x${end}data: {}${end}${end}event: delta${end}data: {"delta":"forged"}${end}${end}event: y`;
    const relayed = (await open(data({ type: name, value: 1 }) + WHOLE)).toSSEResponse() as Response;
    const events = await read(await open(relayed));
    expect(events[0]).toMatchObject({ type: 'unknown', data: { type: name, value: 1 } });
    expect(textOf(events)).toBe(TEXT);
  });

  it('toSSEResponse hands a fault on as an error event, so that half an answer is none there either', async () => {
    const relayed = (await open(event('delta', { delta: 'Half' }))).toSSEResponse() as Response;
    const error = await rejection(read(await open(relayed)));
    expect(error).toMatchObject({ code: 'truncated', requestId: 'req_1', partialResponse: { response: 'Half' } });
  });
});

describe('one answer and the next', () => {
  it('share nothing: what a caller adds to one is not in another', async () => {
    const empty = event('delta', { delta: 'a' }) + event('done', { latency_ms: 5 });
    const first = await (await open(empty)).finalResponse();
    first.sources.push({ chunkId: 'mine' });
    const second = await (await open(event('delta', { delta: 'a' }) + event('done', {}))).finalResponse();
    expect(second).toMatchObject({ sources: [], metadata: {} });
    expect(second.metadata).toEqual({});
    expect((await open(empty)).partialResponse).toEqual({ response: '', sources: [], metadata: {} });
  });
});

describe('what comes with done', () => {
  const before = WHOLE.slice(0, -DONE.length);

  it.each(['response', 'sources', 'metadata', 'session_id'])('takes back nothing with a null: %s', async (name) => {
    const final = await (await open(before + event('done', { session_id: 'sess_1', [name]: null }))).finalResponse();
    const sessionId = name === 'session_id' ? {} : { sessionId: 'sess_1' };
    expect(final).toEqual({
      response: TEXT,
      sources: [expect.objectContaining({ chunkId: 'chk_1' })],
      metadata: { interactionId: 'int_1', latencyMs: 12 },
      ...sessionId,
    });
  });

  it('is filled in where the server names it differently', async () => {
    const end = { sources: [{ chunk_id: 'c', similarity: 0.5 }], latency_ms: 7, response: 'x' };
    const final = await (await open(event('done', end))).finalResponse();
    expect(final.sources[0]?.similarityScore).toBe(0.5);
    expect(final.metadata.latencyMs).toBe(7);
  });

  it('adds to the metadata that came before', async () => {
    const final = await (await open(before + event('done', { metadata: { cost_usd: 0.1 } }))).finalResponse();
    expect(final.metadata).toEqual({ interactionId: 'int_1', latencyMs: 12, costUsd: 0.1 });
  });

  it('tells the request id', async () => {
    const stream = await open(before + event('done', { request_id: 'req_body' }));
    await stream.finalResponse();
    expect(stream.meta.requestId).toBe('req_body');
  });

  it.each([{ sources: 'none' }, { metadata: [] }, { response: 5 }])('is refused as no answer: %o', async (end) => {
    expect(await rejection(read(await open(before + event('done', end))))).toBeInstanceOf(TwigResponseValidationError);
  });
});

describe('an event cut off by the clean end', () => {
  it('is a truncated stream wherever it is cut, never a text, never a whole answer', async () => {
    // After the last line of `done` only its blank line is missing: then it is whole.
    for (let length = 1; length < WHOLE.length - 2; length++) {
      const stream = await open(WHOLE.slice(0, length));
      const error = (await rejection(read(stream))) as TwigStreamError;
      expect([length, error.code]).toEqual([length, 'truncated']);
      expect(TEXT.startsWith(stream.partialResponse.response)).toBe(true);
    }
    expect((await (await open(WHOLE.slice(0, -2))).finalResponse()).response).toBe(TEXT);
  });

  it('is one also where no event has a name', async () => {
    const stream = await open(`${data({ delta: 'Hello ' })}data: {"delta":"wor`);
    expect(await rejection(read(stream))).toMatchObject({ code: 'truncated', partialResponse: { response: 'Hello ' } });
    expect(await rejection(read(await open(`${data('Hello')}data: [DON`)))).toMatchObject({ code: 'truncated' });
  });

  it('is none when it is a text that only looks like the beginning of one', async () => {
    expect(textOf(await read(await open(`${data('Hello ')}data: "`)))).toBe('Hello "');
  });
});

it('a character cut off by the end is not lost without a trace', async () => {
  const cut = new TextEncoder().encode('data: Hi 🙂').slice(0, -1);
  expect(textOf(await read(await open([cut])))).toBe('Hi \uFFFD');
});

describe.each(['read by finalResponse', 'left at its done event'])('a body that goes on after done, %s,', (how) => {
  /** A stream whose done has been read, by a clock that stands still. */
  const finished = async () => {
    const clock = createTestClock();
    const { answer, push, end, state } = manual();
    const stream = await open(answer, { clock });
    push(WHOLE);
    if (how === 'read by finalResponse') await stream.finalResponse();
    else {
      for await (const { type } of stream) {
        if (type === 'done') break;
      }
    }
    return { clock, end, state };
  };

  it('has a moment to end by itself, so that its socket serves the next call; no timer is left', async () => {
    const { clock, end, state } = await finished();
    await clock.advance(50);
    expect(state.isCancelled).toBe(false);
    end();
    await clock.advance(0);
    expect(clock.pending).toBe(0);
    await clock.advance(1000);
    expect(state.isCancelled).toBe(false);
  });

  it('is cancelled when it does not; no timer is left', async () => {
    const { clock, state } = await finished();
    await clock.advance(100);
    expect(state.isCancelled).toBe(true);
    expect(clock.pending).toBe(0);
  });
});

it('an event nested deeper than the stack goes ends the stream as malformed', async () => {
  const deep = '{"a":'.repeat(50_000) + 1 + '}'.repeat(50_000);
  const stream = await open(event('delta', { delta: 'a' }) + event('foo', deep) + DONE);
  expect(await rejection(read(stream))).toMatchObject({
    code: 'malformed_event',
    partialResponse: { response: 'a' },
  });
});
