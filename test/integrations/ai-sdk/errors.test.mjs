// What goes wrong: retries are those of the AI SDK, breaks are told, and who leaves leaves nothing open.

import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { TwigClient, TwigRateLimitError } from '@twig/sdk';
import { createTwig, twigErrorOf } from '@twig/sdk/ai-sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { faults } from '@twig/sdk/testing';
import {
  AGENT,
  ANSWER,
  answer,
  begin,
  collect,
  events,
  failureOf,
  json,
  QUESTION,
  reset,
  silence,
  startApi,
  startMock,
  user,
  withBoth,
} from './support.mjs';

const SOON = { 'retry-after-ms': '1' };
const limited = (headers = SOON, details = {}) =>
  json(429, { error: { code: 'rate_limit_exceeded', message: 'Too many.', details }, request_id: 'req_9' }, headers);
const prompt = [user(QUESTION)];

withBoth('a failure', ({ ai }) => {
  const { APICallError, RetryError } = ai;
  const ask = (model, options) => ai.generateText({ model, prompt: QUESTION, ...options });

  test('22. what fails once is asked twice, and answers', async () => {
    for (const status of [429, 500]) {
      await using api = await startApi(json(status, {}, SOON), answer());
      assert.equal((await ask(api.twig(AGENT))).text, ANSWER.response);
      assert.equal(api.requests.length, 2);
    }
  });

  test('22. what fails always is asked three times, and the last error is ours', async () => {
    await using api = await startApi(limited());
    const error = await failureOf(ask(api.twig(AGENT)));
    assert.ok(RetryError.isInstance(error), String(error));
    assert.equal(api.requests.length, 3);
    assert.ok(APICallError.isInstance(error.lastError));
    const { statusCode, cause, url, requestBodyValues, data } = error.lastError;
    assert.deepEqual([statusCode, cause.name, url], [429, 'TwigRateLimitError', `${api.url}/api/v1/query`]);
    assert.deepEqual(requestBodyValues, { agentId: AGENT, query: QUESTION });
    assert.deepEqual([data.code, data.requestId], ['rate_limit_exceeded', 'req_9']);
    assert.ok(twigErrorOf(error) instanceof TwigRateLimitError);
    assert.equal(twigErrorOf(new Error('none')), undefined);
  });

  test('22. maxRetries: 0 sends one request, whatever the client would do', async () => {
    await using api = await startApi(limited());
    const client = new TwigClient({ apiKey: 'k', baseUrl: api.url, maxRetries: 5 });
    for (const twig of [api.twig, createTwig({ client }), api.provider({ maxRetries: 5 })]) {
      const before = api.requests.length;
      const error = await failureOf(ask(twig(AGENT), { maxRetries: 0 }));
      assert.equal(error.statusCode, 429);
      assert.equal(api.requests.length - before, 1);
    }
  });

  test('23. a wait that only the body names is told where the AI SDK looks', async () => {
    await using api = await startApi(json(429, { error: { code: 'x', message: 'x', retry_after: 0.02 } }), answer());
    const error = await failureOf(ask(api.twig(AGENT), { maxRetries: 0 }));
    assert.equal(error.responseHeaders['retry-after-ms'], '20');
    assert.equal(error.isRetryable, true);
  });

  test('23. a wait of a minute or more is not retried', async () => {
    for (const [headers, requests] of [
      [{ 'retry-after': '60' }, 1],
      [{ 'retry-after-ms': '60000' }, 1],
      [{ 'retry-after-ms': '0' }, 3],
    ]) {
      await using api = await startApi(limited(headers));
      const error = await failureOf(ask(api.twig(AGENT)));
      assert.equal(api.requests.length, requests);
      if (requests === 1) assert.equal(error.isRetryable, false);
    }
  });

  test('24. what no repetition heals is asked once', async () => {
    for (const status of [400, 401, 403, 404]) {
      await using api = await startApi(
        json(status, { error: { code: 'of_server', message: 'No.' }, request_id: 'req_7' }),
      );
      const error = await failureOf(ask(api.twig(AGENT)));
      assert.ok(APICallError.isInstance(error), String(error));
      const { statusCode, isRetryable, data } = error;
      assert.deepEqual(
        [statusCode, isRetryable, data.code, data.requestId, api.requests.length],
        [status, false, 'of_server', 'req_7', 1],
      );
    }
  });

  test('24. without a key the call rejects, and nothing before it', async () => {
    const { TWIG_API_KEY } = process.env;
    delete process.env.TWIG_API_KEY;
    try {
      for (const twig of [createTwig(), createTwig({ apiKey: () => undefined })]) {
        const error = await failureOf(ask(twig(AGENT)));
        assert.ok(ai.LoadAPIKeyError.isInstance(error), String(error));
        assert.match(error.message, /TWIG_API_KEY/);
      }
      const error = await failureOf(ask(createTwig({ apiKey: 'with space' })(AGENT)));
      assert.equal(error.name, 'TwigConfigError');
    } finally {
      if (TWIG_API_KEY !== undefined) process.env.TWIG_API_KEY = TWIG_API_KEY;
    }
  });

  test('25. a question that may have arrived is not sent again', async () => {
    await using broken = await startApi(reset());
    const error = await failureOf(ask(broken.twig(AGENT)));
    assert.ok(APICallError.isInstance(error), String(error));
    assert.deepEqual([error.statusCode, error.isRetryable, broken.requests.length], [undefined, false, 1]);

    await using slow = await startApi(silence());
    const late = await failureOf(ask(slow.provider({ timeoutMs: 50 })(AGENT)));
    assert.ok(APICallError.isInstance(late), String(late));
    assert.deepEqual([late.isRetryable, late.cause.name, slow.requests.length], [false, 'TwigTimeoutError', 1]);
  });

  test('25. a connection that is refused is tried again', async () => {
    const error = await failureOf(
      ask(createTwig({ apiKey: 'k', baseUrl: 'http://127.0.0.1:2' })(AGENT), { maxRetries: 1 }),
    );
    assert.ok(RetryError.isInstance(error), String(error));
    assert.equal(error.errors.length, 2);
    assert.deepEqual([error.lastError.statusCode, error.lastError.cause.phase], [undefined, 'connect']);
  });
});

