// The official clients of both majors, over stdio and HTTP.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ASK, CLIENTS, faults, overHttp, overStdio, startHangingApi, startHttp, startMock, textOf } from './support.js';

const ALL = ['--org', 'org_1', '--allow', 'feedback,sync'];
const HINTS = ['destructiveHint', 'idempotentHint', 'openWorldHint', 'readOnlyHint'];

/** Each client over each transport. */
const WAYS = Object.keys(CLIENTS).flatMap((name) => [
  [`${name} over stdio`, (t, options) => overStdio(t, name, options)],
  [
    `${name} over HTTP`,
    async (t, options) => {
      const { url, headers } = await startHttp(t, options);
      return overHttp(t, name, url, { headers });
    },
  ],
]);

/** Without what is drawn anew for each. */
const steady = (result) => JSON.stringify(result).replaceAll(/(data|sess|int|req)[-_]\w+/g, '$1');

describe('1. every client gets the same tools and the same answers', () => {
  const seen = new Map();
  for (const [name, connect] of WAYS) {
    test(name, async (t) => {
      const mock = await startMock(t);
      const client = await connect(t, { mock, args: ALL });
      const { tools } = await client.listTools();
      const asked = await client.callTool({ name: 'ask_agent', arguments: ASK });
      const listed = await client.callTool({ name: 'list_agents', arguments: {} });
      const found = await client.callTool({ name: 'search_knowledge', arguments: { query: 'refund' } });
      const { contents } = await client.readResource({ uri: 'twig://agents/agent_abc123' });
      assert.match(textOf(asked), /refund policy allows returns within 30 days/);
      assert.equal(JSON.parse(contents[0].text).name, 'Support Agent');
      const gone = await client.callTool({ name: 'ask_agent', arguments: { ...ASK, agentId: 'agent_none' } });
      assert.equal(gone.isError, true);
      const took = (result) => [result.content, result.structuredContent];
      seen.set(
        name,
        steady([
          tools.map(({ name, inputSchema, outputSchema }) => [name, inputSchema.properties, outputSchema.properties]),
          ...[asked, listed, found, gone].map(took),
        ]),
      );
      assert.equal(seen.get(name), [...seen.values()][0]);
    });
  }
});

test('2. two tools without an organisation, three with one, read-only; what changes something by --allow alone', async (t) => {
  const mock = await startMock(t);
  const namesOf = async (args, env) => {
    const { tools } = await (await overStdio(t, 'v1', { mock, args, env })).listTools();
    return tools.map(({ name, annotations }) => (annotations.readOnlyHint ? name : `${name}, which changes something`));
  };
  assert.deepEqual(await namesOf([]), ['list_agents', 'ask_agent']);
  assert.deepEqual(await namesOf([], { TWIG_ORG_ID: 'org_1' }), ['list_agents', 'ask_agent', 'search_knowledge']);
  assert.deepEqual(await namesOf(['--org', 'org_1']), ['list_agents', 'ask_agent', 'search_knowledge']);
  assert.deepEqual(await namesOf(ALL), [
    'list_agents',
    'ask_agent',
    'search_knowledge',
    'rate_answer, which changes something',
    'sync_source, which changes something',
  ]);
});

test('3. all four hints and an output schema on each tool, and structured content that fits it', async (t) => {
  const mock = await startMock(t);
  // This client checks structured content against the schema, and rejects where it does not fit.
  const client = await overStdio(t, 'v1', { mock, args: ALL });
  const { tools } = await client.listTools();
  for (const { annotations, outputSchema } of tools) {
    assert.deepEqual(
      Object.keys(annotations)
        .filter((name) => name.endsWith('Hint'))
        .sort(),
      HINTS,
    );
    assert.equal(outputSchema.type, 'object');
  }
  const call = (name, args) => client.callTool({ name, arguments: args });
  const { structuredContent } = await call('ask_agent', { ...ASK, includePassages: true });
  const dataSourceId = mock.mock.data.dataSources[0].id;
  for (const [name, args] of [
    ['list_agents', { limit: 1 }],
    ['search_knowledge', { query: 'refund', topK: 3 }],
    ['rate_answer', { interactionId: structuredContent.interactionId, feedback: 'negative', comment: 'No.' }],
    ['sync_source', { dataSourceId }],
  ]) {
    const result = await call(name, args);
    assert.equal(result.isError, undefined, textOf(result));
    assert.ok(result.structuredContent);
  }
});

test('4. all five tools in the list take at most 4 KB', async (t) => {
  for (const name of Object.keys(CLIENTS)) {
    const { tools } = await (await overStdio(t, name, { args: ALL })).listTools();
    assert.equal(tools.length, 5);
    assert.ok(JSON.stringify({ tools }).length <= 4096, `${JSON.stringify({ tools }).length} bytes`);
  }
});

describe('9. progress rises where the client asks for it', () => {
  for (const [name, connect] of WAYS) {
    test(name, async (t) => {
      const mock = await startMock(t);
      mock.mock.faults.next('query', faults.slowStream({ delayMs: 120 }));
      const client = await connect(t, { mock });
      const told = [];
      const params = { name: 'ask_agent', arguments: ASK };
      const options = { onprogress: (progress) => told.push(progress) };
      // The newer client takes no schema of the result.
      const result = await (name.startsWith('v1')
        ? client.callTool(params, undefined, options)
        : client.callTool(params, options));
      assert.equal(result.isError, undefined);
      assert.ok(told.length >= 3, `${told.length} notifications`);
      for (const [at, { progress, total }] of told.entries()) {
        assert.ok(progress > (told[at - 1]?.progress ?? 0));
        assert.equal(total, undefined);
      }
    });
  }
});

test('9. and none comes without a token', async (t) => {
  const mock = await startMock(t);
  mock.mock.faults.next('query', faults.slowStream({ delayMs: 120 }));
  const client = await overStdio(t, 'v1', { mock });
  const told = [];
  const { onmessage } = client.transport;
  client.transport.onmessage = (message, extra) => {
    if (message.method) told.push(message.method);
    onmessage(message, extra);
  };
  await client.callTool({ name: 'ask_agent', arguments: ASK });
  assert.deepEqual(told, []);
});

describe('10. a cancelled call closes its connection to the API', () => {
  for (const [name, connect] of WAYS) {
    // Over HTTP the older era has no way to cancel but to go away.
    const leaves = name.endsWith('HTTP') && !name.startsWith('v2, era 2026');
    test(leaves ? `${name}, by going away` : name, async (t) => {
      const mock = await startHangingApi(t);
      const client = await connect(t, { mock });
      const cancel = new AbortController();
      const options = { signal: cancel.signal };
      const params = { name: 'ask_agent', arguments: ASK };
      const result = name.startsWith('v1')
        ? client.callTool(params, undefined, options)
        : client.callTool(params, options);
      const failed = assert.rejects(result);
      const { closed } = await mock.asked;
      if (leaves) await client.close();
      else cancel.abort('enough');
      await failed;
      await closed;
    });
  }
});
