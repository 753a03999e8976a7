/**
 * Many calls at once against a server with random faults: every one settles, every success is exact. What befalls a
 * question is drawn from its number and from how often it has come, so that each run has the same faults.
 */

import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TwigClient, TwigError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

const SEED = 42;
const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const answerTo = (query: string): string => `Answer to ${query}: ${'naïve 🙂 '.repeat(20)}`;

/** How often each question has come. */
const visits = new Map<string, number>();

/** The draws for a question that has come once more; not those of its neighbours, which come in any order. */
function drawsFor(query: string): () => number {
  const visit = (visits.get(query) ?? 0) + 1;
  visits.set(query, visit);
  const seed = createHash('sha256').update(`${SEED} ${query} ${visit}`).digest().readInt32BE();
  return createTestClock({ seed }).random;
}

/** One fault in three; the rest answer. */
function respond(response: ServerResponse, query: string, isStream: boolean): void {
  const random = drawsFor(query);
  const draw = random();
  const text = answerTo(query);
  if (draw < 0.06) return void response.destroy();
  if (draw < 0.12) return void response.writeHead(503, { 'retry-after': '0' }).end('{"error":"busy"}');
  if (draw < 0.16) return void response.writeHead(429, { 'retry-after-ms': '5' }).end();
  if (draw < 0.2) return void response.writeHead(502, { 'content-type': 'text/html' }).end('<html>');
  if (isStream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const half = Math.floor(text.length / 2);
    response.write(event('delta', { delta: text.slice(0, half) }));
    if (draw < 0.26) return void setTimeout(() => response.destroy(), 2);
    if (draw < 0.32) return void response.end();
    return void setTimeout(
      () => response.end(event('delta', { delta: text.slice(half) }) + event('done', {})),
      random() * 10,
    );
  }
  const body = Buffer.from(
    JSON.stringify({ response: text, sources: [], metadata: { interaction_id: 'i', latency_ms: 1 } }),
  );
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
  if (draw < 0.3) return void response.write(body.subarray(0, 50), () => response.destroy());
  setTimeout(() => response.end(body), random() * 10);
}

const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { query, stream } = JSON.parse(text) as { query: string; stream?: boolean };
  respond(response, query, stream === true);
});
let client: TwigClient;
beforeAll(async () => {
  // All connect at once: with the usual backlog of 511 the others would wait for their SYN to be sent again.
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  client = new TwigClient({ apiKey: 'twigsk_test_x', baseUrl, logLevel: 'off', timeoutMs: 120_000 });
});
afterAll(() => {
  server.close();
  server.closeAllConnections();
});

it('2,000 queries and 500 streams at once: every call settles, and no success is half of one', async () => {
  const questions = Array.from({ length: 2500 }, (_, i) => `question ${i}`);
  const settled = await Promise.allSettled(
    questions.map(async (query, i) => {
      if (i % 5) return (await client.query({ agentId: 'a', query })).response;
      const stream = await client.query({ agentId: 'a', query, stream: true });
      let text = '';
      for await (const piece of stream.textStream) text += piece;
      expect((await stream.finalResponse()).response).toBe(text);
      return text;
    }),
  );
  let good = 0;
  settled.forEach((result, i) => {
    if (result.status === 'fulfilled') {
      good++;
      expect(result.value).toBe(answerTo(questions[i] ?? ''));
    } else expect(result.reason).toBeInstanceOf(TwigError);
  });
  expect(good).toBeGreaterThan(1200);
  expect(good).toBeLessThan(2500);
});
