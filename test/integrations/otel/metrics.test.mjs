// Metrics: names, units, buckets, and few series.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metrics as api } from '@opentelemetry/api';
import { observeLimiter } from '@twig/sdk/otel';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { answer, clientOf, DELTA, DONE, json, metricRecorder, question, rejection, serve, sse } from './support.mjs';

const BUCKETS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];

test('21: names, units, buckets and attributes are those of the tables', async (t) => {
  const { url } = await serve(
    t,
    json({}, 503),
    json(answer),
    sse([DELTA, DONE]),
    json({ chunks: [], query_embedding: [], metadata: { latency_ms: 1 } }),
    json({ id: 'a', name: 'x' }),
    json({}, 404),
  );
  const recorder = metricRecorder();
  const client = clientOf(url, { meterProvider: recorder.provider }, { rateLimiter: new RateLimiter() });
  await client.query(question);
  await (await client.query({ ...question, stream: true })).finalResponse();
  await client.semanticSearch({ query: 'words', orgId: 'org_1' });
  await client.agents.get('a');
  await rejection(client.agents.get('a'));

  const found = await recorder.read();
  const describe = ({ descriptor, dataPoints }) => ({
    unit: descriptor.unit,
    type: descriptor.type,
    series: dataPoints.map(({ attributes, value }) => [attributes, value.count ?? value]),
  });
  const query = {
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.provider.name': 'twig',
    'server.address': '127.0.0.1',
    'gen_ai.response.model': 'gpt-4o',
  };
  const { 'gen_ai.response.model': _, ...withoutModel } = query;
  assert.deepEqual(Object.fromEntries(Object.entries(found).map(([name, metric]) => [name, describe(metric)])), {
    'gen_ai.client.operation.duration': {
      unit: 's',
      type: 'HISTOGRAM',
      series: [
        [query, 2],
        [{ ...withoutModel, 'gen_ai.operation.name': 'retrieval' }, 1],
      ],
    },
    'gen_ai.client.operation.time_to_first_chunk': { unit: 's', type: 'HISTOGRAM', series: [[query, 1]] },
    'twig.client.duration': {
      unit: 's',
      type: 'HISTOGRAM',
      series: [
        [{ 'twig.operation': 'agents.get' }, 1],
        [{ 'twig.operation': 'agents.get', 'error.type': 'not_found' }, 1],
      ],
    },
    'twig.limiter.wait': {
      unit: 's',
      type: 'HISTOGRAM',
      series: [
        [{ 'twig.scope': 'execute' }, 4],
        [{ 'twig.scope': 'read' }, 2],
      ],
    },
    'twig.client.retries': {
      unit: '{retry}',
      type: 'COUNTER',
      series: [[{ 'twig.operation': 'query', 'error.type': 'service_unavailable' }, 1]],
    },
    'twig.client.usage.tokens': {
      unit: '{token}',
      type: 'COUNTER',
      series: [
        [{ ...query, 'gen_ai.token.type': 'input' }, 24],
        [{ ...query, 'gen_ai.token.type': 'output' }, 14],
      ],
    },
  });
  for (const { descriptor, dataPoints } of Object.values(found)) {
    if (descriptor.type !== 'HISTOGRAM') continue;
    for (const { value } of dataPoints) assert.deepEqual(value.buckets.boundaries, BUCKETS, descriptor.name);
  }
});

test('20: a thousand paths of request(), agents and sessions make one series each', async () => {
  const recorder = metricRecorder();
  const fetch = async () => new Response(JSON.stringify(answer));
  const client = clientOf('http://localhost', { meterProvider: recorder.provider }, { fetch });
  for (let index = 0; index < 1000; index++) {
    await client.request('GET', `/api/v1/agents/agent_${index}`);
    await client.query({ ...question, agentId: `agent_${index}`, sessionId: `session_${index}` });
  }
  const found = await recorder.read();
  assert.equal(found['twig.client.duration'].dataPoints.length, 1);
  assert.deepEqual(found['twig.client.duration'].dataPoints[0].attributes, { 'twig.operation': 'request' });
  assert.equal(found['gen_ai.client.operation.duration'].dataPoints.length, 1);
  assert.equal(found['twig.client.usage.tokens'].dataPoints.length, 2);
});

test('a limiter tells who waits, who is under way and what is left, until it is stopped', async () => {
  const recorder = metricRecorder();
  const limiter = new RateLimiter({ concurrency: 1, limits: { read: { perMinute: 60, burst: 5 } } });
  const stop = observeLimiter(limiter, { meterProvider: recorder.provider, name: 'main' });
  const leave = new AbortController();
  const lease = await limiter.acquire('read');
  const waiting = limiter.acquire('read', { signal: leave.signal }).catch(() => {});
  const found = await recorder.read();
  const of = (name) => found[name].dataPoints.find(({ attributes }) => attributes['twig.scope'] === 'read');
  assert.equal(of('twig.limiter.queued').value, 1);
  assert.equal(of('twig.limiter.in_flight').value, 1);
  assert.ok(of('twig.limiter.available').value >= 1);
  assert.deepEqual(of('twig.limiter.queued').attributes, { 'twig.scope': 'read', 'twig.limiter.name': 'main' });
  leave.abort();
  await waiting;
  lease.release();
  stop();
  let asked = 0;
  limiter.stats = () => {
    asked++;
    return { scopes: {} };
  };
  await recorder.read();
  assert.equal(asked, 0);
});

test('metrics begin with the first call after the application registered its provider', async () => {
  const fetch = async () => new Response(JSON.stringify(answer));
  const client = clientOf('http://localhost', {}, { fetch });
  await client.query(question); // Nobody listens yet.
  const recorder = metricRecorder();
  api.setGlobalMeterProvider(recorder.provider);
  await client.query(question);
  const { 'gen_ai.client.operation.duration': duration } = await recorder.read();
  assert.equal(duration.dataPoints[0].value.count, 1);
});
