/** Whichever door a call takes, it meets the same mock, and its caller sees the same. */

import { TwigAbortError, TwigClient, type TwigClientOptions, TwigTimeoutError } from '@twig/sdk';
import { createTestClock, type Fault, faults, type TwigMockOptions } from '@twig/sdk/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type Door, doors } from './doors.ts';

const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };

describe.each(Object.entries(doors))('through %s', (_, open) => {
  const opened: Door[] = [];
  afterEach(async () => {
    for (const door of opened.splice(0)) await door.close();
  });

  async function enter(options?: TwigMockOptions, clientOptions?: TwigClientOptions) {
    const door = await open(options);
    opened.push(door);
    const { baseUrl, fetch } = door;
    const client = new TwigClient({
      apiKey: 'twigsk_test_x',
      baseUrl,
      fetch,
      logLevel: 'off',
      maxRetries: 0,
      ...clientOptions,
    });
    return { ...door, client };
  }

  it('what is created is listed, changed and deleted', async () => {
    const { client, twig } = await enter();
    const { id } = await client.agents.create({ name: 'Mine', dataSourceIds: ['ds_1'] });
    await client.agents.update(id, { name: 'Changed' });
    expect((await client.agents.list()).data.map(({ name }) => name)).toContain('Changed');
    await client.agents.delete(id);
    await expect(client.agents.get(id)).rejects.toMatchObject({ status: 404, code: 'not_found' });
    expect(twig.requests.map(({ operation }) => operation)).toEqual([
      'agents.create',
      'agents.update',
      'agents.list',
      'agents.delete',
      'agents.get',
    ]);
    expect(twig.requests[0]).toMatchObject({ method: 'POST', body: { name: 'Mine', data_source_ids: ['ds_1'] } });
  });

  it('an answer is the same whole and streamed, and either can be continued', async () => {
    const { client, twig } = await enter();
    const whole = await client.query(question);
    const stream = await client.query({ ...question, sessionId: whole.sessionId, stream: true });
    const streamed = await stream.finalResponse();
    expect(whole.sessionId).toMatch(/^sess_/);
    expect([streamed.sessionId, streamed.response]).toEqual([whole.sessionId, whole.response]);
    const again = await client.query({ ...question, sessionId: streamed.sessionId });
    expect(again.sessionId).toBe(whole.sessionId);
    expect(new Set(twig.data.interactions.slice(-3).map(({ session_id }) => session_id))).toEqual(
      new Set([whole.sessionId]),
    );
  });

  it('ids arrive decoded', async () => {
    const { client } = await enter({ seed: { agents: [{ id: 'agent/ü 1' }] } });
    expect((await client.agents.get('agent/ü 1')).id).toBe('agent/ü 1');
  });

  it('what is not in the API is answered 404, and noted', async () => {
    const { client, twig } = await enter();
    await expect(client.request('GET', '/api/v1/nothing')).rejects.toMatchObject({ status: 404 });
    await expect(client.request('PATCH', '/api/v1/agents')).rejects.toMatchObject({ status: 404 });
    expect(twig.requests.map(({ operation }) => operation)).toEqual([undefined, undefined]);
  });

  const seen: [name: string, fault: Fault, error: object][] = [
    ['status', faults.status(503), { name: 'TwigServiceUnavailableError', code: 'service_unavailable' }],
    ['rateLimit', faults.rateLimit({ retryAfter: 7 }), { name: 'TwigRateLimitError', retryAfterMs: 7000 }],
    ['htmlError', faults.htmlError(), { name: 'TwigServerError', status: 502 }],
    ['disconnect', faults.disconnect(), { name: 'TwigConnectionError', phase: 'headers' }],
    ['disconnect within', faults.disconnect({ afterBytes: 50 }), { name: 'TwigConnectionError', phase: 'stream' }],
    ['truncateStream', faults.truncateStream(), { name: 'TwigStreamError', code: 'truncated' }],
    ['malformedEvent', faults.malformedEvent(), { name: 'TwigStreamError', code: 'malformed_event' }],
    ['errorEvent', faults.errorEvent(), { name: 'TwigServerError', code: 'internal_error' }],
  ];
  it.each(seen)('the fault %s is told as what it is, and the next call comes whole', async (_name, fault, error) => {
    const { client, twig } = await enter();
    const ask = async () => (await client.query({ ...question, stream: true })).finalResponse();
    twig.faults.next('query', fault);
    await expect(ask()).rejects.toMatchObject(error);
    expect((await ask()).response).toContain('30 days');
  });

  it('a buffered body that breaks off is an error too', async () => {
    const { client, twig } = await enter();
    twig.faults.next('agents.list', faults.disconnect({ afterBytes: 20 }));
    await expect(client.agents.list()).rejects.toMatchObject({ name: 'TwigConnectionError', phase: 'body' });
  });

  it('a call that is never answered runs out of time', async () => {
    const { client, twig } = await enter();
    twig.faults.next('agents.list', faults.timeout());
    await expect(client.agents.list({}, { timeoutMs: 50 })).rejects.toBeInstanceOf(TwigTimeoutError);
  });

  it('a redirect is followed to where it leads', async () => {
    const { client, twig } = await enter();
    twig.faults.next('users.list', faults.status(307, { headers: { location: '/api/v1/agents' } }));
    expect(await client.request('GET', '/api/v1/users')).toMatchObject({ agents: [{}, {}] });
    expect(twig.requests.map(({ operation }) => operation)).toEqual(['users.list', 'agents.list']);
  });

  it('a signal that has aborted sends nothing', async () => {
    const { client, twig } = await enter();
    await expect(client.agents.list({}, { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(TwigAbortError);
    expect(twig.requests).toEqual([]);
  });

  it('giving up while the mock waits is told at once, and the mock waits no longer', async () => {
    const { client, clock } = await enter({ latencyMs: 60_000 });
    const stop = new AbortController();
    const call = client.agents.list({}, { signal: stop.signal });
    await expect.poll(() => clock.pending).toBe(1);
    stop.abort();
    await expect(call).rejects.toBeInstanceOf(TwigAbortError);
    await expect.poll(() => clock.pending).toBe(0);
  });

  /** A stream whose first event has come, and whose second one the mock holds back. */
  async function underWay(clientOptions?: TwigClientOptions, signal?: AbortSignal) {
    const entered = await enter({}, clientOptions);
    const { client, clock, twig } = entered;
    twig.faults.next('query', faults.slowStream({ delayMs: 30_000 }));
    const asking = client.query({ ...question, stream: true }, { signal });
    const reading = asking.then((stream) => {
      const events = stream[Symbol.asyncIterator]();
      return { stream, events, first: events.next() };
    });
    await expect.poll(() => clock.pending).toBe(1);
    // Behind MSW the headers come with the first event.
    await clock.advance(30_000);
    const { events, first, stream } = await reading;
    expect((await first).value).toEqual({ type: 'delta', text: 'Our ' });
    let hasCome = false;
    const second = events.next().finally(() => {
      hasCome = true;
    });
    second.catch(() => {});
    await expect.poll(() => clock.pending).toBe(1);
    expect(hasCome).toBe(false);
    return { ...entered, stream, events, second };
  }

  it('events come when the clock says so', async () => {
    const { clock, events, second } = await underWay();
    await clock.advance(30_000);
    expect((await second).value).toEqual({ type: 'delta', text: 'refund ' });
    await events.return?.();
    await expect.poll(() => clock.pending).toBe(0);
  });

  it('an abort ends a stream under way, and the mock notices', async () => {
    const { client, clock, second, stream } = await underWay();
    stream.abort();
    await expect(second).rejects.toBeInstanceOf(TwigAbortError);
    await expect.poll(() => clock.pending).toBe(0);
    expect((await client.agents.list()).data).toHaveLength(2);
  });

  it('the signal ends a stream under way, and the mock notices', async () => {
    const stop = new AbortController();
    const { client, clock, second } = await underWay({}, stop.signal);
    stop.abort();
    await expect(second).rejects.toBeInstanceOf(TwigAbortError);
    await expect.poll(() => clock.pending).toBe(0);
    expect((await client.agents.list()).data).toHaveLength(2);
  });

  it('an idle limit ends a stream that is too slow, and the mock notices', async () => {
    const clientClock = createTestClock();
    const { clock, second } = await underWay({ clock: clientClock, streamIdleTimeoutMs: 500 });
    await clientClock.advance(500);
    await expect(second).rejects.toBeInstanceOf(TwigTimeoutError);
    await expect.poll(() => clock.pending).toBe(0);
  });
});
