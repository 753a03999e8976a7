/** Clocks that somebody sets: no duration and no limit of time is measured with them, and a GET does not look at one. */

import type { Clock, TwigError } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTestClock, createTwigMock, type TestClock } from '@twig/sdk/testing';
import { memoryDedupe } from '@twig/sdk/webhooks';
import { getResponse } from 'msw';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { elapsed, systemClock } from '../../src/clock.ts';
import { inTurn, json, rejection, type Script, type Sent, scriptedClient } from '../support/client.ts';

const HOUR = 3_600_000;
const agent = { id: 'a', name: 'x' };
const never: Script = () => new Promise<Response>(() => {});

/** A clock whose time of day can be set, while what is measured goes on. */
function settable(): { clock: Clock; time: TestClock; set: (by: number) => void } {
  const time = createTestClock();
  let offset = 0;
  return {
    time,
    set: (by) => {
      offset += by;
    },
    clock: {
      now: () => time.now() + offset,
      elapsed: () => time.now(),
      random: () => 0.5,
      sleep: (ms, signal) => time.sleep(ms, signal),
    },
  };
}

describe.each([
  ['back', -HOUR],
  ['forward', HOUR],
])('a clock that is set an hour %s', (_direction, by) => {
  it('does not change how long a silent stream is waited for', async () => {
    const { clock, time, set } = settable();
    const silent = new Response(new ReadableStream({}), { headers: { 'content-type': 'text/event-stream' } });
    const { client } = scriptedClient(() => silent, { clock, streamIdleTimeoutMs: 1000 });
    const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
    let settled = false;
    const failed = rejection(stream.finalResponse()).finally(() => {
      settled = true;
    });
    await time.advance(500);
    set(by);
    await time.advance(499);
    expect(settled).toBe(false);
    await time.advance(1);
    expect(await failed).toMatchObject({ limit: 'streamIdleTimeoutMs' });
  });

  it('does not change the duration of a call, in its meta and for its observers', async () => {
    const { clock, time, set } = settable();
    const durations: number[] = [];
    const { client } = scriptedClient(
      async () => {
        set(by);
        await time.sleep(30);
        return json(agent);
      },
      { clock, hooks: { onResponse: ({ durationMs }) => durations.push(durationMs) } },
    );
    const called = client.agents.get('a').withResponse();
    await time.advance(30);
    expect((await called).meta.durationMs).toBe(30);
    expect(durations).toEqual([30]);
  });

  it('does not change which waits a deadline allows', async () => {
    const { clock, time, set } = settable();
    const script: Script = (_sent, index) => {
      if (index === 0) set(by);
      return index < 2 ? json({}, 503, { 'retry-after': '4' }) : json(agent);
    };
    const { client, sent } = scriptedClient(script, { clock, deadlineMs: 6000 });
    const failed = rejection(client.agents.get('a'));
    await time.advance(6000);
    // The first wait fits, the second one would not.
    expect(await failed).toMatchObject({ status: 503 });
    expect(sent).toHaveLength(2);
  });

  it('does not change how long a data source is waited for', async () => {
    const { clock, time, set } = settable();
    const script: Script = (_sent, index) => {
      if (index === 0) set(by);
      return json({ status: 'processing' });
    };
    const { client, sent } = scriptedClient(script, { clock });
    const failed = rejection(client.dataSources.waitUntilReady('ds', { pollIntervalMs: 1000, timeoutMs: 3000 }));
    await time.advance(3000);
    expect(await failed).toMatchObject({ code: 'not_ready_in_time' });
    expect(sent).toHaveLength(4);
  });

  it('does not change how long a delivery is remembered', async () => {
    const { clock, time, set } = settable();
    const dedupe = memoryDedupe({ clock, ttlSeconds: 60 });
    expect(dedupe.seen('k')).toBe(false);
    await dedupe.done?.('k');
    set(by);
    await time.advance(59_000);
    expect(dedupe.seen('k')).toBe(true);
    await time.advance(1000);
    expect(dedupe.seen('k')).toBe(false);
  });

  it('does not change how the mock fills its limits and processes a source', async () => {
    const { clock, time, set } = settable();
    const twig = createTwigMock({ clock, rateLimits: { read: { perMinute: 1 } } });
    const answer = async ({ url, init }: Sent): Promise<Response> =>
      (await getResponse(twig.handlers, new Request(url, init))) ?? Response.error();
    const { client } = scriptedClient(answer, { clock, maxRetries: 0 });
    const source = await client.dataSources.create({ type: 'website', name: 'n', config: { url: 'https://x.test' } });
    set(by);
    expect(await client.dataSources.status(source.id)).toMatchObject({ status: 'pending' });
    expect(await rejection(client.dataSources.status(source.id))).toMatchObject({ status: 429, retryAfterMs: 60_000 });
    await time.advance(60_000);
    expect(await client.dataSources.status(source.id)).toMatchObject({ status: 'active' });
  });
});

