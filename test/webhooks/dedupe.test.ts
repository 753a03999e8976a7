/** Repeated deliveries: none is handled twice, and none is taken for handled before it is. */

import { createTestClock } from '@twig/sdk/testing';
import {
  createWebhookHandler,
  memoryDedupe,
  TwigConfigError,
  type WebhookDedupe,
  type WebhookHandlerOptions,
  Webhooks,
} from '@twig/sdk/webhooks';
import { describe, expect, it } from 'vitest';

const secret = 'the secret';
const signature = await new Webhooks({ secret }).sign('{"event":"a"}');
const delivery = (): Request =>
  new Request('https://app.test/hook', {
    method: 'POST',
    body: '{"event":"a"}',
    headers: { 'x-twig-signature': signature },
  });

/** Handlers over one store, as in several processes, whose runs begin and end when the test says so. */
function setup(dedupe: WebhookDedupe, options: Partial<WebhookHandlerOptions> = {}) {
  const errors: unknown[] = [];
  const runs: { succeed(): void; fail(): void }[] = [];
  let begun = (): void => {};
  const make = () =>
    createWebhookHandler({
      secret,
      dedupe,
      fallback: () =>
        new Promise<void>((resolve, reject) => {
          runs.push({ succeed: resolve, fail: () => reject(new Error('database down')) });
          begun();
        }),
      onError: (error) => void errors.push(error),
      ...options,
    });
  const handlers = [make(), make()] as const;
  const deliver = async (which: 0 | 1 = 0): Promise<Response> => (await handlers[which](delivery())) as Response;
  /** Delivers, and goes on when a function has begun to handle it. */
  const begin = async (which: 0 | 1 = 0) => {
    const hasBegun = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const answer = deliver(which).then(({ status }) => status);
    await hasBegun;
    const run = runs[runs.length - 1] as (typeof runs)[number];
    const ended = (end: () => void) => () => {
      end();
      return answer;
    };
    return { succeed: ended(run.succeed), fail: ended(run.fail) };
  };
  return { deliver, begin, errors, runs };
}

/** Stores that somebody else wrote: by key alone. */
const ofOldShape = (): WebhookDedupe => {
  const keys = new Set<string>();
  return {
    seen: (key) => keys.has(key) || !keys.add(key),
    forget: (key) => void keys.delete(key),
  };
};
const stores: Record<string, () => WebhookDedupe> = {
  memoryDedupe,
  'memoryDedupe, wrapped by its public members': () => {
    const inner = memoryDedupe();
    return {
      seen: (key) => inner.seen(key),
      done: (key) => inner.done?.(key),
      forget: (key) => inner.forget?.(key),
    };
  },
  'a store of seen and forget': ofOldShape,
  'a store of seen and forget, over a network': () => {
    const inner = ofOldShape();
    let trips = 0;
    // Every second answer overtakes the one before it.
    const trip = async (): Promise<void> => {
      for (let turns = trips++ % 2 ? 1 : 5; turns; turns--) await new Promise((resolve) => setImmediate(resolve));
    };
    return {
      async seen(key) {
        const seen = await inner.seen(key);
        await trip();
        return seen;
      },
      async forget(key) {
        await inner.forget?.(key);
        await trip();
      },
    };
  },
  'a store of seen alone': () => ({ seen: ofOldShape().seen }),
  'a store that fails to forget': () => ({
    seen: ofOldShape().seen,
    forget: () => Promise.reject(new Error('store down')),
  }),
};

describe.each(Object.keys(stores))('with %s', (name) => {
  const store = (): WebhookDedupe => stores[name]?.() as WebhookDedupe;

  it.each([
    ['to the same handler', 0],
    ['to another one over the same store', 1],
  ] as const)('what comes again (%s) is to come later; it is handled if the first run fails', async (_, which) => {
    const { begin, deliver } = setup(store());
    const first = await begin();
    const second = await deliver(which);
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await first.fail()).toBe(500);
    expect(await (await begin(which)).succeed()).toBe(200);
    expect((await deliver()).status).toBe(200);
  });

  it('what comes again while it is handled is not handled twice if the first run succeeds', async () => {
    const { begin, deliver, runs } = setup(store());
    const first = await begin();
    expect((await deliver()).status).toBe(503);
    expect(await first.succeed()).toBe(200);
    expect((await deliver()).status).toBe(200);
    expect(runs).toHaveLength(1);
  });

  it('of a hundred at once one is handled, and no other is answered before that one has ended', async () => {
    const { deliver, runs } = setup(store());
    const statuses = Array.from({ length: 100 }, () => deliver().then(({ status }) => status));
    await expect.poll(() => runs.length).toBe(1);
    const later = await Promise.all(statuses.map((status) => Promise.race([status, soon()])));
    expect(new Set(later)).toEqual(new Set([503, 'under way']));
    expect(later.filter((status) => status === 'under way')).toHaveLength(1);
    runs[0]?.succeed();
    expect((await Promise.all(statuses)).filter((status) => status === 200)).toHaveLength(1);
    expect(runs).toHaveLength(1);
  });
});

