/** Deliveries, repetitions, failures and crashes in random order, in virtual time: none is lost, none is handled twice. */

import { createTestClock } from '@twig/sdk/testing';
import { type Clock, createWebhookHandler, memoryDedupe, type WebhookDedupe, Webhooks } from '@twig/sdk/webhooks';
import { expect, it } from 'vitest';

const secret = 'the secret';
const CLAIM_MS = 60_000;
const MOST_ATTEMPTS = 12;

const bodies = ['a', 'b', 'c'].map((event) => JSON.stringify({ event }));
const signed = await Promise.all(
  bodies.map(async (body) => ({ body, signature: await new Webhooks({ secret }).sign(body) })),
);

/** Time that passes when nothing else is left to do. */
function createTime(random: () => number) {
  let now = 0;
  const due: { at: number; run: () => void }[] = [];
  const after = (ms: number, run: () => void): void => void due.push({ at: now + ms, run });
  const clock: Clock = {
    now: () => now,
    random,
    sleep: (ms) => new Promise((resolve) => after(ms, resolve)),
  };
  /** Runs until nothing is due any more. */
  const drain = async (): Promise<void> => {
    for (;;) {
      // Bodies are read and promises settled meanwhile.
      for (let turns = 3; turns; turns--) await new Promise((resolve) => setImmediate(resolve));
      due.sort((a, b) => a.at - b.at);
      const next = due.shift();
      if (!next) return;
      now = next.at;
      next.run();
    }
  };
  return { clock, drain };
}

interface Chances {
  failure: number;
  /** The process dies in the middle of it: its function never ends, and nobody is answered. */
  crash: number;
  /** It takes longer than its claim counts. */
  overlong: number;
}

interface Scene {
  store(clock: Clock): WebhookDedupe;
  handlers: number;
  /** Whether the handlers are in processes of their own, which know of each other by the store alone. */
  areApart?: boolean;
  chances: Chances;
}

/** One sender with three deliveries, and a few processes that handle them. What went wrong, in words. */
async function play(seed: number, { store, handlers: count, areApart = true, chances }: Scene): Promise<string[]> {
  // The clock's chance alone: its own time passes by turns of the event loop, of which this would take too many.
  const { random } = createTestClock({ seed });
  const { clock, drain } = createTime(random);
  const dedupe = store(clock);
  const handled = new Map<string, number>();
  const wrong: string[] = [];

  const handlers = Array.from({ length: count }, () =>
    createWebhookHandler({
      secret,
      dedupe: areApart ? Object.create(dedupe) : dedupe,
      async fallback(event) {
        const name = String(event.event);
        await clock.sleep(random() < chances.overlong ? CLAIM_MS * (1 + random()) : random() * 2000);
        if (random() < chances.crash) await new Promise(() => {});
        if (random() < chances.failure) throw new Error('database down');
        handled.set(name, (handled.get(name) ?? 0) + 1);
      },
    }),
  );

  /** What the sender of a delivery is answered; nothing when the process died, which the sender notices after a while. */
  const send = async ({ body, signature }: (typeof signed)[number]): Promise<number | undefined> => {
    const handler = handlers[Math.floor(random() * count)] as (typeof handlers)[number];
    const headers = { 'x-twig-signature': signature };
    const answer = handler(new Request('https://app.test', { method: 'POST', body, headers }));
    const { status } = await Promise.race([answer, clock.sleep(CLAIM_MS * 3).then(() => ({ status: undefined }))]);
    const name = JSON.parse(body).event as string;
    if (status === 200 && !handled.get(name)) wrong.push(`${name} was answered 200 before it was handled`);
    return status;
  };
  /** Sends until it is answered 200, as senders do, and now and then once more than it should. */
  const deliver = async (one: (typeof signed)[number]): Promise<void> => {
    await clock.sleep(random() * 1000);
    for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
      if (random() < 0.4) void clock.sleep(random() * 3000).then(() => send(one));
      if ((await send(one)) === 200) return;
      await clock.sleep(random() * 5000 * 2 ** Math.min(attempt, 5));
    }
  };
  let ended = 0;
  for (const one of signed) void deliver(one).then(() => ended++);
  await drain();
  if (ended < signed.length) wrong.push('a sender still waits');
  if (!chances.crash && !chances.overlong) {
    for (const [name, times] of handled) if (times > 1) wrong.push(`${name} was handled ${times} times`);
  }
  return wrong;
}

async function playAll(count: number, scene: (seed: number) => Scene): Promise<string[]> {
  const wrong: string[] = [];
  for (let seed = 1; seed <= count; seed++) {
    wrong.push(...(await play(seed, scene(seed))).map((what) => `seed ${seed}: ${what}`));
  }
  return wrong;
}

const calm: Chances = { failure: 0.4, crash: 0, overlong: 0 };
const wild: Chances = { failure: 0.3, crash: 0.2, overlong: 0.1 };

it('loses no delivery in 1,000 interleavings, and without crashes handles none twice', async () => {
  const store = (clock: Clock): WebhookDedupe => memoryDedupe({ clock, claimSeconds: CLAIM_MS / 1000 });
  expect(await playAll(1000, (seed) => ({ store, handlers: 3, chances: seed % 2 ? calm : wild }))).toEqual([]);
});

/** A store at the other end of a network: what is said to it, and what it answers, may overtake each other. */
function remote(store: WebhookDedupe, clock: Clock): WebhookDedupe {
  const trip = async <T>(run: () => T): Promise<Awaited<T>> => {
    await clock.sleep(clock.random() * 50);
    const result = await run();
    await clock.sleep(clock.random() * 50);
    return result;
  };
  const { done, forget } = store;
  return {
    seen: (key) => trip(() => store.seen(key)),
    ...(done && { done: (key) => trip(() => done(key)) }),
    ...(forget && { forget: (key) => trip(() => forget(key)) }),
  };
}

it('neither by a store that somebody wrote, over a network', async () => {
  const store = (clock: Clock) => remote(memoryDedupe({ clock, claimSeconds: CLAIM_MS / 1000 }), clock);
  expect(await playAll(300, (seed) => ({ store, handlers: 3, chances: seed % 2 ? calm : wild }))).toEqual([]);
});

it.each([true, false])(
  'nor, within one process, by a store of the old shape (it can forget: %s)',
  async (canForget) => {
    const store = (clock: Clock): WebhookDedupe => {
      const keys = new Set<string>();
      const seen = (key: string): boolean => keys.has(key) || !keys.add(key);
      const forget = (key: string): void => void keys.delete(key);
      return remote(canForget ? { seen, forget } : { seen }, clock);
    };
    expect(await playAll(300, () => ({ store, handlers: 2, areApart: false, chances: calm }))).toEqual([]);
  },
);
