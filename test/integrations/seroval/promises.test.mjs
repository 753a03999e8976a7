// Seroval carries data from the server to the page in SolidStart and TanStack Start, promises while they are pending.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TwigClient, TwigNotFoundError } from '@twig/sdk';
import { startTwigServer } from '@twig/sdk/testing/server';
import { crossSerializeStream, deserialize, Feature, serializeAsync } from 'seroval';

let server;
let client;
before(async () => {
  server = await startTwigServer();
  client = new TwigClient({ apiKey: 'twigsk_test_x', baseUrl: server.url });
});
after(() => server.close());

test('a call is awaited and arrives as a promise of its data', async () => {
  const call = client.query({ agentId: 'agent_abc123', query: 'q' });
  const text = await serializeAsync({ answer: call });
  const arrived = deserialize(text).answer;
  assert.ok(arrived instanceof Promise);
  assert.deepEqual(await arrived, await call);
  assert.ok(!text.includes('twigsk_test_x'));
});

test('a call that is under way is streamed', async () => {
  const chunks = [];
  await new Promise((resolve, reject) => {
    crossSerializeStream(
      { answer: client.agents.get('agent_abc123') },
      { onSerialize: (chunk) => chunks.push(chunk), onDone: resolve, onError: reject },
    );
  });
  assert.ok(chunks.length > 1, 'the promise itself first, its data when it came');
  assert.ok(chunks.join('').includes('agent_abc123'));
  assert.ok(!/_call|lifetime|twigsk_test_x/.test(chunks.join('')));
});

test('a call that fails arrives as a promise that rejects', async () => {
  const call = client.agents.get('agent_nope');
  const text = await serializeAsync({ agent: call }, { disabledFeatures: Feature.ErrorPrototypeStack });
  const arrived = deserialize(text).agent;
  await assert.rejects(arrived, (error) => error.message.length > 0);
  await assert.rejects(call, TwigNotFoundError);
  assert.ok(!text.includes('twigsk_test_x'));
});