/** Time for whatever is ready, and for the network above. */
async function soon(): Promise<string> {
  for (let turns = 20; turns; turns--) await new Promise((resolve) => setImmediate(resolve));
  return 'under way';
}

describe('several handlers over one memoryDedupe', () => {
  const clocked = () => {
    const clock = createTestClock();
    return { clock, ...setup(memoryDedupe({ clock, claimSeconds: 60 })) };
  };

  it('put off what another one is handling', async () => {
    const { begin, deliver } = clocked();
    const first = await begin(0);
    expect((await deliver(1)).status).toBe(503);
    expect(await first.fail()).toBe(500);
    expect(await (await begin(1)).succeed()).toBe(200);
    expect((await deliver(0)).status).toBe(200);
  });

  it('take over what has been handled for longer than a claim counts: its process died, or it hangs', async () => {
    const { begin, clock, deliver } = clocked();
    await begin(0);
    await clock.advance(59_999);
    expect((await deliver(1)).status).toBe(503);
    await clock.advance(1);
    const second = await begin(1);
    expect((await deliver(0)).status).toBe(503);
    expect(await second.succeed()).toBe(200);
    expect((await deliver(0)).status).toBe(200);
  });

  it.each([0, 1] as const)(
    'a late failure does not let a third one in beside the second (handler %i)',
    async (which) => {
      const { begin, clock, deliver, runs } = clocked();
      const first = await begin(0);
      await clock.advance(60_000);
      const second = await begin(which);
      expect(await first.fail()).toBe(500);
      expect((await deliver()).status).toBe(503);
      expect(await second.succeed()).toBe(200);
      expect((await deliver()).status).toBe(200);
      expect(runs).toHaveLength(2);
    },
  );

  it('a late success counts: it is not handled again when the second run fails', async () => {
    const { begin, clock, deliver, runs } = clocked();
    const first = await begin(0);
    await clock.advance(60_000);
    const second = await begin(1);
    expect(await first.succeed()).toBe(200);
    expect((await deliver()).status).toBe(200);
    expect(await second.fail()).toBe(500);
    expect((await deliver()).status).toBe(200);
    expect(runs).toHaveLength(2);
  });

  it('what failed is given up also while onError does not come to an end', async () => {
    const { begin } = setup(memoryDedupe(), { onError: () => new Promise(() => {}) });
    const first = await begin(0);
    void first.fail();
    await soon();
    expect(await (await begin(1)).succeed()).toBe(200);
  });

  it.each([
    ['back', -1],
    ['forward, and back again', 1],
  ])('a claim runs out after its time also when the time of day is set %s by hours', async (_, way) => {
    const clock = createTestClock();
    let aheadMs = 0;
    const { begin, deliver } = setup(
      memoryDedupe({ claimSeconds: 60, clock: { ...clock, now: () => clock.now() + aheadMs } }),
    );
    const set = (ms: number) => {
      aheadMs += ms;
    };
    await begin(0);
    if (way > 0) set(3_600_000);
    const second = way > 0 ? await begin(1) : undefined;
    set(-3_600_000);
    expect((await deliver()).status).toBe(503);
    await clock.advance(60_000);
    expect(await (await begin(1)).succeed()).toBe(200);
    expect(await second?.fail()).toBe(second && 500);
    expect((await deliver()).status).toBe(200);
  });

  it('a run that never ends does not hold up what fails after it', async () => {
    const { begin, clock } = clocked();
    await begin(0);
    await clock.advance(60_000);
    expect(await (await begin(0)).fail()).toBe(500);
    expect(await (await begin(0)).succeed()).toBe(200);
  });
});

describe('a store that somebody wrote with claims that run out', () => {
  it('is not told of a late failure, which would free the newer claim', async () => {
    const forgotten: string[] = [];
    const answers = [false, false, 'busy'] as const;
    let asked = 0;
    const { begin, deliver } = setup({
      seen: () => answers[asked++] ?? 'busy',
      done: () => {},
      forget: (key) => void forgotten.push(key),
    });
    const first = await begin();
    const second = await begin();
    expect(await first.fail()).toBe(500);
    expect(forgotten).toEqual([]);
    expect((await deliver()).status).toBe(503);
    expect(await second.fail()).toBe(500);
    expect(forgotten).toHaveLength(1);
  });

  it('is believed when it says that somebody else has handled what failed here', async () => {
    const answers = [false, true];
    const { begin, deliver, runs } = setup({ seen: () => answers.shift() ?? true, done: () => {} });
    expect(await (await begin()).fail()).toBe(500);
    expect((await deliver()).status).toBe(200);
    expect(runs).toHaveLength(1);
  });
});

