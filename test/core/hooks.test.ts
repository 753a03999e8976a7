/** Hooks: observers that see each step of a call, no secret, and cannot disturb it. */

import type { Hooks, TwigError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { expect, it } from 'vitest';
import { inTurn, json, rejection, scriptedClient } from '../support/client.ts';

const KEY = 'twigsk_live_TopSecret0123456789';
const agent = { id: 'a', name: 'x' };

/** Hooks that note what they are told. */
function recorder() {
  const told: [string, Record<string, unknown>][] = [];
  const note = (name: string) => (info: object) => void told.push([name, { ...info }]);
  const hooks: Hooks = {
    onRequest: note('request'),
    onResponse: note('response'),
    onRetry: note('retry'),
    onError: note('error'),
  };
  return { told, hooks };
}

it('tells each step in its order, with operation, attempt, status, wait and error', async () => {
  const { told, hooks } = recorder();
  const clock = createTestClock();
  clock.random = () => 0.5;
  const { client } = scriptedClient(
    inTurn(
      () => json({}, 503, { 'x-request-id': 'req_1' }),
      () => json({}, 404),
    ),
    { hooks, clock, apiKey: KEY },
  );
  const failed = rejection(client.agents.get('a'));
  await clock.advance(1000);
  const error = await failed;
  const request = { operation: 'agents.get', method: 'GET', url: 'https://api.twig.so/api/v1/agents/a' };
  expect(told).toEqual([
    ['request', { ...request, attempt: 1, headers: expect.any(Object) }],
    [
      'response',
      { ...request, attempt: 1, headers: expect.any(Object), status: 503, requestId: 'req_1', durationMs: 0 },
    ],
    ['retry', { operation: 'agents.get', attempt: 1, delayMs: 250, error: expect.objectContaining({ status: 503 }) }],
    ['request', { ...request, attempt: 2, headers: expect.any(Object) }],
    [
      'response',
      { ...request, attempt: 2, headers: expect.any(Object), status: 404, requestId: undefined, durationMs: 0 },
    ],
    ['error', { operation: 'agents.get', error }],
  ]);
});

it('tells with an error how long the call has taken so far, and of which attempt it is, for good', async () => {
  const clock = createTestClock();
  clock.random = () => 0.5;
  const kept: TwigError[] = [];
  const durations: unknown[] = [];
  const keep = ({ error }: { error: TwigError }): void => {
    kept.push(error);
    durations.push(error.meta?.durationMs);
  };
  const answer = (status: number, id: string) => () =>
    clock.sleep(100).then(() => json({}, status, { 'x-request-id': id }));
  const { client } = scriptedClient(inTurn(answer(503, 'one'), answer(502, 'two'), answer(404, 'three')), {
    clock,
    hooks: { onRetry: keep, onError: keep },
  });
  const failed = rejection(client.agents.get('a'));
  await clock.advance(10_000);
  expect(await failed).toBe(kept[2]);
  // 100 ms an attempt; the waits are half of 500 and of 1,000 ms.
  expect(durations).toEqual([100, 450, 1050]);
  expect(kept.map(({ meta }) => [meta?.status, meta?.requestId, meta?.durationMs, meta?.attempts.length])).toEqual([
    [503, 'one', 100, 1],
    [502, 'two', 450, 2],
    [404, 'three', 1050, 3],
  ]);
  expect(kept.map(({ meta }) => meta?.headers?.get('x-request-id'))).toEqual(['one', 'two', 'three']);
});

it('shows headers without secrets', async () => {
  const { told, hooks } = recorder();
  const headers = { cookie: `key=${KEY}`, 'X-Api-Key': KEY, 'Idempotency-Key': 'order-7' };
  const { client } = scriptedClient(() => json(agent), { hooks, apiKey: KEY, headers });
  await client.agents.update('a', { name: 'x' });
  expect(told[0]?.[1].headers).toEqual({
    accept: 'application/json',
    'content-type': 'application/json',
    'idempotency-key': 'order-7',
    'user-agent': expect.stringMatching(/^twig-sdk-js\/\d/),
  });
  expect(JSON.stringify(told)).not.toContain(KEY);
});

it('names a call of request() by its method and path', async () => {
  const { told, hooks } = recorder();
  const { client } = scriptedClient(() => json({}), { hooks });
  await client.request('DELETE', '/api/v1/x');
  expect(told[0]?.[1].operation).toBe('DELETE /api/v1/x');
});

it('tells the error of a call that was never sent', async () => {
  const { told, hooks } = recorder();
  const { client } = scriptedClient(() => json({}), { hooks });
  await rejection(client.agents.get(''));
  expect(told).toEqual([
    ['error', { operation: 'agents.get', error: expect.objectContaining({ code: 'invalid_arguments' }) }],
  ]);
});

it.each(['throw', 'reject'] as const)('logs what hooks %s, and goes on', async (way) => {
  const fail = (): unknown => {
    if (way === 'throw') throw new Error('a broken hook');
    return Promise.reject(new Error('a broken hook'));
  };
  const lines: unknown[][] = [];
  const write = (...line: unknown[]) => void lines.push(line);
  const clock = createTestClock();
  const { client } = scriptedClient(
    inTurn(
      () => json({}, 503),
      () => json(agent),
      () => json({}, 404),
    ),
    {
      clock,
      hooks: { onRequest: fail, onResponse: fail, onRetry: fail, onError: fail },
      logger: { error: write, warn: write, info: write, debug: write },
      logLevel: 'error',
    },
  );
  const done = client.agents.get('a');
  await clock.advance(1000);
  expect(await done).toMatchObject(agent);
  expect(await rejection(client.agents.get('a'))).toMatchObject({ status: 404 });
  await clock.advance(0);
  // Request, response, retry, request, response; then request, response, error.
  expect(lines).toHaveLength(8);
  for (const line of lines)
    expect(line).toEqual(['[twig] a hook threw', expect.objectContaining({ message: 'a broken hook' })]);
});
