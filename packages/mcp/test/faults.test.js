// What goes wrong, as a model sees it, and what the tools keep to.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ASK,
  CLIENTS,
  createTestClock,
  createTwigMcpHandler,
  createTwigMock,
  faults,
  KEY,
  overHttp,
  overStdio,
  RateLimiter,
  serve,
  startMock,
  TwigClient,
  textOf,
} from './support.js';

describe('8. the key is in nothing that comes out, though the server echoes it', () => {
  for (const name of Object.keys(CLIENTS)) {
    test(name, async (t) => {
      const url = await serve(t, async (request) => {
        const { question } = { question: (await request.text()) || '' };
        const error = { error: { code: KEY, message: `Bearer ${KEY} is wrong` }, request_id: KEY };
        const headers = { 'x-request-id': KEY };
        if (question.includes('event')) {
          const body = `event: delta\ndata: {"delta":"Yes"}\n\nevent: error\ndata: ${JSON.stringify(error)}\n\n`;
          return new Response(body, { headers: { ...headers, 'content-type': 'text/event-stream' } });
        }
        if (question.includes('page'))
          return new Response(`<html>${KEY}</html>`, { headers: { 'content-type': 'text/html' } });
        return Response.json(error, { status: 401, headers });
      });
      const client = await overStdio(t, name, { mock: { url: new URL(url).origin }, env: { TWIG_LOG: 'debug' } });
      for (const question of ['status', 'event', 'page']) {
        const result = await client.callTool({ name: 'ask_agent', arguments: { ...ASK, question } });
        assert.equal(result.isError, true);
        assert.ok(!JSON.stringify(result).includes(KEY), JSON.stringify(result));
      }
    });
  }
});

test('12. of a hundred asks at once, against a limit of 20 a minute, none is refused by the API, and the late ones are told', async (t) => {
  const clock = createTestClock();
  const limit = { perMinute: 20, burst: 20 };
  const twig = createTwigMock({ clock, rateLimits: { execute: limit } });
  const statuses = [];
  const client = new TwigClient({
    apiKey: KEY,
    clock,
    logLevel: 'off',
    deadlineMs: 120_000,
    // What the command has.
    rateLimiter: new RateLimiter({ clock, concurrency: 4, maxWaitMs: 30_000 }),
    fetch: async (...args) => {
      const response = await twig.fetch(...args);
      statuses.push(response.status);
      return response;
    },
  });
  const handler = createTwigMcpHandler({ client, clock, authorize: () => ({}) });
  const caller = await overHttp(t, 'v2, era 2026', 'http://localhost/mcp', {
    fetch: (url, init) => handler(new Request(url, init)),
  });
  const results = [];
  const asks = Array.from({ length: 100 }, async () => {
    results.push(await caller.callTool({ name: 'ask_agent', arguments: ASK }));
  });
  for (let minutes = 0; results.length < 100 && minutes < 10; minutes += 1 / 60) await clock.advance(1000);
  await Promise.all(asks);
  const late = results.filter(({ isError }) => isError).map(textOf);
  t.diagnostic(
    `${results.length - late.length} answered, ${late.length} told to come later; statuses: ${[...new Set(statuses)]}`,
  );
  assert.deepEqual([...new Set(statuses)], [200]);
  assert.equal(results.length, 100);
  assert.ok(results.length - late.length >= 20);
  for (const text of late)
    assert.match(
      text,
      /^Too much is asked at once.*Ask again in (\d+ s|a minute), and less at the same time\. \(code: wait_too_long\)$/,
    );
});

describe('13. a fault is a result that says what to do, with the request id', () => {
  const FAULTS = [
    [faults.status(401), /another key/],
    [faults.status(404), /list_agents/],
    [faults.status(503, { retryAfter: 300 }), /fault of Twig\. Ask again in 300 s/],
    [faults.disconnect({ afterBytes: 300 }), /broke before the whole answer[\s\S]*not the whole/],
    [faults.truncateStream({ afterEvents: 3 }), /broke before the whole answer/],
    [faults.errorEvent({ afterEvents: 3 }), /fault of Twig/],
    // The last one: after it the limiter lets nothing through.
    [faults.rateLimit({ retryAfter: 300 }), /Ask again in 300 s/],
  ];
  for (const name of Object.keys(CLIENTS)) {
    test(name, async (t) => {
      const mock = await startMock(t);
      const client = await overStdio(t, name, { mock });
      for (const [fault, words] of FAULTS) {
        mock.mock.faults.next('query', fault);
        const result = await client.callTool({ name: 'ask_agent', arguments: ASK });
        assert.equal(result.isError, true);
        assert.match(textOf(result), words);
        assert.match(textOf(result), /request id: req_\w+\)/);
      }
    });
  }

  test('wrong arguments, too', async (t) => {
    const client = await overStdio(t, 'v2, era 2026', {});
    const result = await client.callTool({ name: 'ask_agent', arguments: { agentId: 'agent_abc123', question: '' } });
    assert.equal(result.isError, true);
    assert.match(textOf(result), /question: must not be blank/);
  });

  test('but an unknown resource is an error of the protocol', async (t) => {
    const mock = await startMock(t);
    const client = await overStdio(t, 'v2, era 2026', { mock });
    for (const uri of ['twig://agents/agent_none', 'twig://users/user_1']) {
      await assert.rejects(client.readResource({ uri }), { code: -32602 });
    }
  });
});

test('14. --agents refuses others, and with one no id is needed', async (t) => {
  const mock = await startMock(t);
  const client = await overStdio(t, 'v1', {
    mock,
    args: ['--agents', 'agent_def456', '--org', 'org_1', '--allow', 'sync'],
  });
  const call = (name, args) => client.callTool({ name, arguments: args });
  assert.match(textOf(await call('ask_agent', ASK)), /no agent "agent_abc123" here\. There are: agent_def456\./);
  assert.equal((await call('ask_agent', { question: ASK.question })).isError, undefined);
  assert.deepEqual(
    (await call('list_agents', {})).structuredContent.agents.map(({ id }) => id),
    ['agent_def456'],
  );
  await assert.rejects(client.readResource({ uri: 'twig://agents/agent_abc123' }), /no agent "agent_abc123" here/);
  const foreign = mock.mock.data.dataSources.find(({ id }) => !mock.mock.data.agents[1].data_source_ids.includes(id));
  assert.equal((await call('sync_source', { dataSourceId: foreign.id })).isError, true);
  const asked = mock.mock.requests.filter(({ operation }) => operation === 'query');
  assert.deepEqual(
    asked.map(({ body }) => body.agent_id),
    ['agent_def456'],
  );
});