describe('a store that fails', () => {
  const failing = { sync: () => bad(), async: async () => bad() };
  const bad = (): never => {
    throw new Error('store down');
  };

  it.each(Object.entries(failing))('when it is asked (%s): 500, and nothing is handled', async (_, seen) => {
    const { deliver, errors, runs } = setup({ seen });
    expect((await deliver()).status).toBe(500);
    expect(errors.map(String)).toEqual(['Error: store down']);
    expect(runs).toEqual([]);
  });

  it.each(Object.entries(failing))('when it is asked first (%s): what comes next is asked about', async (_, fail) => {
    let asked = 0;
    const { begin, deliver } = setup({ seen: () => (asked++ ? false : fail()) });
    expect((await deliver()).status).toBe(500);
    expect(await (await begin()).succeed()).toBe(200);
  });

  it.each(Object.entries(failing))(
    'when it is told of a success (%s): 500, and it is not made to forget',
    async (_, done) => {
      const forgotten: string[] = [];
      const { begin, errors } = setup({ seen: () => false, done, forget: (key) => void forgotten.push(key) });
      expect(await (await begin()).succeed()).toBe(500);
      expect(errors.map(String)).toEqual(['Error: store down']);
      expect(forgotten).toEqual([]);
    },
  );

  it.each(Object.entries(failing))('when it is told of a failure (%s): 500, and both are told', async (_, forget) => {
    const { begin, errors } = setup({ seen: () => false, done: () => {}, forget });
    expect(await (await begin()).fail()).toBe(500);
    expect(errors.map(String)).toEqual(['Error: database down', 'Error: store down']);
  });
});

describe('a function that somebody put in the place of one of the store', () => {
  it.each(['before', 'after'])('is the one that is called, %s the handler is made', async (when) => {
    const dedupe = memoryDedupe();
    const calls: string[] = [];
    const spy = () => {
      for (const name of ['seen', 'done', 'forget'] as const) {
        const real = dedupe[name];
        const spied = (key: string) => {
          calls.push(name);
          return real?.(key);
        };
        Object.assign(dedupe, { [name]: spied });
      }
    };
    if (when === 'before') spy();
    const { begin, deliver } = setup(dedupe);
    if (when === 'after') spy();
    expect(await (await begin()).fail()).toBe(500);
    const second = await begin(1);
    expect((await deliver()).status).toBe(503);
    expect(await second.succeed()).toBe(200);
    expect(calls).toEqual(['seen', 'forget', 'seen', 'seen', 'done']);
  });

  it('decides alone when it stands for a store that is down', async () => {
    const { deliver, errors } = setup(
      Object.assign(memoryDedupe(), {
        seen: () => Promise.reject(new Error('store down')),
      }),
    );
    expect((await deliver()).status).toBe(500);
    expect(errors.map(String)).toEqual(['Error: store down']);
  });
});

describe('memoryDedupe', () => {
  const handle = (dedupe: WebhookDedupe, key: string) => {
    const seen = dedupe.seen(key);
    if (!seen) dedupe.done?.(key);
    return seen;
  };

  it('forgets the oldest when it is full, and everything after its time', async () => {
    const clock = createTestClock();
    const dedupe = memoryDedupe({ size: 2, ttlSeconds: 60, clock });
    expect(['a', 'b', 'a', 'c', 'a'].map((key) => handle(dedupe, key))).toEqual([false, false, true, false, false]);
    await clock.advance(60_000);
    expect(dedupe.seen('a')).toBe(false);
  });

  it('holds no more claims than that either', () => {
    const dedupe = memoryDedupe({ size: 2 });
    expect(['a', 'b', 'a', 'c', 'a'].map((key) => dedupe.seen(key))).toEqual([false, false, 'busy', false, false]);
  });

  it('remembers 10,000 deliveries for a day, and a claim for five minutes, unless told otherwise', async () => {
    const clock = createTestClock();
    const dedupe = memoryDedupe({ clock });
    for (let i = 0; i < 10_000; i++) handle(dedupe, String(i));
    await clock.advance(86_399_999);
    expect([dedupe.seen('0'), dedupe.seen('1')]).toEqual([true, true]);
    await clock.advance(1);
    expect(dedupe.seen('0')).toBe(false);
    await clock.advance(299_999);
    expect(dedupe.seen('0')).toBe('busy');
    await clock.advance(1);
    expect(handle(dedupe, '0')).toBe(false);
    for (let i = 0; i < 10_000; i++) handle(dedupe, `new ${i}`);
    expect(dedupe.seen('0')).toBe(false);
  });

  it('by hand: a late word is about the claim that has run out, not about the newer one', async () => {
    const clock = createTestClock();
    const dedupe = memoryDedupe({ clock });
    dedupe.seen('a');
    await clock.advance(300_000);
    expect(dedupe.seen('a')).toBe(false);
    dedupe.forget?.('a');
    expect(dedupe.seen('a')).toBe('busy');
    dedupe.forget?.('a');
    expect(dedupe.seen('a')).toBe(false);
    dedupe.done?.('seen elsewhere');
    expect(dedupe.seen('seen elsewhere')).toBe(true);
    dedupe.done?.('a');
    expect(dedupe.seen('a')).toBe(true);
  });

  it.each([
    { size: 0 },
    { size: Number.NaN },
    { ttlSeconds: 0 },
    { ttlSeconds: Number.NaN },
    { claimSeconds: 0 },
    { claimSeconds: Number.NaN },
  ])('cannot be made with %o', (options) => {
    expect(() => memoryDedupe(options)).toThrow(TwigConfigError);
  });
});
