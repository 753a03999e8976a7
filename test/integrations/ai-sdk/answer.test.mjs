// What an answer becomes: sources, usage, metadata, a page's messages, other ways to hold a model.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { TwigClient } from '@twig/sdk';
import { createTwig, twigErrorOf } from '@twig/sdk/ai-sdk';
import { createTwigProxy } from '@twig/sdk/proxy';
import { faults } from '@twig/sdk/testing';
import {
  AGENT,
  ANSWER,
  answer,
  begin,
  collect,
  createChat,
  events,
  failureOf,
  json,
  KEY,
  page,
  QUESTION,
  routeTransport,
  startApi,
  startMock,
  withBoth,
} from './support.mjs';

const source = (chunk_id, document_url, document_title = 'A title') => ({ chunk_id, document_url, document_title });

withBoth('an answer', (major) => {
  const { ai, toPage } = major;

  test('18. a source without an address of the web is a document, by its chunk', async () => {
    const sources = [
      source('chk_1', 'HTTPS://example.com/a'),
      source('chk_2', null, null),
      source('chk_3', 'javascript:alert(1)'),
      source('chk_4', '/relative'),
      source('chk_5', 'gdrive:1a2b'),
      source('chk_6', ' https://example.com'),
      source('chk_7', 'data:text/html,x'),
      source('chk_8', 'https:///'),
      source('chk_9', 'java\nscript:https://x.y'),
      source(null, 'https://example.com/b', null),
      source(undefined, '//example.com'),
    ];
    await using api = await startApi(answer({ ...ANSWER, sources }));
    const whole = await ai.generateText({ model: api.twig(AGENT), prompt: QUESTION });
    const streamed = ai.streamText({ model: api.twig(AGENT), prompt: QUESTION });
    for (const given of [whole.sources, await streamed.sources]) {
      assert.deepEqual(
        given.map(({ id, sourceType, title, url }) => [id, sourceType, title, url]),
        [
          ['chk_1', 'url', 'A title', 'HTTPS://example.com/a'],
          ['chk_2', 'document', 'chk_2', undefined],
          ...[3, 4, 5, 6, 7, 8, 9].map((n) => [`chk_${n}`, 'document', 'A title', undefined]),
          ['source-1', 'url', undefined, 'https://example.com/b'],
          ['source-2', 'document', 'A title', undefined],
        ],
      );
      assert.deepEqual(given[2].providerMetadata.twig, { chunkId: 'chk_3', documentUrl: 'javascript:alert(1)' });
      assert.equal(given[1].mediaType, 'text/plain');
    }
  });

  test('19. sources that come twice are given once, those before the text before it', async () => {
    const sources = [source('chk_1', 'https://example.com/a'), source(null, 'https://example.com/b')];
    await using api = await startApi(
      events(
        ['sources', { sources }],
        ['delta', { delta: 'Yes.' }],
        ['done', { sources: [...sources, source('chk_2')] }],
      ),
    );
    const { stream } = await api
      .twig(AGENT)
      .doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
    const parts = await collect(stream);
    assert.deepEqual(
      parts.map(({ type, id }) => (type === 'source' ? id : type)),
      [
        'stream-start',
        'chk_1',
        'source-1',
        'text-start',
        'text-delta',
        'chk_2',
        'response-metadata',
        'text-end',
        'finish',
      ],
    );
  });

  test('20. an end with another text leaves the text, and names the right one', async () => {
    await using api = await startApi(events(['delta', { delta: 'Yse.' }], ['done', { ...ANSWER, response: 'Yes.' }]));
    const result = ai.streamText({ model: api.twig(AGENT), prompt: QUESTION });
    assert.equal(await result.text, 'Yse.');
    assert.equal((await result.providerMetadata).twig.response, 'Yes.');
  });

  test('20. a text that comes with the end alone is streamed', async () => {
    await using api = await startApi(events(['done', ANSWER]));
    const result = ai.streamText({ model: api.twig(AGENT), prompt: QUESTION });
    assert.equal(await result.text, ANSWER.response);
    assert.equal('response' in (await result.providerMetadata).twig, false);
  });

  test('21. without metadata nothing is made up', async () => {
    await using api = await startApi(answer({ response: 'Yes.', metadata: { tokens_input: null, model: null } }));
    const whole = await ai.generateText({ model: api.twig(AGENT), prompt: QUESTION });
    const streamed = ai.streamText({ model: api.twig(AGENT), prompt: QUESTION });
    for (const result of [whole, streamed]) {
      assert.deepEqual(await result.providerMetadata, { twig: { agentId: AGENT } });
      const { inputTokens, outputTokens, raw } = await result.usage;
      assert.deepEqual([inputTokens, outputTokens, raw], [undefined, undefined, undefined]);
      assert.equal(await result.text, 'Yes.');
    }
  });

  test('21. what the answer adds is handed on, but the agent is the one that was asked', async () => {
    const metadata = { ...ANSWER.metadata, agent_id: 'agent_other', guardrails: ['a'], cost_usd: 0 };
    await using api = await startApi(answer({ ...ANSWER, metadata }));
    const { providerMetadata, usage } = await ai.generateText({ model: api.twig(AGENT), prompt: QUESTION });
    assert.equal(providerMetadata.twig.agentId, AGENT);
    assert.deepEqual(providerMetadata.twig.guardrails, ['a']);
    assert.equal(usage.raw.costUsd, 0);
  });

  test('21. an empty answer has no text part, and ends', async () => {
    await using api = await startApi(events(['metadata', ANSWER.metadata], ['done', {}]));
    const { stream } = await api
      .twig(AGENT)
      .doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] });
    assert.deepEqual(
      (await collect(stream)).map(({ type }) => type),
      ['stream-start', 'response-metadata', 'finish'],
    );
  });

  test('33. a page gets sources as parts, and its message is valid', async () => {
    const sources = [source('chk_1', 'https://example.com/a'), source('chk_2', 'gdrive:1', null)];
    await using api = await startApi(answer({ ...ANSWER, sources }));
    const chat = createChat(major, routeTransport(major, api.twig(AGENT)));
    await chat.sendMessage({ text: QUESTION });
    const { parts } = chat.lastMessage;
    const ofSources = parts.filter(({ type }) => type.startsWith('source'));
    assert.deepEqual(
      ofSources.map(({ type, url, title, mediaType }) => ({ type, url, title, mediaType })),
      [
        { type: 'source-url', url: 'https://example.com/a', title: 'A title', mediaType: undefined },
        { type: 'source-document', url: undefined, title: 'chk_2', mediaType: 'text/plain' },
      ],
    );
    const text = parts.find(({ type }) => type === 'text');
    assert.deepEqual(text.providerMetadata.twig, { agentId: AGENT, sessionId: 'sess_1', interactionId: 'int_1' });
    assert.equal((await ai.validateUIMessages({ messages: chat.messages })).length, 2);
  });

  test('33. without sendSources a page gets none', async () => {
    await using api = await startApi(answer());
    const result = ai.streamText({ model: api.twig(AGENT), prompt: QUESTION });
    assert.ok(!(await toPage(result).text()).includes('source-url'));
  });

  test('34. after a break a chat has the error, the half text is done, and the next turn keeps the session', async () => {
    await using api = await startApi(
      answer(),
      begin(
        [['delta', { delta: 'Half' }]],
        Promise.resolve([['error', { error: { code: 'internal_error', message: 'No.' } }]]),
      ),
      answer(),
    );
    const onError = (error) => `told: ${twigErrorOf(error)?.code}`;
    const chat = createChat(major, routeTransport(major, api.twig(AGENT), { onError }));
    await chat.sendMessage({ text: QUESTION });
    await chat.sendMessage({ text: 'And?' });
    assert.deepEqual([chat.status, chat.error.message], ['error', 'told: internal_error']);
    const half = chat.lastMessage.parts.find(({ type }) => type === 'text');
    assert.deepEqual([half.text, half.state], ['Half', 'done']);
    await chat.sendMessage({ text: 'Again?' });
    assert.equal(chat.status, 'ready');
    assert.deepEqual(
      api.bodies().map(({ session_id }) => session_id),
      [undefined, 'sess_1', 'sess_1'],
    );
  });

  test('36. neither an inspection nor the JSON of any error shows the key', async () => {
    await using mock = await startMock();
    const shown = [];
    const look = (error) => shown.push(inspect(error, { depth: 20, showHidden: true }), JSON.stringify(error));
    const ask = (model) => ai.generateText({ model, prompt: QUESTION, maxRetries: 0 });
    for (const fault of [401, 403, 404, 429, 500].map((status) => faults.status(status)).concat(faults.htmlError())) {
      mock.mock.faults.next('query', fault);
      look(await failureOf(ask(mock.twig(AGENT))));
    }
    mock.mock.faults.next('query', faults.disconnect());
    look(await failureOf(ask(mock.twig(AGENT))));
    look(await failureOf(ask(createTwig({ apiKey: KEY, baseUrl: 'http://127.0.0.1:2' })(AGENT))));
    mock.mock.faults.next('query', faults.truncateStream());
    const onError = ({ error }) => look(error);
    await ai.streamText({ model: mock.twig(AGENT), prompt: QUESTION, onError }).text;
    await using echo = await startApi((response, { headers }) =>
      json(400, { error: { message: headers.authorization } })(response),
    );
    look(await failureOf(ask(echo.twig(AGENT))));
    assert.equal(shown.length, 20);
    for (const text of shown) assert.ok(!text.includes(KEY), text);
  });

  test('37. a registry and a wrapped model answer', async () => {
    await using api = await startApi(answer());
    const { twig } = api;
    const middleware = {
      specificationVersion: 'v3',
      transformParams: async ({ params }) => ({ ...params, temperature: 1 }),
    };
    for (const model of [
      ai.createProviderRegistry({ twig }).languageModel(`twig:${AGENT}`),
      ai.wrapLanguageModel({ model: twig(AGENT), middleware }),
      ai.customProvider({ languageModels: { support: twig(AGENT) } }).languageModel('support'),
      ai.customProvider({ fallbackProvider: twig }).languageModel(AGENT),
    ]) {
      assert.equal((await ai.generateText({ model, prompt: QUESTION })).text, ANSWER.response);
    }
    assert.deepEqual(
      api.bodies().map(({ temperature }) => temperature),
      [undefined, 1, undefined, undefined],
    );
  });

  test('38. there is no model for embeddings or images', async () => {
    await using api = await startApi(answer());
    for (const type of ['embeddingModel', 'imageModel']) {
      assert.throws(
        () => api.twig[type]('x'),
        (error) => ai.NoSuchModelError.isInstance(error) && error.modelType === type,
      );
    }
  });

  test('39. a client together with client options is a TwigConfigError', () => {
    const client = new TwigClient({ apiKey: KEY });
    assert.throws(() => createTwig({ client, timeoutMs: 5 }), { name: 'TwigConfigError', message: /timeoutMs/ });
    createTwig({ client, timeoutMs: undefined, sessionFromMessages: false });
  });

  test('40. without a route: an agent in the page, over the proxy', async () => {
    await using api = await startMock();
    const client = new TwigClient({ apiKey: KEY, baseUrl: api.url });
    const proxy = createTwigProxy({ client, authorize: () => ({ agentIds: [AGENT] }) });
    const fetch = (url, init) => proxy(new Request(url, init));
    const twig = createTwig({ apiKey: null, baseUrl: 'https://app.test/api/twig', fetch });
    const agent = new ai.ToolLoopAgent({ model: twig(AGENT) });
    const chat = createChat(major, new ai.DirectChatTransport({ agent, sendSources: true }));
    await chat.sendMessage({ text: QUESTION });
    await chat.sendMessage({ text: 'And for books?' });
    assert.deepEqual([chat.status, chat.error, chat.messages.length], ['ready', undefined, 4]);
    assert.ok(chat.messages[1].parts.some(({ type }) => type === 'source-url'));
    assert.match(api.bodies()[1].session_id, /^sess_/);
  });

  test('40. an agent of Twig is a tool of another agent', async () => {
    await using api = await startApi(answer());
    const ask = ai.tool({
      inputSchema: ai.jsonSchema({ type: 'object', properties: { question: { type: 'string' } } }),
      execute: async ({ question }, { abortSignal }) =>
        (await ai.generateText({ model: api.twig(AGENT), prompt: question, abortSignal })).text,
    });
    const options = { toolCallId: 't', messages: [], abortSignal: new AbortController().signal };
    assert.equal(await ask.execute({ question: QUESTION }, options), ANSWER.response);
  });
});

withBoth('a page of a gateway', ({ ai }) => {
  test('27. with 200 it is an error that names it, and is not asked again; with 502 it is one of that status', async () => {
    await using api = await startApi(page(200));
    const error = await failureOf(ai.generateText({ model: api.twig(AGENT), prompt: QUESTION }));
    assert.ok(ai.APICallError.isInstance(error), String(error));
    assert.deepEqual([error.statusCode, error.isRetryable, api.requests.length], [200, false, 1]);
    assert.match(error.message, /text\/html/);
    assert.match(twigErrorOf(error).bodySnippet, /gateway of the company/);
    await using bad = await startApi(page(502));
    const other = await failureOf(ai.generateText({ model: bad.twig(AGENT), prompt: QUESTION, maxRetries: 0 }));
    assert.deepEqual([other.statusCode, other.isRetryable], [502, true]);
    const streamed = await failureOf(
      bad.twig(AGENT).doStream({ prompt: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }),
    );
    assert.deepEqual([streamed.statusCode, streamed.isRetryable], [502, true]);
  });
});
