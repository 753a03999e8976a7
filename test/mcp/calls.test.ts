/** What happens while a tool runs: progress, cancellation, and faults told in words for a model. */

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTestClock, type Fault, faults } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { inTurn, json, sse } from '../support/client.ts';
import { fakeServer, KEY, type Told, textOf } from './fake-server.ts';

const ASK = { agentId: 'agent_abc123', question: 'What is your refund policy?' };

describe('progress', () => {
  const asked = async (progressToken: string | number | undefined, delayMs: number): Promise<Told[]> => {
    const clock = createTestClock();
    const server = fakeServer({ clock, mock: { clock } });
    server.twig.faults.next('query', faults.slowStream({ delayMs }));
    const told: Told[] = [];
    const notify = async ({ params }: { params: Told }): Promise<void> => void told.push(params);
    let isDone = false;
    const result = server.call('ask_agent', ASK, { notify, _meta: { progressToken } }).finally(() => (isDone = true));
    while (!isDone) await clock.advance(10);
    expect((await result).isError).toBeUndefined();
    return told;
  };

  it('rises with the answer, and says of no total', async () => {
    const told = await asked(0, 200);
    expect(told.length).toBeGreaterThan(10);
    for (const [at, { progress }] of told.entries()) expect(progress).toBeGreaterThan(told[at - 1]?.progress ?? 0);
    for (const params of told) expect(Object.keys(params)).toEqual(['progressToken', 'progress', 'message']);
    expect(told[0]?.progressToken).toBe(0);
  });

  it('is told at most ten times a second', async () => {
    const [slow, fast] = [await asked('a', 100), await asked('a', 10)];
    expect(slow.length).toBeGreaterThan(10);
    expect(fast.length).toBeLessThanOrEqual(Math.ceil(slow.length / 10) + 1);
  });

  it('is told to nobody who did not ask', async () => {
    expect(await asked(undefined, 200)).toEqual([]);
  });

  it('is no fault where it cannot be told', async () => {
    const notify = (): Promise<void> => Promise.reject(new Error('gone'));
    const result = await fakeServer().call('ask_agent', ASK, { notify, _meta: { progressToken: 1 } });
    expect(result.isError).toBeUndefined();
  });

  it('tells each look at a data source that is waited for', async () => {
    const clock = createTestClock();
    const server = fakeServer({ clock, mock: { clock }, tools: { allow: ['sync'] } });
    const told: Told[] = [];
    const notify = async ({ params }: { params: Told }): Promise<void> => void told.push(params);
    let isDone = false;
    const args = { dataSourceId: server.twig.data.dataSources[0]?.id, wait: true };
    const result = server
      .call('sync_source', args, { notify, _meta: { progressToken: 1 } })
      .finally(() => (isDone = true));
    while (!isDone) await clock.advance(500);
    expect((await result).structuredContent).toMatchObject({ status: 'active', progressPct: 100 });
    expect(told.map(({ progress }) => progress)).toEqual(told.map((_, at) => at + 1));
    expect(told.at(0)?.message).toMatch(/%$/);
  });
});

describe('cancellation', () => {
  it('ends the call', async () => {
    const cancel = new AbortController();
    const server = fakeServer();
    server.twig.faults.next('query', faults.timeout());
    const result = server.call('ask_agent', ASK, { signal: cancel.signal });
    await expect.poll(() => server.twig.requests.length).toBe(1);
    cancel.abort();
    expect(textOf(await result)).toContain('cancelled');
  });
});

