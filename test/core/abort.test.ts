/** The caller gives up: at every moment of a call, at once, and without a trace on the caller's signal. */

import { TwigAbortError, TwigConfigError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, type Script, scriptedClient, sse } from '../support/client.ts';

const agent = { id: 'a', name: 'x' };
const reason = { why: 'the user left' };
const never: Script = () => new Promise<Response>(() => {});

/** A signal that counts the listeners that are on it. */
function countingSignal(): { signal: AbortSignal; abort: (reason?: unknown) => void; listeners: () => number } {
  const controller = new AbortController();
  const { signal } = controller;
  let count = 0;
  const add = signal.addEventListener.bind(signal) as (...args: unknown[]) => void;
  const remove = signal.removeEventListener.bind(signal) as (...args: unknown[]) => void;
  const known = new Set<unknown>();
  signal.addEventListener = ((type: string, listener: unknown, options: unknown) => {
    if (!known.has(listener)) count++;
    known.add(listener);
    add(type, listener, options);
  }) as typeof signal.addEventListener;
  signal.removeEventListener = ((type: string, listener: unknown) => {
    if (known.delete(listener)) count--;
    remove(type, listener);
  }) as typeof signal.removeEventListener;
  return { signal, abort: (why) => controller.abort(why), listeners: () => count };
}

describe('an abort', () => {
  it('before the call sends nothing, not even a question for the key', async () => {
    let asked = 0;
    const apiKey = () => {
      asked++;
      return 'twigsk_test_0123456789';
    };
    const { client, sent } = scriptedClient(never, { apiKey });
    const error = await rejection(client.agents.get('a', { signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(TwigAbortError);
    expect(error).toMatchObject({ code: 'aborted', cause: reason, isRetryable: false, meta: { attempts: [] } });
    expect(sent).toHaveLength(0);
    expect(asked).toBe(0);
  });

  it('while the request is under way ends it, and nothing is sent again', async () => {
    const clock = createTestClock();
    const { signal, abort, listeners } = countingSignal();
    const { client, sent } = scriptedClient(never, { clock });
    const failed = rejection(client.agents.get('a', { signal }));
    await clock.advance(0);
    expect(sent).toHaveLength(1);
    abort(reason);
    expect(await failed).toMatchObject({ name: 'TwigAbortError', cause: reason });
    expect(sent[0]?.init.signal.aborted).toBe(true);
    await clock.advance(100_000);
    expect(sent).toHaveLength(1);
    expect([listeners(), clock.pending]).toEqual([0, 0]);
  });

  it('while the body is read ends the reading', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    const { client } = scriptedClient(() => new Response(new ReadableStream()), { clock });
    const failed = rejection(client.agents.get('a', { signal: controller.signal }));
    await clock.advance(0);
    controller.abort(reason);
    expect(await failed).toMatchObject({ name: 'TwigAbortError', cause: reason, meta: { status: 200 } });
  });

  it('while a retry is waited for ends the wait at once', async () => {
    const clock = createTestClock();
    const { signal, abort, listeners } = countingSignal();
    const { client, sent } = scriptedClient(() => json({}, 503, { 'retry-after': '50' }), { clock });
    const failed = rejection(client.agents.get('a', { signal }));
    await clock.advance(1000);
    abort(reason);
    expect(await failed).toMatchObject({
      name: 'TwigAbortError',
      cause: reason,
      meta: { attempts: [{ status: 503 }] },
    });
    expect([sent.length, listeners(), clock.pending]).toEqual([1, 0, 0]);
  });

  it('from onRetry, after an attempt ran out of time, ends the call', async () => {
    const clock = createTestClock();
    const { signal, abort, listeners } = countingSignal();
    const hooks = { onRetry: () => abort(reason) };
    const { client, sent } = scriptedClient(never, { clock, hooks, timeoutMs: 1000 });
    const failed = rejection(client.agents.get('a', { signal }));
    await clock.advance(100_000);
    expect(await failed).toMatchObject({
      name: 'TwigAbortError',
      cause: reason,
      meta: { attempts: [{ error: 'timeout' }] },
    });
    expect([sent.length, listeners(), clock.pending]).toEqual([1, 0, 0]);
  });

  it('while the body of an error is read is an abort, and not that error', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    const { client } = scriptedClient(() => new Response(new ReadableStream(), { status: 404 }), { clock });
    const failed = rejection(client.agents.get('a', { signal: controller.signal }));
    await clock.advance(0);
    controller.abort(reason);
    expect(await failed).toMatchObject({ name: 'TwigAbortError', cause: reason, meta: { status: 404 } });
  });

  it('and a deadline end a call together: the first of them is the reason', async () => {
    for (const first of ['signal', 'deadline']) {
      const clock = createTestClock();
      const controller = new AbortController();
      const { client } = scriptedClient(() => new Response(new ReadableStream()), { clock });
      const options = { signal: controller.signal, deadlineMs: 1000 };
      const response = await client.agents.get('a', options).asResponse();
      // Nobody reads, so nobody is told before both have happened.
      if (first === 'signal') controller.abort(reason);
      await clock.advance(1000);
      controller.abort(reason);
      expect(await rejection(response.text())).toMatchObject(
        first === 'signal' ? { cause: reason } : { limit: 'deadlineMs' },
      );
    }
  });

  it('while the key is asked for ends the call', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    const { client, sent } = scriptedClient(never, { clock, apiKey: () => new Promise(() => {}) });
    const failed = rejection(client.agents.get('a', { signal: controller.signal }));
    await clock.advance(0);
    controller.abort(reason);
    expect(await failed).toMatchObject({ name: 'TwigAbortError', cause: reason });
    expect(sent).toHaveLength(0);
  });

  it('is an abort also when the fetch throws something of its own, or nothing heeds the signal', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    const heeding: Script = ({ init }) =>
      new Promise((_resolve, reject) => {
        init.signal.addEventListener('abort', () => reject(new TypeError('terminated')));
      });
    const { client } = scriptedClient(heeding, { clock });
    const failed = rejection(client.agents.get('a', { signal: controller.signal }));
    await clock.advance(0);
    controller.abort();
    const error = (await failed) as TwigAbortError;
    expect(error).toBeInstanceOf(TwigAbortError);
    expect(error.cause).toBe(controller.signal.reason);
  });

  it('cancels the body of an answer that comes too late from a fetch that does not heed the signal', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    let isCancelled = false;
    const cancel = (): void => {
      isCancelled = true;
    };
    const late: Script = () => clock.sleep(2000).then(() => new Response(new ReadableStream({ cancel })));
    const { client } = scriptedClient(late, { clock });
    const failed = rejection(client.agents.get('a', { signal: controller.signal }));
    await clock.advance(1000);
    controller.abort(reason);
    await failed;
    expect(isCancelled).toBe(false);
    await clock.advance(1000);
    expect(isCancelled).toBe(true);
  });

  it('after the call changes nothing', async () => {
    const { signal, abort, listeners } = countingSignal();
    const { client } = scriptedClient(() => json(agent));
    const done = client.agents.get('a', { signal });
    expect(await done).toMatchObject(agent);
    expect(listeners()).toBe(0);
    abort(reason);
    expect(await done).toMatchObject(agent);
  });
});

