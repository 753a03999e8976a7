/** The mock's options, its determinism, its latency and its webhook deliveries. */

import { createHmac } from 'node:crypto';
import { createTestClock, createTwigMock, faults, type TwigMockOptions } from '@twig/sdk/testing';
import { createWebhookHandler } from '@twig/sdk/webhooks';
import { getResponse } from 'msw';
import { describe, expect, it } from 'vitest';
import { until } from '../support/turns.ts';

type Mock = ReturnType<typeof createTwigMock>;

async function send(twig: Mock, method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const request = new Request(`https://api.twig.so/api/v1${path}`, {
    method,
    headers: { authorization: 'Bearer twigsk_test_x' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal ? { signal } : {}),
  });
  const response = await getResponse(twig.handlers, request);
  if (!response) throw new Error('No handler.');
  return response;
}

const question = { agent_id: 'agent_abc123', query: 'What is your refund policy?' };

/** Everything that a script of calls makes the mock say. */
async function transcript(options: TwigMockOptions, twig = createTwigMock(options)): Promise<string[]> {
  const said: string[] = [];
  for (const [method, path, body] of [
    ['POST', '/query', question],
    ['POST', '/query', { ...question, stream: true }],
    ['POST', '/agents', { name: 'A', data_source_ids: [] }],
    ['POST', '/data-sources', { type: 'file', name: 'F' }],
    ['POST', '/kb', { title: 'T', content: 'C' }],
    ['POST', '/users', { email: 'a@example.com', role: 'admin' }],
    ['POST', '/semantic-search', { query: 'pricing', org_id: 'o' }],
    ['GET', '/interactions?limit=200', undefined],
    ['GET', '/analytics?start_date=2024-01-01&end_date=2024-12-31', undefined],
    ['GET', '/nothing', undefined],
  ] as const) {
    const response = await send(twig, method, path, body);
    said.push(JSON.stringify([response.status, [...response.headers], await response.text()]));
  }
  return said;
}

describe('the seed', () => {
  it('with the same clock gives the same ids and answers, and another number gives others', async () => {
    const first = await transcript({ seed: 7, clock: createTestClock() });
    expect(await transcript({ seed: 7, clock: createTestClock() })).toEqual(first);
    expect(await transcript({ seed: { number: 7 }, clock: createTestClock({ seed: 99 }) })).toEqual(first);
    const other = await transcript({ seed: 8, clock: createTestClock() });
    expect(other.filter((answer) => first.includes(answer))).toEqual([]);
  });

  it('gives the same again after reset()', async () => {
    const twig = createTwigMock({ clock: createTestClock() });
    const first = await transcript({}, twig);
    twig.reset();
    expect(await transcript({}, twig)).toEqual(first);
  });

  it('gives ids that do not depend on what else was made', async () => {
    const make = async (before: number): Promise<unknown> => {
      const twig = createTwigMock({ clock: createTestClock() });
      for (let i = 0; i < before; i++) await send(twig, 'POST', '/query', question);
      return (await send(twig, 'POST', '/agents', { name: 'A', data_source_ids: [] })).json();
    };
    expect(await make(3)).toEqual(await make(0));
  });

  it('decides which calls a fault meets by chance', async () => {
    const pattern = async (seed: number): Promise<number[]> => {
      const twig = createTwigMock({ seed });
      twig.faults.random('agents.list', 0.5, faults.status(503));
      const seen: number[] = [];
      for (let i = 0; i < 20; i++) seen.push((await send(twig, 'GET', '/agents')).status);
      return seen;
    };
    expect(await pattern(7)).toEqual(await pattern(7));
    expect(await pattern(7)).not.toEqual(await pattern(8));
  });

  it('replaces the fixtures of the collections that it names, and completes what it leaves out', async () => {
    const twig = createTwigMock({
      seed: { agents: [{ id: 'agent_mine' }], interactions: [], answers: { 'Hi?': 'Hello.' } },
    });
    expect(twig.data.agents).toMatchObject([
      { id: 'agent_mine', model: 'gpt-4', status: 'active', data_source_ids: [] },
    ]);
    expect(twig.data.interactions).toEqual([]);
    expect(twig.data.users).toHaveLength(2);
    const answer = await send(twig, 'POST', '/query', { agent_id: 'agent_mine', query: 'Hi?' });
    expect(await answer.json()).toMatchObject({ response: 'Hello.' });
  });

  it('is not touched by what happens to the mock', async () => {
    const agents = [{ id: 'agent_mine', data_source_ids: ['ds_1'] }];
    const twig = createTwigMock({ seed: { agents } });
    twig.data.agents[0]?.data_source_ids.push('ds_2');
    expect(agents).toEqual([{ id: 'agent_mine', data_source_ids: ['ds_1'] }]);
  });

  it.each([
    ['text', 'The seed must be a number or an object.'],
    [{ agent: [] }, 'The seed has an unknown member "agent".'],
    [{ agents: {} }, 'The seed needs "agents" to be an array of objects.'],
    [{ data_sources: [1] }, 'The seed needs "dataSources" to be an array of objects.'],
    [{ answers: [] }, 'The seed has "answers" that are no object of questions and answers.'],
    [{ number: 'one' }, 'The seed has a "number" that is none.'],
  ])('%j is refused with what is wrong', (seed, message) => {
    // @ts-expect-error What a program without types could pass.
    expect(() => createTwigMock({ seed })).toThrow(message);
  });
});

describe('two mocks', () => {
  it('share nothing', async () => {
    const [one, other] = [createTwigMock(), createTwigMock()];
    await send(one, 'DELETE', '/agents/agent_abc123');
    expect(other.data.agents).toHaveLength(2);
    expect(other.requests).toEqual([]);
  });
});

