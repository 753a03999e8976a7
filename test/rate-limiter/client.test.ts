import type { FetchInit } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTestClock } from '@twig/sdk/testing';
import { expect, it } from 'vitest';
import { json, scriptedClient, sse } from '../support/client.ts';

const answer = { response: 'Hello', agent_id: 'agent_1' };
const question = { agentId: 'agent_1', query: 'Hello?' };
const refused = json({ error: { code: 'rate_limit_exceeded', message: 'Slow down.' } }, 429, { 'retry-after': '10' });

it('waits once for a 429: the limiter does, the retry does not', async () => {
  const clock = createTestClock();
  const start = clock.now();
  const at: number[] = [];
  const { client } = scriptedClient(
    (_sent, index) => {
      at.push(clock.now() - start);
      return index === 0 ? refused.clone() : json(answer);
    },
    { clock, rateLimiter: new RateLimiter({ clock }) },
  );
  const call = client.query(question);
  await clock.advance(12_000);
  await call;
  expect(at).toEqual([0, expect.any(Number)]);
  expect(at[1]).toBeGreaterThanOrEqual(10_000);
  expect(at[1]).toBeLessThanOrEqual(11_000);
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
