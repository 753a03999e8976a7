/** What must not be sent again, and how much may be when everything fails. */

import { TwigConnectionError, TwigError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { rejection } from '../support/client.ts';
import { httpServer, rawServer, sendJson } from './fault-server.ts';
import { answer, impatient, patient, question } from './support.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

describe('a POST', () => {
  it('has the same key and the same bytes with every attempt, and another key with every call', async () => {
    await using server = await httpServer((response) => sendJson(response, {}, 503));
    const client = server.client(impatient());
    const params = { ...question, query: 'Ünï — 🌳?' };
    await rejection(client.query(params));
    await rejection(client.query(params));
    const keys = server.arrivals.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(UUID);
    expect(keys[3]).toMatch(UUID);
    expect(keys[0]).not.toBe(keys[3]);
    expect(keys).toEqual([keys[0], keys[0], keys[0], keys[3], keys[3], keys[3]]);
    expect(new Set(server.arrivals.map(({ body }) => body))).toEqual(
      new Set(['{"agent_id":"agent_1","query":"Ünï — 🌳?"}']),
    );
  });

  const losses: [string, string][] = [
    ['before any answer', ''],
    ['inside the headers', 'HTTP/1.1 200 OK\r\ncontent-'],
    ['inside the body', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{'],
  ];

  it.each(losses)('is not sent again when it may have arrived: reset %s', async (_where, sent) => {
    await using server = await rawServer((socket) => socket.write(sent, () => socket.resetAndDestroy()));
    const error = await rejection(server.client(impatient()).query(question));
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(server.arrivals).toHaveLength(1);
  });

  it('is not sent again when it may have arrived: timed out', async () => {
    await using server = await rawServer();
    const { options } = patient();
    const failed = rejection(server.client({ ...options, timeoutMs: 50 }).query(question));
    await server.arrived(1);
    await options.clock.advance(60_000);
    expect(await failed).toMatchObject({ code: 'timeout' });
    expect(server.arrivals).toHaveLength(1);
  });

  it.each(losses)('is sent again where retryAmbiguous allows it: reset %s', async (_where, sent) => {
    await using server = await rawServer((socket) => socket.write(sent, () => socket.resetAndDestroy()));
    await rejection(server.client(impatient()).query(question, { retryAmbiguous: true }));
    expect(server.arrivals).toHaveLength(3);
  });

  it('is not what a GET is: that is sent again', async () => {
    await using server = await rawServer((socket) => socket.resetAndDestroy());
    await rejection(server.client(impatient()).agents.get('agent_1'));
    expect(server.arrivals).toHaveLength(3);
  });
});

describe('many calls', () => {
  it('do not triple the traffic of a dead server, and a lone call keeps its two retries', async () => {
    await using server = await httpServer((response) => sendJson(response, {}, 503));
    const client = server.client({ clock: { ...systemClock, random: () => 0 } });
    const storm = Array.from({ length: 200 }, () => rejection(client.query(question)));
    const errors = await Promise.all(storm);
    expect(errors.every((error) => error instanceof TwigError)).toBe(true);
    // 200 calls, the 50 retries of the budget, and those of the very last call, which is alone by then.
    expect(server.arrivals.length).toBeLessThanOrEqual(252);
    expect(errors.filter((error) => /budget/.test((error as TwigError).hint ?? '')).length).toBeGreaterThan(0);
    server.arrivals.length = 0;
    await rejection(client.query(question));
    expect(server.arrivals).toHaveLength(3);
  });

  it.each([
    ['its own', {}, 0, 500],
    ['what the server asked for', { 'retry-after': '0.3' }, 300, 330],
  ])('of parallel clients do not come again in lock-step: the wait is %s', async (_whose, headers, least, most) => {
    const known = new Set<unknown>();
    await using server = await httpServer((response, arrival) => {
      const key = arrival.headers['idempotency-key'];
      if (known.has(key)) return sendJson(response, answer());
      known.add(key);
      sendJson(response, {}, 503, headers);
    });
    const calls = Array.from({ length: 20 }, () => server.client().query(question).withResponse());
    const delays = (await Promise.all(calls)).map(({ meta }) => meta.attempts[1]?.delayMs ?? Number.NaN);
    expect(new Set(delays).size).toBe(20);
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...delays)).toBeLessThanOrEqual(most);
    // Twenty equal draws that fall into a quarter of the range: less than one in 10^9.
    expect(Math.max(...delays) - Math.min(...delays)).toBeGreaterThan((most - least) / 4);
  });
});
