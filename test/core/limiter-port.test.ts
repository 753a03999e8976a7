/** The port of the rate limiter: a place around each attempt, told of each answer. */

import { type LimiterLike, type LimiterObservation, TwigConfigError, TwigRateLimiterError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { fetchFailure, inTurn, json, rejection, scriptedClient, sse } from '../support/client.ts';

const agent = { id: 'a', name: 'x' };

/** A limiter that notes what it is asked and told, and how many places are taken. */
function recorder() {
  const events: unknown[] = [];
  const observations: LimiterObservation[] = [];
  let taken = 0;
  const limiter: LimiterLike = {
    acquire: async (scope, options) => {
      events.push(['acquire', scope, options?.priority]);
      taken++;
      let isHeld = true;
      return {
        observe: (observation) => {
          events.push(['observe', observation.status]);
          observations.push(observation);
        },
        release: () => {
          if (isHeld) taken--;
          if (isHeld) events.push('release');
          isHeld = false;
        },
      };
    },
  };
  return { limiter, events, observations, taken: () => taken };
}

it('takes a place for each attempt, tells of its answer, and gives the place back before the wait', async () => {
  const { limiter, events, taken } = recorder();
  const clock = createTestClock();
  const script = inTurn(
    () => json({}, 503),
    fetchFailure('ECONNREFUSED'),
    () => json(agent),
  );
  const { client } = scriptedClient(script, { clock, rateLimiter: limiter });
  const done = client.agents.get('a', { priority: 'high' });
  await clock.advance(0);
  expect(taken()).toBe(0);
  await clock.advance(10_000);
  await done;
  const acquire = ['acquire', 'read', 'high'];
  expect(events).toEqual([
    acquire,
    ['observe', 503],
    'release',
    acquire,
    'release',
    acquire,
    ['observe', 200],
    'release',
  ]);
});

it('asks for the scope of each operation', async () => {
  const { limiter, events } = recorder();
  const { client } = scriptedClient(() => json({ chunks: [], users: [], agents: [] }), {
    rateLimiter: limiter,
    responseValidation: 'off',
  });
  await client.semanticSearch({ query: 'q', orgId: 'o' });
  await client.interactions.submitFeedback('i', { feedback: 'positive' });
  await client.analytics.get({ startDate: '2024-01-01', endDate: '2024-01-01' });
  await client.users.list();
  await client.agents.list();
  await client.agents.delete('a');
  await client.request('GET', '/x');
  await client.request('POST', '/x');
  await client.request('POST', '/x', { scope: 'execute' });
  const scopes = events.flatMap((event) => (Array.isArray(event) && event[0] === 'acquire' ? [event[1]] : []));
  expect(scopes).toEqual(['execute', 'execute', 'admin', 'admin', 'read', 'write', 'read', 'write', 'execute']);
});

it('tells the limiter what the headers said, the wait and the time of the server', async () => {
  const { limiter, observations } = recorder();
  const headers = {
    date: 'Mon, 15 Jan 2024 10:00:00 GMT',
    'retry-after': '3',
    'x-ratelimit-limit': '10',
    'x-ratelimit-remaining': '0',
  };
  const { client } = scriptedClient(() => json({}, 429, headers), { rateLimiter: limiter, maxRetries: 0 });
  await rejection(client.agents.get('a'));
  expect(observations).toEqual([
    {
      status: 429,
      rateLimit: { limit: 10, remaining: 0, resetAt: undefined },
      retryAfterMs: 3000,
      serverTimeMs: Date.UTC(2024, 0, 15, 10),
    },
  ]);
});

it('leaves the wait after a 429 to the limiter, and waits itself after a 503', async () => {
  for (const [status, delay] of [
    [429, 0],
    [503, 20_000],
  ] as const) {
    const { limiter } = recorder();
    const clock = createTestClock();
    clock.random = () => 0;
    const script = inTurn(
      () => json({}, status, { 'retry-after': '20' }),
      () => json(agent),
    );
    const { client } = scriptedClient(script, { clock, rateLimiter: limiter });
    const done = client.agents.get('a').withResponse();
    await clock.advance(60_000);
    expect((await done).meta.attempts[1]?.delayMs).toBe(delay);
  }
});

describe('a limiter that takes nobody in', () => {
  it('fails the call with its own error, and nothing is sent', async () => {
    const error = new TwigRateLimiterError('full', { code: 'queue_full' });
    const limiter: LimiterLike = { acquire: () => Promise.reject(error) };
    const { client, sent } = scriptedClient(() => json(agent), { rateLimiter: limiter });
    expect(await rejection(client.agents.get('a'))).toBe(error);
    expect(sent).toHaveLength(0);
  });

  it('is left when the signal or the deadline says so; its own signal tells it', async () => {
    for (const end of ['signal', 'deadline']) {
      const clock = createTestClock();
      const controller = new AbortController();
      let wasTold = false;
      const limiter: LimiterLike = {
        acquire: (_scope, options) =>
          new Promise((_resolve, reject) => {
            options?.signal?.addEventListener('abort', () => {
              wasTold = true;
              reject(options.signal?.reason);
            });
          }),
      };
      const { client, sent } = scriptedClient(() => json(agent), { clock, rateLimiter: limiter, deadlineMs: 5000 });
      const failed = rejection(client.agents.get('a', { signal: controller.signal }));
      await clock.advance(1000);
      if (end === 'signal') controller.abort('enough');
      else await clock.advance(4000);
      expect(await failed).toMatchObject(end === 'signal' ? { cause: 'enough' } : { limit: 'deadlineMs' });
      expect([wasTold, sent.length]).toEqual([true, 0]);
    }
  });

  it('gets the place back that it gave in the moment of an abort', async () => {
    const clock = createTestClock();
    const controller = new AbortController();
    let taken = 0;
    const limiter: LimiterLike = {
      // It does not heed the signal.
      acquire: async () => {
        await clock.sleep(1000);
        taken++;
        return { observe: () => {}, release: () => taken-- };
      },
    };
    const { client, sent } = scriptedClient(() => json(agent), { clock, rateLimiter: limiter });
    const failed = rejection(client.agents.get('a', { signal: controller.signal }));
    await clock.advance(500);
    controller.abort('enough');
    expect(await failed).toMatchObject({ cause: 'enough' });
    await clock.advance(500);
    expect([taken, sent.length]).toEqual([0, 0]);
  });

  it('is not counted against timeoutMs', async () => {
    const clock = createTestClock();
    const limiter: LimiterLike = {
      acquire: () => clock.sleep(10_000).then(() => ({ observe: () => {}, release: () => {} })),
    };
    const { client } = scriptedClient(() => json(agent), { clock, rateLimiter: limiter, timeoutMs: 1000 });
    const done = client.agents.get('a');
    await clock.advance(10_000);
    expect(await done).toMatchObject(agent);
  });
});

describe('the place of an answer whose body is still to come', () => {
  const question = { agentId: 'a', query: 'q', stream: true } as const;

  it('is kept until a stream ends', async () => {
    const { limiter, taken } = recorder();
    const { client } = scriptedClient(() => sse('event: delta\ndata: {"delta":"x"}\n\nevent: done\ndata: {}\n\n'), {
      rateLimiter: limiter,
    });
    const stream = await client.query(question);
    expect(taken()).toBe(1);
    await stream.finalResponse();
    expect(taken()).toBe(0);
  });

  it('is given back when a stream is left or breaks, and when a raw body was read', async () => {
    const { limiter, taken } = recorder();
    const { client } = scriptedClient(() => sse('event: delta\ndata: {"delta":"x"}\n\n'), { rateLimiter: limiter });
    for await (const event of await client.query(question)) {
      expect(event.type).toBe('delta');
      expect(taken()).toBe(1);
      break;
    }
    expect(taken()).toBe(0);
    await rejection((await client.query(question)).finalResponse());
    expect(taken()).toBe(0);
    const response = await client.agents.get('a').asResponse();
    expect(taken()).toBe(1);
    await response.text();
    expect(taken()).toBe(0);
  });

  it('is given back when the body is not what the call promises', async () => {
    const { limiter, taken } = recorder();
    const { client } = scriptedClient(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }), {
      rateLimiter: limiter,
    });
    await rejection(client.agents.get('a'));
    await rejection(client.query(question));
    expect(taken()).toBe(0);
  });
});

it('is refused when it is no limiter', () => {
  expect(() => scriptedClient(() => json({}), { rateLimiter: {} as never })).toThrow(TwigConfigError);
});
