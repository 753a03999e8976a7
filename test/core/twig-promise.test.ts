/** What every method returns: one request, however it is asked. */

import { getEventListeners } from 'node:events';
import { TwigConfigError, TwigNotFoundError, type TwigPromise } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it, vi } from 'vitest';
import { json, rejection, scriptedClient, sse } from '../support/client.ts';

const agent = { id: 'a', name: 'x' };
const headers = { 'x-request-id': 'req_1', 'x-ratelimit-remaining': '7' };

describe('a call', () => {
  it('is sent when the method is called, not when it is awaited', async () => {
    const clock = createTestClock();
    const { client, sent } = scriptedClient(() => json(agent), { clock });
    const call = client.agents.get('a');
    await clock.advance(0);
    expect(sent).toHaveLength(1);
    await call;
  });

  it('is sent once, however often and in whatever way it is awaited', async () => {
    const { client, sent } = scriptedClient(() => json(agent, 200, headers));
    const call = client.agents.get('a');
    const [first, second, { data }] = await Promise.all([call, call, call.withResponse()]);
    expect(await call).toBe(first);
    expect(second).toBe(first);
    expect(data).toBe(first);
    expect(await call.then((value) => value.name)).toBe('x');
    expect(sent).toHaveLength(1);
  });

  it('is a promise in all its ways', async () => {
    const { client } = scriptedClient((sent) => (sent.url.endsWith('/a') ? json(agent) : json({}, 404)));
    const call: Promise<unknown> = client.agents.get('a');
    expect(Object.prototype.toString.call(call)).toBe('[object Promise]');
    let isDone = false;
    const finished = await client.agents.get('a').finally(() => {
      isDone = true;
    });
    expect([finished, isDone]).toEqual([agent, true]);
    expect(await client.agents.get('b').catch((error: unknown) => error)).toBeInstanceOf(TwigNotFoundError);
    expect(await client.agents.get('b').then(undefined, () => 'handled')).toBe('handled');
    const cleaned: string[] = [];
    const error = await rejection(client.agents.get('b').finally(() => void cleaned.push('cleaned')));
    expect([(error as Error).name, cleaned]).toEqual(['TwigNotFoundError', ['cleaned']]);
    expect(await Promise.race([client.agents.get('a')])).toEqual(agent);
    expect((await Promise.allSettled([client.agents.get('b')]))[0]?.status).toBe('rejected');
  });

  it('never throws where it is made: what is wrong comes as a rejection', async () => {
    const { client } = scriptedClient(() => json(agent));
    const calls: TwigPromise<unknown>[] = [
      client.agents.get(''),
      client.query(undefined as never),
      client.request('GET', 'no slash'),
      client.agents.get('a', { maxRetries: -1 }),
      client.agents.list(null as never),
    ];
    for (const call of calls) expect((await rejection(call)) as Error).toBeInstanceOf(Error);
  });
});

describe('withResponse', () => {
  it('gives the data, the response and what is known of the call', async () => {
    const clock = createTestClock();
    const { client } = scriptedClient(() => json(agent, 201, headers), { clock });
    const { data, response, meta } = await client.agents.get('a').withResponse();
    expect(data).toEqual(agent);
    expect(response.status).toBe(201);
    expect(response.bodyUsed).toBe(true);
    expect(meta).toMatchObject({
      requestId: 'req_1',
      status: 201,
      rateLimit: { limit: undefined, remaining: 7, resetAt: undefined },
      attempts: [{ status: 201, delayMs: 0, requestId: 'req_1' }],
      durationMs: 0,
    });
    expect(meta.headers.get('x-request-id')).toBe('req_1');
  });

  it('prefers the request id of the body, in an envelope too', async () => {
    for (const body of [
      { ...agent, request_id: 'req_body' },
      { data: agent, status: 'success', request_id: 'req_body' },
    ]) {
      const { client } = scriptedClient(() => json(body, 200, headers));
      expect((await client.agents.get('a').withResponse()).meta.requestId).toBe('req_body');
    }
  });

  it('rejects as the call does', async () => {
    const { client } = scriptedClient(() => json({}, 404));
    expect(await rejection(client.agents.get('a').withResponse())).toBeInstanceOf(TwigNotFoundError);
  });
});

