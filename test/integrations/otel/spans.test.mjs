// Spans, without an instrumentation of Node's fetch beside them.

import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { TwigRateLimiterError } from '@twig/sdk';
import { twigTelemetry } from '@twig/sdk/otel';
import {
  answer,
  clientOf,
  clock,
  DELTA,
  DONE,
  json,
  KEY,
  metricRecorder,
  question,
  rejection,
  serve,
  shown,
  spanRecorder,
  sse,
  TRACEPARENT,
} from './support.mjs';

const recorder = spanRecorder();
recorder.register();
beforeEach(recorder.reset);
afterEach(() => delete process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT);

/** The one span that has finished. */
const only = () => {
  const spans = recorder.spans();
  assert.equal(spans.length, 1);
  return spans[0];
};

test('1: each call is one span, a child of the active one, of kind CLIENT', async (t) => {
  const { url } = await serve(t, json(answer));
  const client = clientOf(url);
  await trace.getTracer('application').startActiveSpan('request', async (span) => {
    await client.query(question);
    await client.agents.get('agent_1').catch(() => {});
    span.end();
  });
  const [query, get, parent] = recorder.spans();
  assert.equal(recorder.spans().length, 3);
  for (const span of [query, get]) {
    assert.equal(span.kind, SpanKind.CLIENT);
    assert.equal(span.parentSpanContext.spanId, parent.spanContext().spanId);
    assert.equal(span.instrumentationScope.name, '@twig/sdk/otel');
  }
});

test('a question has the names and attributes of the conventions', async (t) => {
  const { url } = await serve(t, json(answer, 200, { 'x-request-id': 'req_1' }));
  await clientOf(url).query({ ...question, sessionId: 'session_0', temperature: 0.5, maxTokens: 100 });
  const { name, attributes, status } = only();
  assert.equal(name, 'invoke_agent');
  assert.deepEqual(attributes, {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': 'twig',
    'gen_ai.agent.id': 'agent_1',
    'gen_ai.conversation.id': 'session_1',
    'gen_ai.request.temperature': 0.5,
    'gen_ai.request.max_tokens': 100,
    'server.address': '127.0.0.1',
    'server.port': Number(new URL(url).port),
    'twig.operation': 'query',
    'http.response.status_code': 200,
    'twig.request_id': 'req_1',
    'gen_ai.usage.input_tokens': 12,
    'gen_ai.usage.output_tokens': 7,
    'gen_ai.response.model': 'gpt-4o',
    'gen_ai.response.id': 'int_1',
    'twig.cost_usd': 0.002,
    'twig.rag_strategy': 'cedar',
    'twig.sources.count': 2,
  });
  assert.deepEqual(status, { code: SpanStatusCode.UNSET });
});

test('samplers see what is known at the start', async (t) => {
  const seen = [];
  const sampler = {
    shouldSample: (_context, _trace, name, kind, attributes) => {
      seen.push({ name, kind, attributes });
      return { decision: 2 };
    },
  };
  const own = spanRecorder({ sampler });
  const { url } = await serve(t, sse([DELTA, DONE]));
  const stream = await clientOf(url, { tracerProvider: own.provider }).query({ ...question, stream: true });
  await stream.finalResponse();
  assert.equal(seen[0].name, 'invoke_agent');
  assert.equal(seen[0].attributes['gen_ai.agent.id'], 'agent_1');
  assert.equal(seen[0].attributes['gen_ai.request.stream'], true);
});