describe('what is told of a fault', () => {
  const told = async (...armed: Fault[]): Promise<string> => {
    const server = fakeServer();
    for (const fault of armed) server.twig.faults.next('query', fault);
    const result = await server.call('ask_agent', ASK);
    expect(result).toMatchObject({ isError: true });
    expect(result.structuredContent).toBeUndefined();
    return textOf(result);
  };
  const id = /request id: \S+\)/;

  it.each([
    ['401', faults.status(401), 'has to give it another key', 'code: unauthorized'],
    ['403', faults.status(403), 'may not do this', 'code: forbidden'],
    ['404', faults.status(404), 'list_agents tells', 'code: not_found'],
    ['429', faults.rateLimit({ retryAfter: 7 }), 'Ask again in 7 s', 'code: rate_limit'],
    ['503', faults.status(503, { retryAfter: 90 }), 'Ask again in 90 s', 'code: service_unavailable'],
    ['500', faults.status(500), 'Ask again in a minute', 'code: internal_error'],
    ['an error event', faults.errorEvent({ afterEvents: 3 }), 'This is a fault of Twig', 'What had come of the answer'],
    [
      'a stream that ends early',
      faults.truncateStream({ afterEvents: 3 }),
      'Ask again.',
      'What had come of the answer',
    ],
    ['a stream that breaks', faults.disconnect({ afterBytes: 300 }), 'Ask again.', 'What had come of the answer'],
    ['a stream that makes no sense', faults.malformedEvent({ afterEvents: 3 }), 'Ask again.', 'code: malformed_event'],
  ])('%s: what to do, the code, and the request id', async (_, fault, ...words) => {
    const text = await told(fault);
    for (const word of words) expect(text).toContain(word);
    expect(text).toMatch(id);
    expect(text).not.toMatch(/undefined|partialResponse|signal|retryAmbiguous/);
  });

  it('half an answer is fenced, and is called no whole', async () => {
    const text = await told(faults.truncateStream({ afterEvents: 4 }));
    expect(text).toMatch(/which is not the whole:\n<(data-\w+)>\nOur refund policy allows \n<\/\1>$/);
  });

  it('a limit of time: how long it was, in seconds', async () => {
    const clock = createTestClock();
    const server = fakeServer({ clock, client: { deadlineMs: 120_000, timeoutMs: 200_000 } });
    server.twig.faults.next('query', faults.timeout());
    const result = server.call('ask_agent', ASK);
    await expect.poll(() => server.twig.requests.length).toBe(1);
    await clock.advance(120_000);
    expect(textOf(await result)).toContain('It took longer than 120 s, and was given up.');
  });

  it('the limiter: when to come again, which the headers said', async () => {
    const clock = createTestClock();
    const rateLimiter = new RateLimiter({ clock, maxWaitMs: 1000, limits: { execute: { perMinute: 1, burst: 1 } } });
    const headers = {
      'x-ratelimit-limit': '1',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String(clock.now() / 1000 + 42),
    };
    const stream = (): Response => sse('event: delta\ndata: {"text":"Yes."}\n\nevent: done\ndata: {}\n\n', headers);
    const server = fakeServer({
      clock,
      client: { rateLimiter, fetch: async () => stream() },
    });
    await server.call('ask_agent', ASK);
    const late = server.call('ask_agent', ASK);
    await clock.advance(1000);
    expect(textOf(await late)).toMatch(/^Too much is asked at once.*Ask again in 4[12] s, and less at the same time\./);
  });

  it('a data source that is not ready in time: that it goes on, and that a call would begin anew', async () => {
    const clock = createTestClock();
    const fetch = async (): Promise<Response> => json({ status: 'processing' });
    const server = fakeServer({ clock, client: { fetch }, tools: { allow: ['sync'] } });
    let isDone = false;
    const result = server.call('sync_source', { dataSourceId: 'ds_1', wait: true }).finally(() => (isDone = true));
    while (!isDone) await clock.advance(2000);
    expect(textOf(await result)).toContain(
      'goes on by itself: calling again would begin anew. (code: not_ready_in_time',
    );
  });

  it('a key that is missing', async () => {
    const server = fakeServer({ client: { apiKey: () => undefined } });
    expect(textOf(await server.call('ask_agent', ASK))).toContain('has to be set up first');
    expect(server.twig.requests).toEqual([]);
  });

  it("of what is not the client's, nothing", async () => {
    const fetch = (): never => {
      throw new Error(`with ${KEY}`);
    };
    expect(JSON.stringify(await fakeServer({ client: { fetch } }).call('ask_agent', ASK))).not.toContain(KEY);
  });

  it('never the key, whatever a server echoes', async () => {
    const error = { error: { code: KEY, message: `Bearer ${KEY} is wrong` }, request_id: KEY };
    const event = `event: delta\ndata: {"text":"Yes"}\n\nevent: error\ndata: ${JSON.stringify(error)}\n\n`;
    for (const answer of [
      () => json(error, 401, { 'x-request-id': KEY }),
      () => json(error, 400),
      () => json(error, 429),
      () => sse(event),
      () => new Response(`<html>${KEY}</html>`, { headers: { 'content-type': 'text/html' } }),
      () => Promise.reject(new TypeError(`fetch failed: ${KEY}`)),
    ]) {
      const server = fakeServer({ client: { fetch: async () => inTurn(answer)({} as never, 0) } });
      const result = await server.call('ask_agent', ASK);
      expect(result).toMatchObject({ isError: true });
      expect(JSON.stringify(result)).not.toContain(KEY);
    }
  });
});