describe('asResponse', () => {
  it('gives the response with its body unread, the same one when asked again', async () => {
    const { client, sent } = scriptedClient(() => json({ raw_key: 1 }, 202, headers));
    const call = client.agents.get('a');
    const response = await call.asResponse();
    expect(response.bodyUsed).toBe(false);
    expect([response.status, response.headers.get('x-request-id')]).toEqual([202, 'req_1']);
    expect(await call.asResponse()).toBe(response);
    expect(await response.json()).toEqual({ raw_key: 1 });
    expect(sent).toHaveLength(1);
  });

  it('takes the body: asking for data afterwards rejects', async () => {
    const { client } = scriptedClient(() => json(agent));
    const call = client.agents.get('a');
    const response = await call.asResponse();
    expect(await rejection(call)).toBeInstanceOf(TwigConfigError);
    expect(await rejection(call.withResponse())).toBeInstanceOf(TwigConfigError);
    expect(await response.json()).toEqual(agent);
  });

  it('rejects when the data was asked for before', async () => {
    const { client } = scriptedClient(() => json(agent));
    const call = client.agents.get('a');
    const data = call.then((value) => value);
    expect(await rejection(call.asResponse())).toBeInstanceOf(TwigConfigError);
    expect(await data).toEqual(agent);
  });

  it('works when it is asked late: the body is given anew', async () => {
    const clock = createTestClock();
    const { client } = scriptedClient(() => json(agent, 200, headers), { clock });
    const call = client.agents.get('a');
    await clock.advance(0);
    const response = await call.asResponse();
    expect(await response.json()).toEqual(agent);
    expect(response.headers.get('x-request-id')).toBe('req_1');
  });

  it('tells the address that answered, asked at once or late', async () => {
    for (const isLate of [false, true]) {
      const clock = createTestClock();
      const url = 'https://api.twig.so/elsewhere';
      const { client } = scriptedClient(() => Object.defineProperty(json(agent), 'url', { value: url }), { clock });
      const call = client.agents.get('a');
      if (isLate) await clock.advance(0);
      const response = await call.asResponse();
      expect(response.url).toBe(url);
      expect(await response.json()).toEqual(agent);
    }
  });

  it('rejects on an error status like the call itself', async () => {
    const { client } = scriptedClient(() => json({ error: { code: 'gone', message: 'Gone' } }, 404));
    expect(await rejection(client.agents.get('a').asResponse())).toMatchObject({ status: 404, code: 'gone' });
  });

  it('gives bodies that are not JSON, and those that are none', async () => {
    const page = scriptedClient(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }));
    expect(await (await page.client.agents.get('a').asResponse()).text()).toBe('<html>');
    const nothing = scriptedClient(() => new Response(null, { status: 204 }));
    const response = await nothing.client.agents.delete('a').asResponse();
    expect([response.status, response.body]).toEqual([204, null]);
  });

  it('gives the raw bytes of a stream, asked at once or late', async () => {
    const text = ': hi\r\n\r\nevent: delta\ndata: {"delta":"x"}\n\n';
    for (const isLate of [false, true]) {
      const clock = createTestClock();
      const { client } = scriptedClient(() => sse(text), { clock });
      const call = client.query({ agentId: 'a', query: 'q', stream: true });
      if (isLate) await clock.advance(0);
      expect(await (await call.asResponse()).text()).toBe(text);
    }
  });

  it('is under the signal and the deadline to the last byte', async () => {
    for (const end of ['signal', 'deadline']) {
      const clock = createTestClock();
      const controller = new AbortController();
      const { client } = scriptedClient(() => new Response(new ReadableStream()), { clock, deadlineMs: 5000 });
      const response = await client.agents.get('a', { signal: controller.signal }).asResponse();
      const reading = rejection(response.text());
      await clock.advance(1000);
      if (end === 'signal') controller.abort('enough');
      else await clock.advance(4000);
      expect(await reading).toMatchObject(
        end === 'signal' ? { cause: 'enough' } : { limit: 'deadlineMs', phase: 'body' },
      );
      expect(clock.pending).toBe(0);
    }
  });

  it('passes a break of the body on as a connection error', async () => {
    const body = new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) });
    const { client } = scriptedClient(() => new Response(body));
    const response = await client.agents.get('a').asResponse();
    expect(await rejection(response.text())).toMatchObject({ name: 'TwigConnectionError', phase: 'body' });
  });

  it('closes the connection when its body is cancelled', async () => {
    let isCancelled = false;
    const body = new ReadableStream({
      cancel: () => {
        isCancelled = true;
      },
    });
    const { client } = scriptedClient(() => new Response(body));
    await (await client.agents.get('a').asResponse()).body?.cancel();
    expect(isCancelled).toBe(true);
  });

  it('lets go of the signal, the deadline and the place at the limiter when its body is cancelled', async () => {
    const clock = createTestClock();
    const { signal } = new AbortController();
    const release = vi.fn();
    const rateLimiter = { acquire: async () => ({ observe: () => {}, release }) };
    const { client } = scriptedClient(() => new Response(new ReadableStream()), { clock, rateLimiter });
    const response = await client.agents.get('a', { signal, deadlineMs: 5000 }).asResponse();
    const held = (): number[] => [getEventListeners(signal, 'abort').length, clock.pending, release.mock.calls.length];
    expect(held()).toEqual([1, 1, 0]);
    await response.body?.cancel();
    expect(held()).toEqual([0, 0, 1]);
  });
});