test('a search, a new agent and the rest have their names and attributes', async (t) => {
  const chunks = [{ chunk_id: 'c1', text: 'a passage', similarity_score: 0.9 }];
  const { url } = await serve(
    t,
    json({ chunks, query_embedding: [], metadata: { latency_ms: 1 } }),
    json({ id: 'a', name: 'Help' }),
  );
  const client = clientOf(url);
  await client.semanticSearch({ query: 'somebody', orgId: 'org_1', topK: 3, dataSourceIds: ['ds_1'] });
  await client.agents.create({ name: 'Help', dataSourceIds: ['ds_1'], model: 'gpt-4o' });
  await client.agents.get('agent_1');
  const [search, create, get] = recorder.spans();
  assert.equal(search.name, 'retrieval');
  assert.equal(search.attributes['gen_ai.operation.name'], 'retrieval');
  assert.equal(search.attributes['gen_ai.retrieval.top_k'], 3);
  assert.equal(search.attributes['gen_ai.data_source.id'], 'ds_1');
  assert.deepEqual(JSON.parse(search.attributes['gen_ai.retrieval.documents']), [{ id: 'c1', score: 0.9 }]);
  assert.equal(create.name, 'create_agent Help');
  assert.equal(create.attributes['gen_ai.agent.name'], 'Help');
  assert.equal(create.attributes['gen_ai.request.model'], 'gpt-4o');
  assert.equal(get.name, 'twig.agents.get');
  assert.equal(get.attributes['http.request.method'], 'GET');
  assert.equal(get.attributes['url.template'], '/api/v1/agents/:id');
  assert.equal(get.attributes['gen_ai.provider.name'], undefined);
});

test('3: a retried call is one span, with an event, and no error', async (t) => {
  const { url } = await serve(t, json({}, 503), json(answer));
  await clientOf(url).query(question);
  const { attributes, events, status } = only();
  assert.equal(attributes['http.request.resend_count'], 1);
  assert.equal(status.code, SpanStatusCode.UNSET);
  assert.equal(attributes['error.type'], undefined);
  assert.deepEqual(
    events.map(({ name, attributes }) => ({ name, attributes })),
    [
      {
        name: 'twig.retry',
        attributes: { 'twig.retry.attempt': 1, 'twig.retry.delay': 0, 'error.type': 'service_unavailable' },
      },
    ],
  );
});

test('a wait at the limiter is an event', async (t) => {
  const { url } = await serve(t, json({ id: 'a', name: 'x' }));
  let now = 0;
  const rateLimiter = {
    acquire: async () => {
      now += 2500;
      return { observe() {}, release() {} };
    },
  };
  const time = { now: Date.now, elapsed: () => now, random: () => 0, sleep: () => new Promise(() => {}) };
  await clientOf(url, {}, { rateLimiter, clock: time }).agents.get('a');
  const [event] = only().events;
  assert.equal(event.name, 'twig.queued');
  assert.deepEqual(event.attributes, { 'twig.queued.wait': 2.5, 'twig.scope': 'read' });
});

test('4: a stream is finished after its last event, not at its headers, with its tokens', async (t) => {
  const { url } = await serve(t, sse([DELTA, DONE]));
  const stream = await clientOf(url).query({ ...question, stream: true });
  assert.equal(recorder.spans().length, 0);
  await stream.finalResponse();
  const { attributes } = only();
  assert.equal(attributes['gen_ai.request.stream'], true);
  assert.equal(attributes['gen_ai.usage.input_tokens'], 12);
  assert.equal(attributes['gen_ai.usage.output_tokens'], 7);
  assert.equal(attributes['gen_ai.conversation.id'], 'session_1');
  assert.ok(attributes['gen_ai.response.time_to_first_chunk'] > 0);
});

test('5: a stream that was left after one event ends so, and is no error', async (t) => {
  const { url } = await serve(t, sse([DELTA], { hold: true }));
  for await (const _ of await clientOf(url).query({ ...question, stream: true })) break;
  const { attributes, status } = only();
  assert.equal(attributes['twig.outcome'], 'left');
  assert.equal(attributes['error.type'], undefined);
  assert.equal(status.code, SpanStatusCode.UNSET);
});