describe("the caller's signal", () => {
  it('is never handed to fetch, and never aborted', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    const { client, sent } = scriptedClient(never, { clock, maxRetries: 0 });
    const failed = rejection(client.agents.get('a', { signal: controller.signal }));
    await clock.advance(60_000);
    await failed;
    expect(sent[0]?.init.signal).not.toBe(controller.signal);
    expect(controller.signal.aborted).toBe(false);
  });

  it('has no listener left after successes, failures, pages and streams', async () => {
    const { signal, listeners } = countingSignal();
    const answers = [
      () => json(agent),
      () => json({}, 404),
      () => new Response('<html>'),
      () => json({ agents: [agent], total: 2 }),
      () => json({ agents: [{ ...agent, id: 'b' }], total: 2 }),
      () => sse('event: done\ndata: {}\n\n'),
      () => sse('event: delta\ndata: {"delta":"x"}\n\n'),
    ];
    const { client } = scriptedClient((_sent, index) => (answers[index] as () => Response)(), { maxRetries: 0 });
    await client.agents.get('a', { signal });
    await rejection(client.agents.get('a', { signal }));
    await rejection(client.agents.get('a', { signal }));
    for await (const item of client.agents.list({}, { signal })) expect(item.name).toBe('x');
    const question = { agentId: 'a', query: 'q', stream: true } as const;
    await (await client.query(question, { signal })).finalResponse();
    await rejection((await client.query(question, { signal })).finalResponse());
    expect(listeners()).toBe(0);
  });

  it('may be of another realm or a polyfill, but must be a signal', async () => {
    const listeners: (() => void)[] = [];
    const clock = createTestClock();
    const foreign = {
      aborted: false,
      reason,
      addEventListener: (_type: string, listener: () => void) => void listeners.push(listener),
      removeEventListener: () => {},
    };
    const { client, sent } = scriptedClient(never, { clock });
    const failed = rejection(client.agents.get('a', { signal: foreign }));
    await clock.advance(0);
    for (const listener of listeners) listener();
    expect(await failed).toMatchObject({ name: 'TwigAbortError', cause: reason });
    const error = await rejection(client.agents.get('a', { signal: new AbortController() as never }));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect(sent).toHaveLength(1);
  });
});
