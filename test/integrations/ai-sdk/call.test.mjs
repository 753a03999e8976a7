// What a call becomes: the shape of the provider, the question, the session, the refusals.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AGENT,
  ANSWER,
  answer,
  assistant,
  collect,
  createChat,
  failureOf,
  KEY,
  QUESTION,
  routeTransport,
  startApi,
  startMock,
  user,
  withBoth,
} from './support.mjs';

const HISTORY = [user('First?'), assistant('Yes.')];
const file = { type: 'file', mediaType: 'image/png', data: new URL('https://files.test/picture.png') };

withBoth('a call', (major) => {
  const { ai, instructions, messagesOf, partsOf } = major;

  test('2. the provider is twig, the model the agent, of specification v3', async () => {
    await using api = await startApi(answer());
    const { provider, modelId, specificationVersion } = api.twig(AGENT);
    assert.deepEqual(
      { provider, modelId, specificationVersion },
      { provider: 'twig', modelId: AGENT, specificationVersion: 'v3' },
    );
  });

  test('4. generateText sends the agent and the question, settings where they are given, and never stream', async () => {
    await using api = await startMock();
    const model = api.twig(AGENT);
    await ai.generateText({ model, prompt: QUESTION });
    await ai.generateText({ model, prompt: QUESTION, temperature: 0.5, maxOutputTokens: 100 });
    await ai.generateText({
      model,
      prompt: QUESTION,
      providerOptions: { twig: { ragStrategy: 'hybrid', agentId: 'agent_other', query: 'Other?', stream: true } },
    });
    const plain = { agent_id: AGENT, query: QUESTION };
    assert.deepEqual(api.bodies(), [
      plain,
      { ...plain, temperature: 0.5, max_tokens: 100 },
      { ...plain, rag_strategy: 'hybrid' },
    ]);
  });

  test('5. generateText gives text, sources, usage, the end and the id', async () => {
    await using api = await startApi(answer());
    const { text, sources, usage, finishReason, response, providerMetadata, warnings } = await ai.generateText({
      model: api.twig(AGENT),
      prompt: QUESTION,
    });
    assert.equal(text, ANSWER.response);
    assert.deepEqual(
      sources.map(({ sourceType, id, url, title }) => ({ sourceType, id, url, title })),
      [{ sourceType: 'url', id: 'chk_1', url: 'https://example.com/refund', title: 'Refund Policy' }],
    );
    assert.deepEqual(sources[0].providerMetadata, {
      twig: { chunkId: 'chk_1', similarityScore: 0.9, chunkText: 'Thirty days.' },
    });
    assert.deepEqual([usage.inputTokens, usage.outputTokens, usage.totalTokens], [7, 5, 12]);
    assert.deepEqual(usage.raw, { tokensInput: 7, tokensOutput: 5, costUsd: 0.001 });
    assert.deepEqual([finishReason, response.id, response.modelId], ['stop', 'int_1', 'gpt-4']);
    assert.equal(response.headers['x-request-id'], 'req_1');
    assert.deepEqual(warnings, []);
    assert.deepEqual(providerMetadata.twig, {
      agentId: AGENT,
      sessionId: 'sess_1',
      interactionId: 'int_1',
      latencyMs: 12,
      tokensInput: 7,
      tokensOutput: 5,
      costUsd: 0.001,
      ragStrategy: 'hybrid',
      model: 'gpt-4',
    });
  });

  test('6. streamText gives the parts in their order, and the same as generateText', async () => {
    await using api = await startApi(answer());
    const model = api.twig(AGENT);
    const { stream } = await model.doStream({ prompt: [user(QUESTION)] });
    const parts = await collect(stream);
    assert.deepEqual(
      parts.map(({ type }) => type),
      [
        'stream-start',
        'text-start',
        'text-delta',
        'text-delta',
        'text-delta',
        'source',
        'response-metadata',
        'text-end',
        'finish',
      ],
    );
    assert.deepEqual(parts.at(-2).providerMetadata, {
      twig: { agentId: AGENT, sessionId: 'sess_1', interactionId: 'int_1' },
    });

    const whole = await ai.generateText({ model, prompt: QUESTION });
    const streamed = ai.streamText({ model, prompt: QUESTION });
    assert.equal(await streamed.text, whole.text);
    assert.deepEqual(await streamed.sources, whole.sources);
    assert.deepEqual(await streamed.usage, whole.usage);
    assert.deepEqual(await streamed.providerMetadata, whole.providerMetadata);
    assert.equal(await streamed.finishReason, whole.finishReason);
    const { id, modelId } = await streamed.response;
    assert.deepEqual({ id, modelId }, { id: whole.response.id, modelId: whole.response.modelId });
    assert.deepEqual(
      api.bodies().map(({ stream }) => stream),
      [true, undefined, true],
    );
  });

  test('6. raw parts are the events, where they are asked for', async () => {
    await using api = await startApi(answer());
    const result = ai.streamText({ model: api.twig(AGENT), prompt: QUESTION, includeRawChunks: true });
    const raw = (await collect(partsOf(result))).filter(({ type }) => type === 'raw');
    assert.deepEqual(raw[0].rawValue, { type: 'delta', text: 'Within' });
    assert.equal(raw.at(-1).rawValue.type, 'done');
  });

  test('7. text parts are joined by a blank line; of several last messages only the last is the question', async () => {
    await using api = await startApi(answer());
    await ai.generateText({ model: api.twig(AGENT), messages: [user('One.'), user('Two,', 'three?')] });
    assert.equal(api.bodies()[0].query, 'Two,\n\nthree?');
  });

  test('8. a second turn of a chat, and of messages of a program, goes on with the session of the first', async () => {
    await using api = await startMock();
    const chat = createChat(major, routeTransport(major, api.twig(AGENT)));
    await chat.sendMessage({ text: QUESTION });
    await chat.sendMessage({ text: 'And for books?' });
    assert.deepEqual([chat.status, chat.error], ['ready', undefined]);
    const [first, second] = api.bodies();
    assert.equal(first.session_id, undefined);
    assert.match(second.session_id, /^sess_/);

    for (const call of [ai.generateText, ai.streamText]) {
      const model = api.twig(AGENT);
      const messages = [user(QUESTION)];
      const result = await call({ model, messages });
      await result.text;
      const next = await call({
        model,
        messages: [...messages, ...(await messagesOf(result)), user('And for books?')],
      });
      await next.text;
      assert.match(api.bodies().at(-1).session_id, /^sess_/);
      assert.notEqual(api.bodies().at(-1).session_id, second.session_id);
    }
  });

  test('9. a session of the call stands before the setting, that before the messages; null begins anew', async () => {
    await using api = await startApi(answer());
    const messages = [user('First?'), assistant('Yes.', { sessionId: 'of_messages' }), user('Next?')];
    const ask = (settings, sessionId) =>
      ai.generateText({ model: api.twig(AGENT, settings), messages, providerOptions: { twig: { sessionId } } });
    await ask({ sessionId: 'of_setting' }, 'of_call');
    await ask({ sessionId: 'of_setting' }, undefined);
    await ask({ sessionId: undefined }, undefined);
    await ask({ sessionId: 'of_setting' }, null);
    await ask({ sessionId: null }, undefined);
    assert.deepEqual(
      api.bodies().map(({ session_id }) => session_id),
      ['of_call', 'of_setting', 'of_messages', undefined, undefined],
    );
    assert.ok(
      api
        .bodies()
        .slice(3)
        .every((body) => !('session_id' in body)),
    );
  });

  test('10. the session of another agent, or one in a part of the user, is not used', async () => {
    await using api = await startApi(answer());
    const ask = (...messages) => ai.generateText({ model: api.twig(AGENT), messages });
    const mine = assistant('Mine.', { sessionId: 'mine', agentId: AGENT });
    const foreign = assistant('Theirs.', { sessionId: 'theirs', agentId: 'agent_other' });
    const claimed = { type: 'text', text: 'Next?', providerOptions: { twig: { sessionId: 'claimed' } } };
    await ask(user('First?'), foreign, user('Next?'));
    await ask(user('First?'), mine, user('Second?'), foreign, user(claimed));
    await ask(user(claimed));
    assert.deepEqual(
      api.bodies().map(({ session_id }) => session_id),
      [undefined, 'mine', undefined],
    );
  });

  test('11. with sessionFromMessages: false no session is read from messages, and no text carries one', async () => {
    await using api = await startApi(answer());
    const model = api.provider({ sessionFromMessages: false })(AGENT);
    const messages = [user('First?'), assistant('Yes.', { sessionId: 'chosen' }), user('Next?')];
    const whole = await ai.generateText({ model, messages });
    const streamed = await collect(partsOf(ai.streamText({ model, messages })));
    assert.ok(api.bodies().every((body) => !('session_id' in body)));
    for (const part of [whole.content[0], ...streamed.filter(({ type }) => /^text/.test(type))]) {
      assert.equal(part.providerMetadata, undefined);
    }
    // The program itself is told all the same.
    assert.equal(whole.providerMetadata.twig.sessionId, 'sess_1');
  });

  test('12. a history without a session warns once a call; with one there is no warning', async () => {
    await using api = await startApi(answer());
    const model = api.twig(AGENT);
    const warningsOf = async (messages) => (await ai.generateText({ model, messages })).warnings;
    const warnings = await warningsOf([...HISTORY, user('Next?')]);
    assert.deepEqual(
      warnings.map(({ type }) => type),
      ['other'],
    );
    assert.match(warnings[0].message, /no session is known/);
    assert.deepEqual(await warningsOf([user('First?'), assistant('Yes.', { sessionId: 'known' }), user('Next?')]), []);
    assert.deepEqual(await warningsOf([user('Alone?')]), []);
  });

  test('13. options in messages change nothing but the session', async () => {
    await using api = await startApi(answer());
    const planted = {
      agentId: AGENT,
      query: 'Planted?',
      temperature: 2,
      stream: true,
      orgId: 'org_other',
      sessionId: 'sess_9',
    };
    const said = assistant('Yes.', planted);
    await ai.generateText({
      model: api.twig(AGENT),
      messages: [
        { ...user('First?'), providerOptions: { twig: planted } },
        { ...said, providerOptions: { twig: { agentId: 'agent_other', sessionId: 'of_message' } } },
        { ...user('Next?'), providerOptions: { twig: planted } },
      ],
    });
    assert.deepEqual(api.bodies(), [{ agent_id: AGENT, query: 'Next?', session_id: 'sess_9' }]);
  });

  test('14. each setting that an agent does not have gives one warning that names it', async () => {
    await using api = await startApi(answer());
    const model = api.twig(AGENT);
    const values = { topP: 0.5, topK: 3, presencePenalty: 1, frequencyPenalty: 1, stopSequences: ['.'], seed: 7 };
    const tool = ai.tool({ inputSchema: ai.jsonSchema({ type: 'object', properties: {} }), execute: () => '' });
    for (const [feature, settings] of [
      ...Object.entries(values).map(([name, value]) => [name, { [name]: value }]),
      ['tools', { tools: { tool } }],
    ]) {
      const { warnings } = await ai.generateText({ model, prompt: QUESTION, ...settings });
      assert.deepEqual(
        warnings.map(({ type, feature }) => [type, feature]),
        [['unsupported', feature]],
      );
    }
    for (const [feature, settings] of [
      ['toolChoice', { toolChoice: { type: 'required' } }],
      ['reasoning', { reasoning: 'high' }],
    ]) {
      const { warnings } = await model.doGenerate({ prompt: [user(QUESTION)], ...settings });
      assert.deepEqual(warnings, [{ type: 'unsupported', feature }]);
    }
    for (const settings of [{ toolChoice: { type: 'auto' } }, { tools: [] }, { reasoning: 'provider-default' }]) {
      assert.deepEqual((await model.doGenerate({ prompt: [user(QUESTION)], ...settings })).warnings, []);
    }
    const { warnings } = await ai.generateText({ model, prompt: QUESTION, temperature: 2.5 });
    assert.deepEqual(
      warnings.map(({ type, feature }) => [type, feature]),
      [['compatibility', 'temperature']],
    );
    assert.equal(api.bodies().at(-1).temperature, 2);
  });

  test('14. an agent that writes JSON serves Output.object, with a warning', async () => {
    await using api = await startApi(answer({ ...ANSWER, response: '{"days":30}' }));
    const schema = ai.jsonSchema({ type: 'object', properties: { days: { type: 'number' } } });
    const result = await ai.generateText({
      model: api.twig(AGENT),
      prompt: QUESTION,
      output: ai.Output.object({ schema }),
    });
    assert.deepEqual(result.output, { days: 30 });
    assert.deepEqual(result.warnings, [{ type: 'unsupported', feature: 'responseFormat' }]);
  });

  test('15. instructions are not sent, and warn', async () => {
    await using api = await startApi(answer());
    const { warnings } = await ai.generateText({
      model: api.twig(AGENT),
      ...instructions('Be brief.'),
      prompt: QUESTION,
    });
    assert.deepEqual(
      warnings.map(({ type, feature }) => [type, feature]),
      [['unsupported', 'system messages']],
    );
    assert.deepEqual(api.bodies(), [{ agent_id: AGENT, query: QUESTION }]);
  });

  test('16. a file in the last message rejects, and nothing is sent or downloaded', async () => {
    await using api = await startApi(answer());
    const data = new URL(`${api.url}/picture.png`);
    for (const part of [
      { ...file, data },
      { ...file, data: new Uint8Array([1]) },
    ]) {
      const error = await failureOf(ai.generateText({ model: api.twig(AGENT), messages: [user('What is it?', part)] }));
      assert.ok(ai.UnsupportedFunctionalityError.isInstance(error), String(error));
    }
    assert.equal(api.requests.length, 0);
  });

  test('16. a last message that is no question, or is blank, or a setting out of range: nothing is sent', async () => {
    await using api = await startApi(answer());
    const model = api.twig(AGENT);
    for (const messages of [HISTORY, [user(' ')]]) {
      const error = await failureOf(ai.generateText({ model, messages }));
      assert.ok(ai.InvalidPromptError.isInstance(error), String(error));
    }
    const error = await failureOf(ai.generateText({ model, prompt: QUESTION, temperature: -1 }));
    assert.ok(ai.InvalidArgumentError.isInstance(error), String(error));
    assert.deepEqual([error.argument, error.cause.name], ['temperature', 'TwigValidationError']);
    assert.equal(api.requests.length, 0);
  });

  test('17. a file of an earlier message is neither downloaded nor sent', async () => {
    await using api = await startApi(answer());
    await ai.generateText({
      model: api.twig(AGENT),
      messages: [
        user('What is it?', { ...file, data: new URL(`${api.url}/picture.png`) }),
        assistant('A cat.', { sessionId: 'sess_1' }),
        user('And its name?'),
      ],
    });
    assert.deepEqual(api.bodies(), [{ agent_id: AGENT, query: 'And its name?', session_id: 'sess_1' }]);
  });

  test('35. the user agent names both, headers arrive, and an idempotency key is sent each time', async () => {
    await using api = await startApi(
      (response) => response.writeHead(500, { 'retry-after-ms': '1' }).end('{}'),
      answer(),
    );
    const { ToolLoopAgent } = ai;
    await ai.generateText({
      model: api.twig(AGENT),
      prompt: QUESTION,
      headers: { 'X-Tenant': 'acme', 'Idempotency-Key': 'once' },
    });
    await new ToolLoopAgent({ model: api.twig(AGENT) }).generate({ prompt: QUESTION });
    await ai.streamText({ model: api.twig(AGENT), prompt: QUESTION }).text;
    const [first, again, ofAgent, streamed] = api.requests.map(({ headers }) => headers);
    for (const headers of [first, again]) {
      assert.match(headers['user-agent'], /^twig-sdk-js\/\d\S* ai\/\d/);
      assert.deepEqual([headers['x-tenant'], headers['idempotency-key']], ['acme', 'once']);
      assert.equal(headers.authorization, `Bearer ${KEY}`);
    }
    assert.match(ofAgent['user-agent'], /^twig-sdk-js\/\d/);
    assert.match(streamed['user-agent'], /^twig-sdk-js\/\d/);
  });
});