test('6: an abort by the caller is no error of the span, of a call and of a stream', async (t) => {
  const { url } = await serve(t, sse([DELTA], { hold: true }), () => {});
  const stream = await clientOf(url).query({ ...question, stream: true });
  stream.abort();
  await rejection(stream.finalResponse());
  const stop = new AbortController();
  const call = rejection(clientOf(url).agents.get('a', { signal: stop.signal }));
  stop.abort();
  await call;
  const spans = recorder.spans();
  assert.equal(spans.length, 2);
  for (const { attributes, status } of spans) {
    assert.equal(attributes['error.type'], 'aborted');
    assert.equal(status.code, SpanStatusCode.UNSET);
  }
});

test('7: a stream that ends early is an error, with its type', async (t) => {
  const { url } = await serve(t, sse([DELTA]));
  await rejection((await clientOf(url).query({ ...question, stream: true })).finalResponse());
  const { attributes, status } = only();
  assert.equal(attributes['error.type'], 'truncated');
  assert.equal(status.code, SpanStatusCode.ERROR);
  assert.match(status.message, /ended before/);
});

test('error.type is of a closed list: a code that nobody documents becomes its status', async (t) => {
  const codes = ['unheard_of', 'agent_1_not_found'];
  const { url } = await serve(t, ...codes.map((code) => json({ error: { code, message: 'No.' } }, 422)), json({}, 429));
  const client = clientOf(url, {}, { maxRetries: 0 });
  for (let count = 0; count < 3; count++) await rejection(client.agents.get('a'));
  const types = recorder.spans().map(({ attributes }) => attributes['error.type']);
  assert.deepEqual(types, ['422', '422', 'rate_limit_exceeded']);
});