describe('rate limits', () => {
  it('refill as the clock passes, up to the burst', async () => {
    const clock = createTestClock();
    const twig = createTwigMock({ clock, rateLimits: { read: { perMinute: 60, burst: 2 } } });
    const remaining = async (): Promise<string> => {
      const { headers, status } = await send(twig, 'GET', '/agents');
      return `${status} ${headers.get('x-ratelimit-remaining')}`;
    };
    expect([await remaining(), await remaining(), await remaining()]).toEqual(['200 1', '200 0', '429 0']);
    await clock.advance(1000);
    expect([await remaining(), await remaining()]).toEqual(['200 0', '429 0']);
    await clock.advance(60_000);
    expect([await remaining(), await remaining(), await remaining()]).toEqual(['200 1', '200 0', '429 0']);
  });

  it('say when the bucket is full again, or, when it is empty, when there is a token', async () => {
    const clock = createTestClock();
    const twig = createTwigMock({ clock, rateLimits: { read: { perMinute: 30, burst: 3 } } });
    const seconds = async (): Promise<number> =>
      Number((await send(twig, 'GET', '/agents')).headers.get('x-ratelimit-reset')) - clock.now() / 1000;
    expect([await seconds(), await seconds(), await seconds(), await seconds()]).toEqual([2, 4, 2, 2]);
  });

  it('are counted for each key and scope alone', async () => {
    const twig = createTwigMock({ clock: createTestClock(), rateLimits: { read: { perMinute: 1 } } });
    expect((await send(twig, 'GET', '/agents')).status).toBe(200);
    expect((await send(twig, 'GET', '/agents')).status).toBe(429);
    expect((await send(twig, 'GET', '/users')).status).toBe(200);
    const other = new Request('https://api.twig.so/api/v1/agents', { headers: { authorization: 'Bearer other' } });
    expect((await getResponse(twig.handlers, other))?.status).toBe(200);
  });

  it('are gone, with their headers, when turned off', async () => {
    const twig = createTwigMock({ rateLimits: false });
    for (let i = 0; i < 20; i++) {
      const response = await send(twig, 'POST', '/kb', { title: 'T', content: 'C' });
      expect([response.status, response.headers.get('x-ratelimit-limit')]).toEqual([201, null]);
    }
  });
});

describe('latency', () => {
  it('passes before the answer, by the clock', async () => {
    const clock = createTestClock();
    const twig = createTwigMock({ clock, latencyMs: 1000 });
    let status = 0;
    const call = send(twig, 'GET', '/agents').then((response) => {
      status = response.status;
    });
    await clock.advance(999);
    expect(status).toBe(0);
    await clock.advance(1);
    await call;
    expect(status).toBe(200);
  });

  it('passes in tenths before the events of a stream', async () => {
    const clock = createTestClock();
    const twig = createTwigMock({ clock, latencyMs: 1000 });
    const call = send(twig, 'POST', '/query', { ...question, stream: true });
    await clock.advance(1000);
    const reader = (await call).body?.getReader();
    const first = reader?.read();
    await clock.advance(0);
    expect(clock.nextAt).toBe(clock.now() + 100);
    await clock.advance(100);
    expect(new TextDecoder().decode((await first)?.value)).toBe('event: delta\ndata: {"delta":"Our "}\n\n');
    await reader?.cancel();
  });

  it('ends when the caller gives up', async () => {
    const clock = createTestClock();
    const twig = createTwigMock({ clock, latencyMs: 1000 });
    const stop = new AbortController();
    const call = send(twig, 'GET', '/agents', undefined, stop.signal);
    await clock.advance(10);
    stop.abort();
    expect((await call).type).toBe('error');
    expect(clock.pending).toBe(0);
  });
});

describe('a call that is never answered', () => {
  it('is let go when the caller gives up', async () => {
    const twig = createTwigMock();
    twig.faults.next('agents.list', faults.timeout());
    const stop = new AbortController();
    const call = send(twig, 'GET', '/agents', undefined, stop.signal);
    await until(() => twig.requests.length > 0);
    stop.abort();
    expect((await call).type).toBe('error');
  });
});

describe('webhook()', () => {
  it('gives a signed request in the shape of the wire', async () => {
    const twig = createTwigMock({ clock: createTestClock() });
    const request = await twig.webhook(
      'interaction.completed',
      { interactionId: 'int_1', agent_id: 'agent_1' },
      { secret: 'whsec', url: 'https://example.com/hook' },
    );
    const body = await request.text();
    expect(JSON.parse(body)).toEqual({
      event: 'interaction.completed',
      timestamp: '2024-01-15T10:30:00.000Z',
      data: { interaction_id: 'int_1', agent_id: 'agent_1' },
    });
    expect([request.method, request.url]).toEqual(['POST', 'https://example.com/hook']);
    const hmac = createHmac('sha256', 'whsec').update(body).digest('hex');
    expect(request.headers.get('x-twig-signature')).toBe(`sha256=${hmac}`);
  });

  it('is accepted by a handler with the secret, and by no other', async () => {
    const twig = createTwigMock();
    const seen: unknown[] = [];
    const handler = createWebhookHandler({ secret: 'whsec', fallback: (event) => void seen.push(event) });
    const deliver = async (secret: string): Promise<number> =>
      (await handler(await twig.webhook('agent.updated', { agentId: 'agent_1' }, { secret }))).status;
    expect(await deliver('whsec')).toBe(200);
    expect(await deliver('else')).toBe(400);
    expect(seen).toMatchObject([{ event: 'agent.updated', data: { agentId: 'agent_1' } }]);
  });
});