withBoth('a break', ({ ai, partsOf }) => {
  const kinds = {
    truncated: faults.truncateStream({ afterEvents: 2 }),
    cut: faults.disconnect({ afterBytes: 90 }),
    malformed: faults.malformedEvent({ afterEvents: 2 }),
    'an error event': faults.errorEvent({ afterEvents: 2 }),
  };
  for (const [kind, fault] of Object.entries(kinds)) {
    test(`26. ${kind}: the text so far, its end, one error, the finish`, async () => {
      await using api = await startMock();
      api.mock.faults.next('query', fault);
      const told = [];
      const result = ai.streamText({
        model: api.twig(AGENT),
        prompt: QUESTION,
        onError: ({ error }) => told.push(error),
      });
      const parts = await collect(partsOf(result));
      const types = parts.map(({ type }) => type).filter((type) => !/start|step/.test(type));
      assert.deepEqual(
        types.filter((type, at) => type !== types[at - 1]),
        ['text-delta', 'text-end', 'error', 'finish'],
      );
      assert.equal(told.length, 1);
      assert.ok(ai.APICallError.isInstance(told[0]), String(told[0]));
      assert.equal(told[0].isRetryable, kind === 'an error event');
      assert.equal(await result.finishReason, 'error');
      assert.equal(await result.rawFinishReason, twigErrorOf(told[0]).code);
      // Half a text looks like a whole one: the reason for the end tells.
      assert.match(await result.text, /^\S+ \S+/);
      assert.equal(twigErrorOf(told[0]).partialResponse.response, await result.text);
    });
  }

  test('26. what had come of usage and metadata is kept', async () => {
    await using api = await startApi(
      events(['delta', { delta: 'Half' }], ['metadata', ANSWER.metadata], ['sources', 'broken']),
    );
    const parts = await collect((await api.twig(AGENT).doStream({ prompt })).stream);
    const { usage, providerMetadata, finishReason } = parts.at(-1);
    assert.deepEqual(finishReason, { unified: 'error', raw: 'malformed_event' });
    assert.equal(usage.inputTokens.total, 7);
    assert.equal(providerMetadata.twig.interactionId, 'int_1');
    assert.equal('response' in providerMetadata.twig, false);
  });
});