test('8: a stream that nobody reads is finished when it was collected', async (t) => {
  const { url } = await serve(t, sse([DELTA], { hold: true }));
  const { signal } = new AbortController();
  const open = async () => void (await clientOf(url).query({ ...question, stream: true }, { signal }));
  await open();
  while (recorder.spans().length === 0) {
    globalThis.gc();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { attributes, status } = only();
  assert.equal(attributes['twig.outcome'], 'abandoned');
  assert.equal(status.code, SpanStatusCode.UNSET);
  assert.equal(signal.aborted, false);
});

test('a raw body ends its span at its own end', async (t) => {
  const { url } = await serve(t, json({ id: 'a', name: 'x' }));
  const response = await clientOf(url).agents.get('a').asResponse();
  assert.equal(recorder.spans().length, 0);
  await response.text();
  assert.equal(only().attributes['twig.outcome'], 'raw');
});

test('11: nothing of what was asked or answered goes out by default, not with a server that quotes it either', async (t) => {
  const quoted = `I do not understand "${question.query}".`;
  const piece = `Too vague: ${question.query.slice(0, 20)}…`;
  const { url } = await serve(
    t,
    json(answer),
    json({ error: { code: 'invalid_request', message: quoted } }, 400),
    json({ error: { code: 'invalid_request', message: piece.toUpperCase() } }, 400),
    json({ error: { code: 'invalid_request', message: 'Refused.', details: { query: question.query } } }, 400),
    sse([`event: error\ndata: ${JSON.stringify({ error: { code: 'internal_error', message: quoted } })}\n\n`]),
    json({ chunks: [{ chunk_id: 'c1', text: 'of somebody' }], query_embedding: [], metadata: { latency_ms: 1 } }),
  );
  const metrics = metricRecorder();
  const client = clientOf(url, { meterProvider: metrics.provider }, { maxRetries: 0 });
  await client.query(question);
  for (let count = 0; count < 3; count++) await rejection(client.query(question));
  await rejection((await client.query({ ...question, stream: true })).finalResponse());
  await client.semanticSearch({ query: 'What is of somebody?', orgId: 'org_1' });
  const spans = recorder.spans();
  assert.equal(spans.length, 6);
  assert.equal(spans[3].status.message, 'Refused.');
  assert.equal(spans[1].status.message, undefined);
  const all = shown(spans, await metrics.read()).toLowerCase();
  for (const text of ['somebody', 'password', 'how do i reset', 'by the page']) assert.ok(!all.includes(text), text);
});

test('12: with content, what was asked and answered is there, cut between characters', async (t) => {
  const said = { ...answer, response: 'ä€😀'.repeat(100) };
  const { url } = await serve(t, json(said), json(said), json(said));
  const client = (captureContent) => clientOf(url, captureContent === undefined ? {} : { captureContent });
  await client(true).query(question);
  await client({ maxBytes: 12 }).query({ ...question, query: '😀😀😀😀' });
  process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT = 'true';
  await client().query(question);
  await client(false).query(question);
  process.env.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT = 'false';
  await client().query(question);
  const read = ({ attributes }) =>
    ['input', 'output'].map((side) => {
      const messages = attributes[`gen_ai.${side}.messages`];
      return messages && JSON.parse(messages);
    });
  const message = (role, content) => [{ role, parts: [{ type: 'text', content }] }];
  const [whole, short, byVariable, off, offByVariable] = recorder.spans().map(read);
  assert.deepEqual(whole, [message('user', question.query), message('assistant', said.response)]);
  assert.deepEqual(short, [message('user', '😀😀😀'), message('assistant', 'ä€😀ä')]);
  assert.deepEqual(byVariable, whole);
  assert.deepEqual(off, [undefined, undefined]);
  assert.deepEqual(offByVariable, off);
});

test('11: what a server quotes is not in the status, however short or spaced, but a part of a word is no quote', async (t) => {
  const refused = (message) => json({ error: { code: 'invalid_request', message } }, 400);
  const { url } = await serve(
    t,
    refused('Who is "Hi"?'),
    refused('我不懂你好'),
    refused('Tell me: How to?'),
    refused('Too vague: how do I res'),
    refused('No, this.'),
  );
  const client = clientOf(url, {}, { maxRetries: 0 });
  for (const query of ['Hi', '你好', '  How to?\n', 'How do I reset it?', 'hi'])
    await rejection(client.query({ ...question, query }));
  const messages = recorder.spans().map(({ status }) => status.message);
  assert.deepEqual(messages, [undefined, undefined, undefined, undefined, 'No, this.']);
});

test('11: nor is the path of request(); what the client says of it is', async (t) => {
  const { url } = await serve(
    t,
    json({ error: { code: 'not_found', message: 'No route /agents/agent_7' } }, 404),
    (request) => request.destroy(),
  );
  const client = clientOf(url, {}, { maxRetries: 0 });
  for (let count = 0; count < 2; count++) await rejection(client.request('GET', '/agents/agent_7'));
  const [refused, broken] = recorder.spans();
  assert.deepEqual(refused.status, { code: SpanStatusCode.ERROR });
  assert.match(broken.status.message, /^The connection broke/);
});

test('7: of a stream that broke, what had come is told; of an attempt without an answer, no status', async (t) => {
  const metadata = 'event: metadata\ndata: {"metadata":{"tokens_input":3,"latency_ms":1}}\n\n';
  const { url } = await serve(t, sse([metadata, DELTA]), json({}, 503), (request) => request.destroy());
  const client = clientOf(url, {}, { maxRetries: 1 });
  await rejection((await client.query({ ...question, stream: true })).finalResponse());
  await rejection(client.query(question));
  const [stream, call] = recorder.spans().map(({ attributes }) => attributes);
  assert.equal(stream['gen_ai.usage.input_tokens'], 3);
  assert.equal(call['error.type'], 'connection_failed');
  assert.equal(call['http.request.resend_count'], 1);
  assert.equal(call['http.response.status_code'], undefined);
});

test('error.type is the code of what was refused before sending, too', async () => {
  const full = new TwigRateLimiterError(`No store for ${KEY}, ${'x'.repeat(2000)}`, { code: 'store_unavailable' });
  const rateLimiter = { acquire: () => Promise.reject(full) };
  await rejection(clientOf('http://localhost', {}, { rateLimiter, maxRetries: 0 }).agents.get('a'));
  await rejection(clientOf('http://localhost', {}, { apiKey: () => '' }).agents.get('a'));
  const types = recorder.spans().map(({ attributes }) => attributes['error.type']);
  assert.deepEqual(types, ['store_unavailable', 'missing_api_key']);
  const { message } = recorder.spans()[0].status;
  assert.match(message, /^No store for \[redacted\], x/);
  assert.equal(message.length, 1024);
});

test('what is no error of ours has the type _OTHER, and its message stays where it is', async () => {
  const rateLimiter = { acquire: () => Promise.reject(new Error('no place for somebody')) };
  await rejection(clientOf('http://localhost', {}, { rateLimiter, maxRetries: 0 }).agents.get('a'));
  const { attributes, status } = only();
  assert.equal(attributes['error.type'], '_OTHER');
  assert.deepEqual(status, { code: SpanStatusCode.ERROR });
});

test('parameters without an end are not looked through, and break nothing', async () => {
  const body = { note: 'somebody' };
  body.self = body;
  const error = await rejection(clientOf('http://localhost').request('POST', '/agents', { body }));
  assert.equal(error.code, 'invalid_arguments');
  const { attributes, status } = only();
  assert.equal(attributes['error.type'], 'invalid_arguments');
  assert.deepEqual(status, { code: SpanStatusCode.ERROR });
});

test('the address and port are those of each client’s baseUrl, with one instrumentation for all', async () => {
  const instrumentation = twigTelemetry();
  const fetch = async () => new Response('{"id":"a","name":"x"}');
  for (const url of ['http://localhost', 'https://[::1]', 'https://api.example.com:8443/twig']) {
    await clientOf(url, {}, { fetch, instrumentation }).request('GET', '/agents');
  }
  assert.deepEqual(
    recorder.spans().map(({ attributes }) => attributes),
    [
      ['localhost', 80],
      ['::1', 443],
      ['api.example.com', 8443],
    ].map(([address, port]) => ({
      'http.request.method': 'GET',
      'server.address': address,
      'server.port': port,
      'twig.operation': 'request',
      'http.response.status_code': 200,
    })),
  );
});

test('a search of several sources names none, and a place at once is no event', async () => {
  const fetch = async () => new Response('{"chunks":[],"query_embedding":[],"metadata":{"latency_ms":1}}');
  const rateLimiter = { acquire: async () => ({ observe() {}, release() {} }) };
  const stopped = { ...clock, elapsed: () => 0 };
  const client = clientOf('http://localhost', {}, { fetch, rateLimiter, clock: stopped });
  await client.semanticSearch({ query: 'words', orgId: 'org_1', dataSourceIds: ['ds_1', 'ds_2'] });
  const { attributes, events } = only();
  assert.equal(attributes['gen_ai.data_source.id'], undefined);
  assert.deepEqual(events, []);
});

test('14: where there is no Node to look at, the trace is propagated', async () => {
  const real = process.getBuiltinModule;
  process.getBuiltinModule = undefined;
  try {
    const sent = [];
    const fetch = async (_url, { headers }) => {
      sent.push(headers.traceparent);
      return new Response(JSON.stringify(answer));
    };
    await clientOf('http://localhost', {}, { fetch }).query(question);
    assert.match(sent[0], TRACEPARENT);
  } finally {
    process.getBuiltinModule = real;
  }
});

test('options that mean nothing are refused', () => {
  for (const maxBytes of [Number.NaN, -1, '5', null]) {
    assert.throws(() => twigTelemetry({ captureContent: { maxBytes } }), /maxBytes must be a number/);
  }
  assert.throws(() => twigTelemetry({ propagate: 'always' }), /propagate must be/);
  twigTelemetry({ captureContent: { maxBytes: Number.POSITIVE_INFINITY }, propagate: undefined });
});

test('12: the default limit of content is 64 KiB', async (t) => {
  const { url } = await serve(t, json(answer));
  await clientOf(url, { captureContent: true }).query({ ...question, query: 'x'.repeat(70_000) });
  const [message] = JSON.parse(only().attributes['gen_ai.input.messages']);
  assert.equal(message.parts[0].content.length, 65_536);
});

test('12: with content, a search has its text and its passages', async (t) => {
  const chunks = [{ chunk_id: 'c1', text: 'a passage', similarity_score: 0.9 }];
  const { url } = await serve(t, json({ chunks, query_embedding: [], metadata: { latency_ms: 1 } }));
  await clientOf(url, { captureContent: true }).semanticSearch({ query: 'words', orgId: 'org_1' });
  const { attributes } = only();
  assert.equal(attributes['gen_ai.retrieval.query.text'], 'words');
  assert.deepEqual(JSON.parse(attributes['gen_ai.retrieval.documents']), [
    { id: 'c1', score: 0.9, content: 'a passage' },
  ]);
});

test('12: the texts of a search are cut, too, and not there unless they are wanted', async (t) => {
  const found = json({
    chunks: [{ chunk_id: 'c1', text: 'a passage' }],
    query_embedding: [],
    metadata: { latency_ms: 1 },
  });
  const { url } = await serve(t, found);
  for (const captureContent of [{ maxBytes: 3 }, false]) {
    await clientOf(url, { captureContent }).semanticSearch({ query: 'words', orgId: 'org_1' });
  }
  const [cut, off] = recorder.spans().map(({ attributes }) => attributes);
  assert.equal(cut['gen_ai.retrieval.query.text'], 'wor');
  assert.deepEqual(JSON.parse(cut['gen_ai.retrieval.documents']), [{ id: 'c1', content: 'a p' }]);
  assert.equal(off['gen_ai.retrieval.query.text'], undefined);
  assert.deepEqual(JSON.parse(off['gen_ai.retrieval.documents']), [{ id: 'c1' }]);
});

test('13: nor is a part of the key, where a text is cut within it', async (t) => {
  const { url } = await serve(
    t,
    json({ ...answer, response: KEY }),
    json({ chunks: [{ chunk_id: 'c1', text: KEY }], query_embedding: [], metadata: { latency_ms: 1 } }),
  );
  const client = clientOf(url, { captureContent: { maxBytes: KEY.length - 2 } });
  await client.query({ ...question, query: KEY });
  await client.semanticSearch({ query: KEY, orgId: 'org_1' });
  assert.ok(!shown(recorder.spans()).includes(KEY.slice(0, 16)));
});

test('13: the key is in nothing, with a server that echoes it everywhere', async (t) => {
  const metadata = { ...answer.metadata, model: KEY, interaction_id: KEY, rag_strategy: KEY };
  const echo = { ...answer, response: `You are ${KEY}`, session_id: KEY, metadata };
  const quoting = { error: { code: KEY, message: `No key ${KEY}`, details: KEY }, request_id: KEY };
  const metrics = metricRecorder();
  for (const apiKey of [KEY, () => KEY]) {
    const { url } = await serve(
      t,
      json(echo, 200, { 'x-request-id': KEY }),
      json(quoting, 401),
      sse([`event: done\ndata: ${JSON.stringify(echo)}\n\n`]),
      sse([`event: error\ndata: ${JSON.stringify(quoting)}\n\n`]),
      json({ chunks: [{ chunk_id: KEY, text: KEY }], query_embedding: [], metadata: { latency_ms: 1 } }),
      json({ id: KEY, name: KEY, model: KEY }),
    );
    const telemetry = { captureContent: true, meterProvider: metrics.provider };
    const client = clientOf(url, telemetry, { apiKey, maxRetries: 0 });
    await client.query({ ...question, query: `My key is ${KEY}, or "${KEY}"` });
    await rejection(client.query(question));
    await (await client.query({ ...question, stream: true })).finalResponse();
    await rejection((await client.query({ ...question, stream: true })).finalResponse());
    await client.semanticSearch({ query: KEY, orgId: KEY });
    // What a caller names is shown from the start, when a key that a function gives is not yet known.
    await client.agents.create({ name: apiKey === KEY ? `agent ${KEY}` : 'agent', dataSourceIds: [KEY] });
    await client.request('GET', `/api/v1/${KEY}`);
  }
  const all = shown(recorder.spans(), await metrics.read());
  assert.equal(recorder.spans().length, 14);
  assert.ok(!all.includes(KEY.slice(12)), 'no key');
});

test('14: without an instrumentation of fetch, every attempt carries one valid traceparent of the span', async (t) => {
  const { requests, url } = await serve(t, json({}, 503), json(answer));
  await clientOf(url).query(question);
  const { spanId, traceId } = only().spanContext();
  assert.equal(requests.length, 2);
  for (const { headers } of requests) {
    assert.match(headers.traceparent, TRACEPARENT);
    assert.ok(headers.traceparent.includes(`${traceId}-${spanId}`));
  }
});

test('15: a fetch of one’s own carries it, too', async () => {
  const sent = [];
  const fetch = async (_url, { headers }) => {
    sent.push(headers);
    return new Response(JSON.stringify(answer));
  };
  await clientOf('http://localhost', {}, { fetch }).query(question);
  assert.match(sent[0].traceparent, TRACEPARENT);
});

test('14: a caller’s own traceparent wins, and propagate: false adds none', async (t) => {
  const { requests, url } = await serve(t, json(answer));
  const own = '00-11111111111111111111111111111111-2222222222222222-01';
  await clientOf(url).query(question, { headers: { TraceParent: own } });
  await clientOf(url, { propagate: false }).query(question);
  assert.deepEqual(
    requests.map(({ headers }) => headers.traceparent),
    [own, undefined],
  );
});

test('14: a trace that the sampler drops is propagated all the same', async (t) => {
  const { requests, url } = await serve(t, json(answer));
  const dropping = spanRecorder({ sampler: { shouldSample: () => ({ decision: 0 }) } });
  await clientOf(url, { tracerProvider: dropping.provider }).query(question);
  assert.match(requests[0].headers.traceparent, /-00$/);
  assert.match(requests[0].headers.traceparent, TRACEPARENT);
});

test('16: a tracer or a propagator that throws breaks no call', async (t) => {
  const { url } = await serve(t, json(answer));
  const broken = () => {
    throw new Error('broken');
  };
  const span = { setAttributes: broken, setStatus: broken, addEvent: broken, end: broken, isRecording: () => true };
  for (const getTracer of [broken, () => ({ startSpan: broken }), () => ({ startSpan: () => span })]) {
    const reply = await clientOf(url, { tracerProvider: { getTracer } }).query(question);
    assert.equal(reply.response, answer.response);
  }
});

test('17: two clients with two providers do not mix', async (t) => {
  const { url } = await serve(t, json(answer));
  const [one, other] = [spanRecorder(), spanRecorder()];
  const [oneMetrics, otherMetrics] = [metricRecorder(), metricRecorder()];
  await clientOf(url, { tracerProvider: one.provider, meterProvider: oneMetrics.provider }).query(question);
  const second = clientOf(url, { tracerProvider: other.provider, meterProvider: otherMetrics.provider });
  await Promise.all([second.query(question), second.query(question)]);
  assert.deepEqual(
    [recorder, one, other].map(({ spans }) => spans().length),
    [0, 1, 2],
  );
  for (const [metrics, count] of [
    [oneMetrics, 1],
    [otherMetrics, 2],
  ]) {
    const { 'gen_ai.client.operation.duration': duration } = await metrics.read();
    assert.equal(duration.dataPoints[0].value.count, count);
  }
});

test('22: a call made inside of another is its child, and has a span of its own', async (t) => {
  const { url } = await serve(t, json(answer));
  const inner = clientOf(url);
  const outer = clientOf(
    url,
    {},
    {
      apiKey: () =>
        inner.agents.get('a').then(
          () => KEY,
          () => KEY,
        ),
    },
  );
  await outer.query(question);
  const [get, query] = recorder.spans();
  assert.deepEqual([get.name, query.name], ['twig.agents.get', 'invoke_agent']);
  assert.equal(get.parentSpanContext.spanId, query.spanContext().spanId);
});