it('still compares the time of day with the dates of the server', async () => {
  const { clock, time, set } = settable();
  set(2 * HOUR);
  const until = new Date(time.now() + 2 * HOUR + 7000).toUTCString();
  const { client } = scriptedClient(() => json({}, 503, { 'retry-after': until }), { clock, maxRetries: 0 });
  expect(((await rejection(client.agents.get('a'))) as { retryAfterMs: number }).retryAfterMs).toBe(7000);
});

it('measures with now() of a clock that has nothing else', async () => {
  const clock = createTestClock();
  const { client } = scriptedClient(never, { clock, timeoutMs: 500, maxRetries: 0 });
  const failed = rejection(client.agents.get('a'));
  await clock.advance(500);
  expect((await failed) as TwigError).toMatchObject({ meta: { durationMs: 500 } });
});

describe('the platform’s clock', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('measures with what nobody sets', () => {
    vi.stubGlobal('performance', { now: () => 5 });
    expect(elapsed()).toBe(5);
    expect(elapsed(systemClock)).toBe(5);
  });

  it.each([
    ['is missing', undefined],
    ['has no now()', {}],
    [
      'throws when it is touched',
      {
        get now() {
          throw new Error('not here');
        },
      },
    ],
  ])('measures with the time of day where performance %s', (_case, performance) => {
    vi.stubGlobal('performance', performance);
    vi.spyOn(Date, 'now').mockReturnValue(7);
    expect(elapsed()).toBe(7);
  });
});

describe('a GET that succeeds', () => {
  afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllGlobals();
  });

  /** What Next.js with `cacheComponents` refuses before a component is known to be dynamic. */
  function forbidTimeAndChance(): string[] {
    const used: string[] = [];
    const forbid = (name: string) => (): never => {
      used.push(name);
      throw new Error(`${name} was called`);
    };
    const Real = Date;
    const Guarded = new Proxy(Real, {
      construct: (target, args) => (args.length ? Reflect.construct(target, args) : forbid('new Date()')()),
      apply: forbid('Date()'),
    });
    vi.spyOn(Real, 'now').mockImplementation(forbid('Date.now'));
    vi.stubGlobal('Date', Guarded);
    vi.spyOn(Math, 'random').mockImplementation(forbid('Math.random'));
    vi.stubGlobal('crypto', {
      randomUUID: forbid('crypto.randomUUID'),
      getRandomValues: forbid('crypto.getRandomValues'),
      get subtle() {
        return forbid('crypto.subtle')();
      },
    });
    return used;
  }

  it.each<[string, Record<string, string>]>([
    ['without headers', {}],
    ['with those of the limits', { 'x-ratelimit-limit': '9', 'x-ratelimit-reset': '1705314630', 'x-request-id': 'r' }],
    ['with a reset from now', { date: 'Mon, 15 Jan 2024 10:30:00 GMT', 'x-ratelimit-reset': '30' }],
  ])('asks neither for the time of day nor for chance: %s', async (_case, headers) => {
    const body = { agents: [agent], total: 1, limit: 50, offset: 0 };
    const { client, sent } = scriptedClient(inTurn(() => json(body, 200, headers)));
    const used = forbidTimeAndChance();
    const page = await client.agents.list();
    const [first] = await client.agents.list().toArray({ limit: 1 });
    const one = await client.request('GET', '/api/v1/agents').withResponse();
    expect([page.data[0]?.name, first?.name, one.meta.status]).toEqual(['x', 'x', 200]);
    expect(sent).toHaveLength(3);
    expect(used).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['without headers', {}],
    ['with those of the limits', { 'x-ratelimit-limit': '9', 'x-ratelimit-remaining': '8' }],
    ['with a reset', { 'x-ratelimit-limit': '9', 'x-ratelimit-remaining': '8', 'x-ratelimit-reset': '1705314630' }],
  ])('nor does its limiter: %s', async (_case, headers) => {
    const { client, sent } = scriptedClient(() => json(agent, 200, headers), { rateLimiter: new RateLimiter() });
    const used = forbidTimeAndChance();
    await client.agents.get('a');
    await client.agents.get('a');
    expect(sent).toHaveLength(2);
    expect(used).toEqual([]);
  });

  it('while a POST, which needs a key of its own, does', async () => {
    const { client } = scriptedClient(() => json(agent));
    const used = forbidTimeAndChance();
    await rejection(client.agents.create({ name: 'x', dataSourceIds: [] }));
    expect(used).toContain('crypto.randomUUID');
  });
});