withBoth('leaving', ({ ai, partsOf, toPage }) => {
  const word = ['delta', { delta: 'Within' }];

  test('28. aborted before, while waiting, or in the middle: an abort part, onAbort, no onError, and the socket closes', async () => {
    await using api = await startApi(silence(), begin([word]));
    const run = async (abortAt) => {
      const stop = new AbortController();
      const seen = [];
      if (abortAt === 'before') stop.abort();
      const result = ai.streamText({
        model: api.twig(AGENT),
        prompt: QUESTION,
        abortSignal: stop.signal,
        onAbort: () => void seen.push('onAbort'),
        onError: () => void seen.push('onError'),
      });
      if (abortAt === 'waiting') void api.arrived(1).then(() => stop.abort());
      for await (const { type } of partsOf(result)) {
        if (type === 'text-delta') stop.abort();
        seen.push(type);
      }
      assert.deepEqual(seen.filter((type) => /abort|error/i.test(type)).sort(), ['abort', 'onAbort'], abortAt);
      assert.equal(seen.includes('text-delta'), abortAt === 'middle');
    };
    await run('before');
    assert.equal(api.requests.length, 0);
    await run('waiting');
    await run('middle');
    assert.deepEqual(await Promise.all(api.requests.map(({ left }) => left)), [true, true]);
  });

  test('28. the stream of a model errors when it is aborted: by that the AI SDK knows', async () => {
    await using api = await startApi(begin([word]));
    const stop = new AbortController();
    const { stream } = await api.twig(AGENT).doStream({ prompt, abortSignal: stop.signal });
    const reader = stream.getReader();
    while ((await reader.read()).value.type !== 'text-delta');
    stop.abort();
    assert.equal((await failureOf(reader.read())).name, 'AbortError');
    assert.equal(await api.requests[0].left, true);
  });

  test('29. generateText aborted with a text for a reason rejects with an AbortError, and is not asked again', async () => {
    await using api = await startApi(silence());
    const stop = new AbortController();
    const failed = failureOf(ai.generateText({ model: api.twig(AGENT), prompt: QUESTION, abortSignal: stop.signal }));
    await api.arrived(1);
    stop.abort('the user went away');
    const error = await failed;
    assert.equal(error.name, 'AbortError');
    assert.equal(await api.requests[0].left, true);
    assert.equal(api.requests.length, 1);
  });

  test('29. a reason that the AI SDK knows is kept', async () => {
    await using api = await startApi(silence());
    const model = api.twig(AGENT);
    const timeout = new DOMException('too long', 'TimeoutError');
    assert.equal(await failureOf(model.doGenerate({ prompt, abortSignal: AbortSignal.abort(timeout) })), timeout);
    const other = await failureOf(model.doGenerate({ prompt, abortSignal: AbortSignal.abort(new Error('mine')) }));
    assert.deepEqual([other.name, other.cause.message], ['AbortError', 'mine']);
  });

  test('30. the signal keeps no listener after the end', async () => {
    await using api = await startApi(answer(), answer(), json(400, {}), events(word));
    const { signal } = new AbortController();
    const model = api.twig(AGENT);
    await model.doGenerate({ prompt, abortSignal: signal });
    await collect((await model.doStream({ prompt, abortSignal: signal })).stream);
    await failureOf(model.doGenerate({ prompt, abortSignal: signal }));
    await collect((await model.doStream({ prompt, abortSignal: signal })).stream);
    assert.equal(getEventListeners(signal, 'abort').length, 0);
  });

  for (const heeds of [false, true]) {
    test(`31. a page that goes leaves no connection and no place of a limiter, ${heeds ? 'with' : 'without'} abortSignal`, async () => {
      const rest = Promise.withResolvers();
      await using api = await startApi(begin([word], rest.promise), answer());
      const rateLimiter = new RateLimiter({ concurrency: 1 });
      const model = api.provider({ rateLimiter })(AGENT);
      const gone = new AbortController();
      const result = ai.streamText({
        model,
        prompt: QUESTION,
        onError: () => {},
        ...(heeds && { abortSignal: gone.signal }),
      });
      const reader = toPage(result).body.getReader();
      let seen = '';
      while (!seen.includes('Within')) seen += new TextDecoder().decode((await reader.read()).value);
      gone.abort();
      await reader.cancel().catch(() => {});
      // Much more than any buffer between here and there takes by itself.
      if (!heeds) rest.resolve([...Array(2000).fill(['delta', { delta: ' and more'.repeat(50) }]), ['done', {}]]);
      assert.equal(await api.requests[0].left, heeds);
      const { text } = await ai.generateText({ model, prompt: QUESTION });
      assert.equal(text, ANSWER.response);
      assert.equal(rateLimiter.stats().inFlight, 0);
    });
  }

  test('32. cancelling the stream of a model closes the socket', async () => {
    await using api = await startApi(begin([word]));
    const { stream } = await api.twig(AGENT).doStream({ prompt });
    const reader = stream.getReader();
    while ((await reader.read()).value.type !== 'text-delta');
    await reader.cancel();
    assert.equal(await api.requests[0].left, true);
  });

  test('32. cancelling in the moment of the end is no unhandled rejection', async (t) => {
    const unhandled = [];
    const note = (reason) => unhandled.push(reason);
    process.on('unhandledRejection', note);
    t.after(() => process.off('unhandledRejection', note));
    for (let turns = 0; turns < 12; turns++) {
      const end = Promise.withResolvers();
      await using api = await startApi(begin([word], end.promise));
      const { stream } = await api.twig(AGENT).doStream({ prompt });
      const reader = stream.getReader();
      while ((await reader.read()).value.type !== 'text-delta');
      end.resolve([['done', {}]]);
      await reader.read();
      for (let turn = 0; turn < turns; turn++) await null;
      await reader.cancel();
      await new Promise(setImmediate);
    }
    assert.deepEqual(unhandled, []);
  });
});
