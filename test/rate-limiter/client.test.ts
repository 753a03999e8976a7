import { type FetchInit, TwigConfigError } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTestClock } from '@twig/sdk/testing';
import { expect, it } from 'vitest';
import { json, rejection, scriptedClient, sse } from '../support/client.ts';

const answer = { response: 'Hello', agent_id: 'agent_1' };
const question = { agentId: 'agent_1', query: 'Hello?' };
const refused = json({ error: { code: 'rate_limit_exceeded', message: 'Slow down.' } }, 429, { 'retry-after': '10' });

it('waits once for a 429: the limiter does, the retry does not', async () => {
  const clock = createTestClock();
  const start = clock.now();
  const at: number[] = [];
  const rateLimiter = new RateLimiter({ clock });
  const { client } = scriptedClient(
    (_sent, index) => {
      at.push(clock.now() - start);
      return index === 0 ? refused.clone() : json(answer);
    },
    { clock, rateLimiter },
  );
  const call = client.query(question).withResponse();
  await clock.advance(5000);
  // The retry stands in the limiter's queue already.
  expect(rateLimiter.stats().queued).toBe(1);
  await clock.advance(7000);
  expect((await call).meta.attempts.map(({ delayMs }) => delayMs)).toEqual([0, 0]);
  expect(at).toEqual([0, expect.any(Number)]);
  expect(at[1]).toBeGreaterThanOrEqual(10_000);
  expect(at[1]).toBeLessThanOrEqual(11_000);
});

it('stops the scope as soon as the headers of a 429 name a time, though its body is still to come', async () => {
  const clock = createTestClock();
  const rateLimiter = new RateLimiter({ clock });
  const { client } = scriptedClient(
    () => new Response(new ReadableStream(), { status: 429, headers: { 'retry-after': '10' } }),
    { clock, rateLimiter, maxRetries: 0, timeoutMs: 30_000 },
  );
  const failed = rejection(client.query(question));
  await clock.advance(0);
  expect(rateLimiter.stats()).toMatchObject({ inFlight: 1, scopes: { execute: { pausedUntil: expect.any(Date) } } });
  await clock.advance(30_000);
  expect(await failed).toMatchObject({ status: 429, retryAfterMs: 10_000 });
});

it('stops the scope by what the body of a 429 says when its headers say nothing', async () => {
  const clock = createTestClock();
  const rateLimiter = new RateLimiter({ clock });
  const { client } = scriptedClient(() => json({ error: { message: 'Slow down.', retryAfter: 600 } }, 429), {
    clock,
    rateLimiter,
    maxRetries: 0,
  });
  await rejection(client.query(question));
  const until = rateLimiter.stats().scopes.execute.pausedUntil?.getTime() ?? 0;
  expect(until - clock.now()).toBeGreaterThanOrEqual(600_000);
});

it('fails a call whose priority is unknown, and a client whose limiter is none, with TwigConfigError', async () => {
  const { client } = scriptedClient(() => json(answer), { rateLimiter: new RateLimiter() });
  const wrong = { priority: 'urgent' as 'high' };
  expect(await rejection(client.query(question, wrong))).toBeInstanceOf(TwigConfigError);
  for (const rateLimiter of [{}, new Map()] as RateLimiter[]) {
    expect(() => scriptedClient(() => json(answer), { rateLimiter })).toThrow(TwigConfigError);
  }
});

it('counts the calls of two clients together', async () => {
  const clock = createTestClock();
  const rateLimiter = new RateLimiter({ limits: { execute: { perMinute: 60, burst: 2 } }, clock });
  const clients = [1, 2].map(() => scriptedClient(() => json(answer), { clock, rateLimiter }));
  const calls = clients.flatMap(({ client }) => [client.query(question), client.query(question)]);
  const sent = (): number => clients.reduce((sum, { sent }) => sum + sent.length, 0);
  await clock.advance(0);
  expect(sent()).toBe(2);
  await clock.advance(1000);
  expect(sent()).toBe(3);
  await clock.advance(1000);
  await Promise.all(calls);
});

it('holds the place of a stream until it ends or is left', async () => {
  const clock = createTestClock();
  const rateLimiter = new RateLimiter({ concurrency: 1, clock });
  const done = `event: done\ndata: ${JSON.stringify(answer)}\n\n`;
  const { client, sent } = scriptedClient(
    ({ init }: { init: FetchInit }) =>
      init.headers.accept?.includes('event-stream') ? sse(['data: {"delta":"Hel"}\n\n', done]) : json(answer),
    { clock, rateLimiter },
  );
  const stream = await client.query({ ...question, stream: true });
  const next = client.query(question);
  await clock.advance(1000);
  expect(sent.length).toBe(1);
  for await (const _event of stream) break;
  await next;
  expect(sent.length).toBe(2);
  expect(rateLimiter.stats()).toMatchObject({ queued: 0, inFlight: 0 });
});
