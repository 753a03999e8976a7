// The mock behind msw's interception, and beside it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TwigClient } from '@twig/sdk';
import { createTwigMock, faults } from '@twig/sdk/testing';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';

const question = { agentId: 'agent_abc123', query: 'What is pricing?' };
const client = new TwigClient({ apiKey: 'twigsk_test_x', maxRetries: 0, logLevel: 'off' });

/** A mock whose handlers msw has. */
function listen(t, ...others) {
  const twig = createTwigMock();
  const server = setupServer(...others, ...twig.handlers);
  server.listen({ onUnhandledRequest: 'error', onUnhandledFrame: 'error' });
  t.after(() => server.close());
  return { server, twig };
}

test('msw hands requests to the mock', async (t) => {
  const { twig } = listen(t);
  const { id } = await client.agents.create({ name: 'Mine', dataSourceIds: ['ds_1'] });
  assert.equal((await client.agents.get(id)).name, 'Mine');
  const stream = await client.query({ ...question, stream: true });
  assert.match((await stream.finalResponse()).response, /\$99/);
  await assert.rejects(client.agents.get('agent_gone'), { status: 404 });
  assert.deepEqual(
    twig.requests.map(({ operation }) => operation),
    ['agents.create', 'agents.get', 'query', 'agents.get'],
  );
});

test('handlers of the application stand in front, and what is not Twig’s passes the mock by', async (t) => {
  const mine = http.get('https://app.example.com/api/v1/agents', () => HttpResponse.json({ mine: true }));
  const { server, twig } = listen(t, mine);
  assert.deepEqual(await (await fetch('https://app.example.com/api/v1/agents')).json(), { mine: true });
  server.use(http.get('https://app.example.com/hello', () => HttpResponse.text('hello')));
  assert.equal(await (await fetch('https://app.example.com/hello')).text(), 'hello');
  assert.deepEqual(twig.requests, []);
  server.resetHandlers();
  server.restoreHandlers();
  assert.equal(server.listHandlers().length, 2);
  assert.equal((await client.agents.list()).data.length, 2);
});

test('every fault is told as what it is', async (t) => {
  const { twig } = listen(t);
  for (const [fault, expected] of [
    [faults.status(503), { status: 503 }],
    [faults.rateLimit(), { status: 429 }],
    [faults.htmlError(), { status: 502 }],
    [faults.disconnect(), { phase: 'headers' }],
    [faults.disconnect({ afterBytes: 50 }), { phase: 'stream' }],
    [faults.truncateStream(), { code: 'truncated' }],
    [faults.malformedEvent(), { code: 'malformed_event' }],
  ]) {
    twig.faults.next('query', fault);
    const call = client.query({ ...question, stream: true }).then((stream) => stream.finalResponse());
    await assert.rejects(call, expected);
  }
  twig.faults.next('agents.list', faults.timeout());
  await assert.rejects(client.agents.list({}, { timeoutMs: 50 }), { name: 'TwigTimeoutError' });
});

test('an abort, a break and an idle limit leave a stream under way, and the process goes on', async (t) => {
  const { twig } = listen(t);
  twig.faults.random('query', 1, faults.slowStream({ delayMs: 100 }));
  const aborted = await client.query({ ...question, stream: true });
  const reading = aborted.finalResponse();
  setTimeout(() => aborted.abort(), 150);
  await assert.rejects(reading, { name: 'TwigAbortError' });
  for await (const _ of await client.query({ ...question, stream: true })) break;
  twig.faults.clear();
  twig.faults.next('query', faults.slowStream({ delayMs: 1000 }));
  const idle = client.withOptions({ streamIdleTimeoutMs: 200 });
  await assert.rejects(
    idle.query({ ...question, stream: true }).then((stream) => stream.finalResponse()),
    { name: 'TwigTimeoutError' },
  );
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.equal((await client.agents.list()).data.length, 2);
});

test('twig.fetch needs none of it', async () => {
  const twig = createTwigMock();
  const direct = client.withOptions({ fetch: twig.fetch });
  assert.equal((await direct.agents.list()).data.length, 2);
});
