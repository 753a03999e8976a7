/** Limits of time: of an attempt, of a call, and what their errors say. All on a clock that stands still. */

import { type CallOptions, TwigConfigError, TwigConnectionError, TwigTimeoutError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, type Script, scriptedClient } from '../support/client.ts';

const never: Script = () => new Promise<Response>(() => {});
const agent = { id: 'a', name: 'x' };

/** An answer whose headers come, and whose body does not. */
function stalled(status = 200): { answer: Response; isCancelled: () => boolean } {
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":')),
    cancel: () => {
      cancelled = true;
    },
  });
  return { answer: new Response(body, { status }), isCancelled: () => cancelled };
}

describe('timeoutMs', () => {
  it('is a minute by default, and ends an attempt that has no answer', async () => {
    const clock = createTestClock();
    const { client, sent } = scriptedClient(never, { clock, maxRetries: 0 });
    let settled = false;
    const failed = rejection(client.agents.get('a')).finally(() => {
      settled = true;
    });
    await clock.advance(59_999);
    expect(settled).toBe(false);
    await clock.advance(1);
    const error = await failed;
    expect(error).toBeInstanceOf(TwigTimeoutError);
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({ limit: 'timeoutMs', limitMs: 60_000, phase: 'headers', code: 'timeout' });
    expect((error as Error).message).toContain('timeoutMs is 60000 ms');
    expect(sent[0]?.init.signal.aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it('reaches to the last byte of a body', async () => {
    const clock = createTestClock();
    const { client, sent } = scriptedClient(() => stalled().answer, { clock, maxRetries: 0, timeoutMs: 500 });
    const failed = rejection(client.agents.get('a'));
    await clock.advance(500);
    expect(await failed).toMatchObject({ limit: 'timeoutMs', limitMs: 500, phase: 'body', meta: { status: 200 } });
    expect(sent[0]?.init.signal.aborted).toBe(true);
  });

  it('does not hide the status of an error whose body stalls', async () => {
    const clock = createTestClock();
    const { client } = scriptedClient(() => stalled(404).answer, { clock, timeoutMs: 500 });
    const failed = rejection(client.agents.get('a'));
    await clock.advance(500);
    expect(await failed).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('of the call stands before that of the client', async () => {
    const clock = createTestClock();
    const { client } = scriptedClient(never, { clock, maxRetries: 0, timeoutMs: 5 });
    const failed = rejection(client.agents.get('a', { timeoutMs: 90_000 }));
    await clock.advance(90_000);
    expect(await failed).toMatchObject({ limit: 'timeoutMs', limitMs: 90_000 });
  });

  it('includes the time that the key function takes', async () => {
    const clock = createTestClock();
    const apiKey = () => new Promise<string>(() => {});
    const { client, sent } = scriptedClient(never, { clock, maxRetries: 0, apiKey, timeoutMs: 500 });
    const failed = rejection(client.agents.get('a'));
    await clock.advance(500);
    expect(await failed).toBeInstanceOf(TwigTimeoutError);
    expect(sent).toHaveLength(0);
  });

  it('leaves no timer behind when the call is done', async () => {
    const clock = createTestClock();
    const { client } = scriptedClient(() => json(agent), { clock, deadlineMs: 90_000 });
    await client.agents.get('a');
    expect(clock.pending).toBe(0);
  });
});

describe('deadlineMs', () => {
  it('ends the whole call: attempts and waits', async () => {
    const clock = createTestClock();
    clock.random = () => 0;
    const { client, sent } = scriptedClient(never, { clock, timeoutMs: 400, deadlineMs: 1000 });
    const failed = rejection(client.agents.get('a'));
    await clock.advance(1000);
    expect(await failed).toMatchObject({
      limit: 'deadlineMs',
      limitMs: 1000,
      phase: 'headers',
      meta: { durationMs: 1000 },
    });
    expect(sent).toHaveLength(3);
    expect(sent.every(({ init }) => init.signal.aborted)).toBe(true);
    await clock.advance(100_000);
    expect(sent).toHaveLength(3);
    expect(clock.pending).toBe(0);
  });

  it('is not retried, whatever is left of the attempts', async () => {
    const clock = createTestClock();
    const { client, sent } = scriptedClient(never, { clock, maxRetries: 9 });
    const failed = rejection(client.agents.get('a', { deadlineMs: 10 }));
    await clock.advance(10);
    expect(await failed).toMatchObject({ limit: 'deadlineMs', limitMs: 10 });
    expect(sent).toHaveLength(1);
  });

  it('starts anew with each call of the client', async () => {
    const clock = createTestClock();
    const { client } = scriptedClient(() => json(agent), { clock, deadlineMs: 100 });
    for (let count = 0; count < 3; count++) {
      await client.agents.get('a');
      await clock.advance(80);
    }
    expect(clock.pending).toBe(0);
  });
});

const wrongs: CallOptions[] = [
  { timeoutMs: 0 },
  { timeoutMs: -1 },
  { timeoutMs: Number.NaN },
  { timeoutMs: '5' as never },
  { timeoutMs: false as never },
  { deadlineMs: 0 },
  { streamIdleTimeoutMs: 0 },
  { streamIdleTimeoutMs: true as never },
  { maxRetries: -1 },
  { maxRetries: 1.5 },
  { maxRetries: Number.POSITIVE_INFINITY },
];

it.each(wrongs)('refuses %j, of the client and of the call', async (options) => {
  const name = Object.keys(options)[0] ?? '';
  const { client, sent } = scriptedClient(() => json(agent));
  const error = await rejection(client.agents.get('a', options));
  expect(error).toBeInstanceOf(TwigConfigError);
  expect((error as Error).message).toContain(name);
  expect(() => client.withOptions(options)).toThrow(TwigConfigError);
  expect(sent).toHaveLength(0);
});
