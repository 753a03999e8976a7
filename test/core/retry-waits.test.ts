/** Between attempts: the wait, what is kept of each attempt, and what is given up. */

import { type TwigAPIError, TwigNotFoundError, TwigServerError, TwigTimeoutError } from '@twig/sdk';
import { createTestClock, type TestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { fetchFailure, inTurn, json, rejection, type Script, scriptedClient } from '../support/client.ts';

const agent = { id: 'agent_1', name: 'x' };
const refused = fetchFailure('ECONNREFUSED');

/** A clock whose every draw is this. */
function clockDrawing(draw: number): TestClock {
  const clock = createTestClock();
  clock.random = () => draw;
  return clock;
}

describe('the wait', () => {
  it('doubles from 500 ms to 8 s at most, and any part of that is drawn', async () => {
    for (const [draw, expected] of [
      [0.5, [0, 250, 500, 1000, 2000, 4000, 4000]],
      [0, [0, 0, 0, 0, 0, 0, 0]],
      [0.999, [0, 499.5, 999, 1998, 3996, 7992, 7992]],
    ] as const) {
      const clock = clockDrawing(draw);
      const { client } = scriptedClient(() => json({}, 500), { clock, maxRetries: 6 });
      const failed = rejection(client.agents.get('a'));
      await clock.advance(60_000);
      const { meta } = (await failed) as TwigAPIError;
      expect(meta?.attempts.map(({ delayMs }) => Math.round(delayMs * 10) / 10)).toEqual(expected);
    }
  });

  it('is over before the next attempt, and not before', async () => {
    const clock = clockDrawing(0.5);
    const { client, sent } = scriptedClient(
      inTurn(
        () => json({}, 500),
        () => json(agent),
      ),
      { clock },
    );
    const done = client.agents.get('a');
    await clock.advance(249);
    expect(sent).toHaveLength(1);
    await clock.advance(1);
    expect(sent).toHaveLength(2);
    expect(await done).toMatchObject(agent);
    expect(clock.pending).toBe(0);
  });

  it('that would reach the deadline is not begun', async () => {
    const clock = clockDrawing(0.5);
    const { client, sent } = scriptedClient(() => json({}, 500), { clock, deadlineMs: 700, maxRetries: 9 });
    const failed = rejection(client.agents.get('a'));
    await clock.advance(250);
    // The second wait, 500 ms, would end at 750.
    expect(await failed).toBeInstanceOf(TwigServerError);
    expect(sent).toHaveLength(2);
    expect(clock.now()).toBe(Date.UTC(2024, 0, 15, 10, 30) + 250);
    expect(clock.pending).toBe(0);
  });
});

describe('the record of attempts', () => {
  it('is in meta of the success, the last one included', async () => {
    const clock = clockDrawing(0.5);
    const script = inTurn(
      () => json({ error: { code: 'busy' } }, 503, { 'x-request-id': 'req_1' }),
      refused,
      () => json(agent, 200, { 'x-request-id': 'req_3' }),
    );
    const { client } = scriptedClient(script, { clock });
    const done = client.agents.get('a').withResponse();
    await clock.advance(5000);
    const { meta } = await done;
    expect(meta.attempts).toEqual([
      { status: 503, error: 'busy', delayMs: 0, requestId: 'req_1' },
      { error: 'connection_failed', delayMs: 250 },
      { status: 200, delayMs: 500, requestId: 'req_3' },
    ]);
    expect(meta).toMatchObject({ status: 200, requestId: 'req_3', durationMs: 750 });
  });

  it('is in meta of the error', async () => {
    const clock = clockDrawing(0);
    const { client } = scriptedClient(
      inTurn(
        () => json({}, 500),
        () => json({}, 404),
      ),
      { clock },
    );
    const failed = rejection(client.agents.get('a'));
    const error = (await failed) as TwigNotFoundError;
    expect(error).toBeInstanceOf(TwigNotFoundError);
    expect(error.meta?.attempts.map(({ status, error: code }) => [status, code])).toEqual([
      [500, 'internal_error'],
      [404, 'not_found'],
    ]);
  });

  it('has a fresh time limit in each attempt', async () => {
    const clock = clockDrawing(0.5);
    const { client, sent } = scriptedClient(() => new Promise(() => {}), { clock, timeoutMs: 1000 });
    const failed = rejection(client.agents.get('a'));
    await clock.advance(1000 + 250 + 1000 + 500 + 999);
    expect(sent).toHaveLength(3);
    await clock.advance(1);
    const error = (await failed) as TwigTimeoutError;
    expect(error).toBeInstanceOf(TwigTimeoutError);
    expect(error.meta?.attempts.map(({ error: code }) => code)).toEqual(['timeout', 'timeout', 'timeout']);
    expect(error.meta?.durationMs).toBe(3750);
    expect(sent.map(({ init }) => init.signal.aborted)).toEqual([true, true, true]);
  });
});

it('cancels the body of every answer that it gives up', async () => {
  const clock = createTestClock();
  const cancelled: number[] = [];
  const script: Script = (_sent, index) =>
    index === 2
      ? json(agent)
      : new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
            cancel: () => void cancelled.push(index),
          }),
          { status: 503 },
        );
  const { client } = scriptedClient(script, { clock });
  const done = client.agents.get('a');
  await clock.advance(10_000);
  await done;
  expect(cancelled).toEqual([0, 1]);
});
