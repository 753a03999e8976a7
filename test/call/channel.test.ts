/** The tracing channel `twig:call`: for tools that cannot reach the constructor of a client. */

import { AsyncLocalStorage } from 'node:async_hooks';
import { type TracingChannelSubscribers, tracingChannel } from 'node:diagnostics_channel';
import { afterEach, expect, it } from 'vitest';
import { json, rejection, scriptedClient, sse } from '../support/client.ts';

const question = { agentId: 'agent_1', query: 'a question of somebody' };
const channel = tracingChannel<unknown, Record<string, unknown>>('twig:call');
const METADATA = { interactionId: 'i', latencyMs: 1, tokensOutput: 7 };
const ANSWER = { response: 'an answer to somebody', sources: [], metadata: METADATA };

type Published = [moment: string, message: Record<string, unknown>];
let unsubscribe = (): unknown => undefined;
afterEach(() => unsubscribe());

/** What is published from now on. */
function subscribe(): Published[] {
  const published: Published[] = [];
  const note = (moment: string) => (message: Record<string, unknown>) => void published.push([moment, { ...message }]);
  const subscribers: TracingChannelSubscribers<Record<string, unknown>> = {
    start: note('start'),
    end: note('end'),
    asyncStart: note('asyncStart'),
    asyncEnd: note('asyncEnd'),
    error: note('error'),
  };
  channel.subscribe(subscribers);
  unsubscribe = () => channel.unsubscribe(subscribers);
  return published;
}

it('publishes a call from its start to its data', async () => {
  const published = subscribe();
  const { client } = scriptedClient(() => json(ANSWER));
  await client.query(question);
  expect(published.map(([moment]) => moment)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
  expect(published[0]?.[1]).toMatchObject({ operation: 'query', route: '/api/v1/query', method: 'POST' });
  expect(published[3]?.[1]).toMatchObject({
    operation: 'query',
    outcome: 'answered',
    meta: { status: 200 },
    metadata: METADATA,
  });
});

it('publishes the error of a call that failed, before its end', async () => {
  const published = subscribe();
  const { client } = scriptedClient(() => json({}, 404));
  const error = await rejection(client.agents.get('a'));
  expect(published.map(([moment]) => moment)).toEqual(['start', 'end', 'error', 'asyncStart', 'asyncEnd']);
  expect(published[2]?.[1]).toMatchObject({ outcome: 'failed', error });
});

it('publishes the end of a stream with its last event', async () => {
  const published = subscribe();
  const { client } = scriptedClient(() => sse([`event: done\ndata: ${JSON.stringify(ANSWER)}\n\n`]));
  const stream = await client.query({ ...question, stream: true });
  expect(published.map(([moment]) => moment)).toEqual(['start', 'end']);
  await stream.finalResponse();
  expect(published.map(([moment]) => moment)).toEqual(['start', 'end', 'asyncStart', 'asyncEnd']);
});

it('publishes neither what was asked nor what was answered', async () => {
  const published = subscribe();
  const { client } = scriptedClient(() => json(ANSWER));
  await client.query(question);
  expect(JSON.stringify(published)).not.toContain('somebody');
  expect(JSON.stringify(published)).not.toContain('agent_1');
});

it.each(['agents.get', 'request'] as const)(
  'publishes nothing of an answer that calls its own members metadata: %s',
  async (what) => {
    const published = subscribe();
    const { client } = scriptedClient(() => json({ id: 'a', name: 'x', metadata: { note: 'somebody' } }));
    await (what === 'request' ? client.request('GET', '/api/v1/agents/a') : client.agents.get('a'));
    expect(published).toHaveLength(4);
    expect(JSON.stringify(published)).not.toContain('somebody');
  },
);

it('runs the call in the stores that are bound to its start', async () => {
  const store = new AsyncLocalStorage<string>();
  channel.start.bindStore(store, ({ operation }) => String(operation));
  try {
    const seen: unknown[] = [];
    const { client } = scriptedClient(() => {
      seen.push(store.getStore());
      return json({ id: 'a', name: 'x' });
    });
    await client.agents.get('a');
    expect(seen).toEqual(['agents.get']);
  } finally {
    channel.start.unbindStore(store);
  }
});

it('publishes nothing, and makes no message, without subscribers', async () => {
  const published = subscribe();
  unsubscribe();
  const { client } = scriptedClient(() => json(ANSWER));
  await client.query(question);
  expect(published).toEqual([]);
});

it('begins with the call after the subscription, also of a client that was made before', async () => {
  const { client } = scriptedClient(() => json(ANSWER));
  await client.query(question);
  const published = subscribe();
  await client.query(question);
  expect(published).toHaveLength(4);
});

it('stands beside an instrumentation of the client', async () => {
  const published = subscribe();
  const outcomes: string[] = [];
  const { client } = scriptedClient(() => json(ANSWER), {
    instrumentation: () => ({ run: (work) => work(), end: ({ outcome }) => void outcomes.push(outcome) }),
  });
  await client.query(question);
  expect(outcomes).toEqual(['answered']);
  expect(published).toHaveLength(4);
});

it.each([
  ['is missing', undefined],
  ['is of another shape', { tracingChannel: () => ({}) }],
  [
    'throws',
    {
      tracingChannel() {
        throw new Error('an imitation');
      },
    },
  ],
])('does not matter where the module %s', async (_how, module) => {
  const real = process.getBuiltinModule;
  process.getBuiltinModule = (() => module) as typeof real;
  try {
    const { client } = scriptedClient(() => json({ id: 'a', name: 'x' }));
    expect(await client.agents.get('a')).toEqual({ id: 'a', name: 'x' });
  } finally {
    process.getBuiltinModule = real;
  }
});
