/** Idempotency-Key, and the same bytes in every attempt of a call. */

import { type TwigClient, TwigConfigError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, type Sent, scriptedClient } from '../support/client.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const keyOf = (sent: Sent | undefined): string | undefined => sent?.init.headers['idempotency-key'];
const body = { id: 'x', name: 'x', type: 't', title: 't', email: 'e', response: '', chunks: [], metadata: {} };

const posts: [string, (client: TwigClient) => PromiseLike<unknown>][] = [
  ['query', (client) => client.query({ agentId: 'a', query: 'q' })],
  ['semanticSearch', (client) => client.semanticSearch({ query: 'q', orgId: 'o' })],
  ['agents.create', (client) => client.agents.create({ name: 'n', dataSourceIds: [] })],
  ['dataSources.create', (client) => client.dataSources.create({ type: 'file', name: 'n' })],
  ['dataSources.sync', (client) => client.dataSources.sync('ds')],
  ['interactions.submitFeedback', (client) => client.interactions.submitFeedback('i', { feedback: 'positive' })],
  ['users.create', (client) => client.users.create({ email: 'e', role: 'admin' })],
  ['kb.create', (client) => client.kb.create({ title: 't', content: 'c' })],
  ['request', (client) => client.request('POST', '/x')],
];

describe.each(posts)('%s', (_name, call) => {
  it('carries a fresh key, and the same key and bytes on all its attempts', async () => {
    const clock = createTestClock();
    const { client, sent } = scriptedClient((_sent, index) => (index % 3 === 2 ? json(body) : json({}, 503)), {
      clock,
    });
    const calls = [call(client)];
    await clock.advance(60_000);
    calls.push(call(client));
    await clock.advance(60_000);
    await Promise.all(calls);
    const [first, second, third, next] = sent;
    expect(keyOf(first)).toMatch(UUID);
    expect(keyOf(second)).toBe(keyOf(first));
    expect(keyOf(third)).toBe(keyOf(first));
    expect([second?.init.body, third?.init.body]).toEqual([first?.init.body, first?.init.body]);
    expect(keyOf(next)).toMatch(UUID);
    expect(keyOf(next)).not.toBe(keyOf(first));
  });
});

it('sends the bytes that the parameters had when the method was called', async () => {
  const clock = createTestClock();
  const { client, sent } = scriptedClient((_sent, index) => (index ? json(body) : json({}, 503)), { clock });
  const params = { name: 'before', dataSourceIds: ['ds_1'] };
  const done = client.agents.create(params);
  params.name = 'after';
  params.dataSourceIds.push('ds_2');
  await clock.advance(10_000);
  await done;
  expect(sent.map(({ init }) => init.body)).toEqual(Array(2).fill('{"name":"before","data_source_ids":["ds_1"]}'));
});

it('sends no key with GET, PUT and DELETE', async () => {
  const { client, sent } = scriptedClient(() => json(body));
  await client.agents.get('a');
  await client.agents.update('a', { name: 'n' });
  await client.agents.delete('a');
  expect(sent.map(keyOf)).toEqual([undefined, undefined, undefined]);
});

describe('a key of the caller', () => {
  it('goes out as it is, also with a PUT', async () => {
    const { client, sent } = scriptedClient(() => json(body));
    await client.query({ agentId: 'a', query: 'q' }, { idempotencyKey: 'order-7' });
    await client.agents.update('a', { name: 'n' }, { idempotencyKey: 'order-8' });
    await client.query({ agentId: 'a', query: 'q' }, { headers: { 'Idempotency-Key': 'order-9' } });
    expect(sent.map(keyOf)).toEqual(['order-7', 'order-8', 'order-9']);
  });

  it.each(['', 'two\nlines', 'ключ'])('that HTTP cannot carry, %j, is refused before anything is sent', async (key) => {
    const { client, sent } = scriptedClient(() => json(body));
    const error = await rejection(client.query({ agentId: 'a', query: 'q' }, { idempotencyKey: key }));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect(sent).toHaveLength(0);
  });
});

it('is left out where null removes it, of a call or of the client', async () => {
  const { client, sent } = scriptedClient(() => json(body));
  await client.query({ agentId: 'a', query: 'q' }, { headers: { 'Idempotency-Key': null } });
  await client.withOptions({ headers: { 'idempotency-key': null } }).query({ agentId: 'a', query: 'q' });
  expect(sent.map(keyOf)).toEqual([undefined, undefined]);
});
