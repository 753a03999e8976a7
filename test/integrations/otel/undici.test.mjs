// Beside the instrumentation of Node's fetch, which makes a span and a traceparent of its own for every request.

import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import {
  answer,
  clientOf,
  DELTA,
  DONE,
  json,
  question,
  rejection,
  serve,
  spanRecorder,
  sse,
  TRACEPARENT,
} from './support.mjs';

const recorder = spanRecorder();
recorder.register();
const undici = new UndiciInstrumentation();
undici.setTracerProvider(recorder.provider);
undici.enable();
beforeEach(recorder.reset);

/** Its spans end with the response, which may be a turn later. */
async function settled(count) {
  while (recorder.spans('undici').length < count) await new Promise((resolve) => setImmediate(resolve));
  return { http: recorder.spans('undici'), twig: recorder.spans('twig') };
}

test('2: the spans of HTTP are children of the call’s, one an attempt', async (t) => {
  const { url } = await serve(t, json({}, 503), json({}, 503), json(answer));
  await clientOf(url).query(question);
  const { http, twig } = await settled(3);
  assert.equal(twig.length, 1);
  assert.equal(http.length, 3);
  for (const span of http) assert.equal(span.parentSpanContext.spanId, twig[0].spanContext().spanId);
  assert.equal(twig[0].attributes['http.request.resend_count'], 2);
});

test('2: so is that of a stream', async (t) => {
  const { url } = await serve(t, sse([DELTA, DONE]));
  await (await clientOf(url).query({ ...question, stream: true })).finalResponse();
  const { http, twig } = await settled(1);
  assert.equal(http[0].parentSpanContext.spanId, twig[0].spanContext().spanId);
});

test('9: a call that was refused before sending is a span, an error, without HTTP', async (t) => {
  const { requests, url } = await serve(t, json(answer));
  await rejection(clientOf(url).query({ ...question, query: '' }));
  const [span, ...others] = recorder.spans();
  assert.deepEqual(others, []);
  assert.deepEqual(requests, []);
  assert.equal(span.attributes['error.type'], 'invalid_arguments');
  assert.equal(span.status.code, SpanStatusCode.ERROR);
});

test('14: every attempt carries one valid traceparent, that of the span of HTTP', async (t) => {
  const { requests, url } = await serve(t, json({}, 503), json(answer));
  await clientOf(url).query(question);
  const { http } = await settled(2);
  assert.equal(requests.length, 2);
  for (const [index, { headers, rawHeaders }] of requests.entries()) {
    assert.match(headers.traceparent, TRACEPARENT);
    assert.equal(rawHeaders.filter((name) => name.toLowerCase() === 'traceparent').length, 1);
    assert.ok(
      http.some((span) => headers.traceparent.includes(span.spanContext().spanId)),
      `attempt ${index}`,
    );
  }
});

test('15: a fetch of one’s own that ends in Node’s carries one, too; one that does not, with propagate: true', async (t) => {
  const { requests, url } = await serve(t, json(answer));
  await clientOf(url, {}, { fetch: (address, init) => fetch(address, init) }).query(question);
  assert.match(requests[0].headers.traceparent, TRACEPARENT);
  const sent = [];
  const own = async (_url, { headers }) => {
    sent.push(headers.traceparent);
    return new Response(JSON.stringify(answer));
  };
  await clientOf(url, {}, { fetch: own }).query(question);
  await clientOf(url, { propagate: true }, { fetch: own }).query(question);
  assert.equal(sent[0], undefined);
  assert.match(sent[1], TRACEPARENT);
});
