/** Instrumentation: sees every call from its start to its one end, and can disturb none. */

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type CallEnd, type CallObserver, type CallStart, type Instrumentation, TwigClient } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { fetchFailure, inTurn, json, rejection, scriptedClient, sse } from '../support/client.ts';
import { turn } from '../support/turns.ts';

const KEY = 'twigsk_live_TopSecret0123456789';
const agent = { id: 'a', name: 'x' };
const question = { agentId: 'agent_1', query: 'Why?' };
const DELTA = 'event: delta\ndata: {"text":"Be"}\n\n';
const DONE =
  'event: done\ndata: {"response":"Because","sources":[],"metadata":{"interaction_id":"i","latency_ms":1}}\n\n';

type Told = [member: string, detail?: unknown];

/** An instrumentation that notes all it is told. */
function recorder(extra: Partial<CallObserver> = {}) {
  const told: Told[] = [];
  const starts: CallStart[] = [];
  const ends: CallEnd[] = [];
  const instrumentation: Instrumentation = (start) => {
    starts.push(start);
    told.push(['start', start.operation]);
    return {
      run: (work) => {
        told.push(['run']);
        return work();
      },
      queued: (waitMs) => void told.push(['queued', waitMs]),
      retry: ({ operation, attempt, error }) => void told.push(['retry', [operation, attempt, error.code]]),
      opened: (stream) => void told.push(['opened', stream.constructor.name]),
      firstEvent: () => void told.push(['firstEvent']),
      end: (end) => {
        ends.push(end);
        told.push(['end', end.outcome]);
      },
      ...extra,
    };
  };
  return { told, starts, ends, instrumentation };
}

describe('a call', () => {
  it('is told from its start to its data', async () => {
    const { told, starts, ends, instrumentation } = recorder();
    const { client } = scriptedClient(() => json(agent), { instrumentation });
    const data = await client.agents.get('a');
    expect(told).toEqual([['start', 'agents.get'], ['run'], ['end', 'answered']]);
    expect(starts[0]).toMatchObject({
      operation: 'agents.get',
      method: 'GET',
      route: '/api/v1/agents/:id',
      scope: 'read',
      baseUrl: 'https://api.twig.so',
      isStream: false,
      params: { id: 'a' },
    });
    expect(ends[0]?.data).toBe(data);
    expect(ends[0]?.meta).toMatchObject({ status: 200, attempts: [{ status: 200 }] });
  });

  it('is told with what the caller gave', async () => {
    const { starts, instrumentation } = recorder();
    const { client } = scriptedClient(() => json({ agents: [], response: 'Because' }), { instrumentation });
    await client.agents.list({ limit: 7 });
    await client.query(question);
    await (await client.query({ ...question, stream: true })).abort();
    expect(starts.map(({ params, isStream }) => [params, isStream])).toEqual([
      [{ limit: 7 }, false],
      [question, false],
      [{ ...question, stream: true }, true],
    ]);
  });

  it('that was refused before anything was sent has an end, too', async () => {
    const { told, ends, instrumentation } = recorder();
    const { client, sent } = scriptedClient(() => json(agent), { instrumentation });
    const errors = [
      await rejection(client.agents.get('')),
      await rejection(client.agents.get('a', { maxRetries: -1 })),
    ];
    expect(sent).toEqual([]);
    expect(told.filter(([member]) => member === 'end')).toEqual([
      ['end', 'failed'],
      ['end', 'failed'],
    ]);
    expect(ends.map(({ error }) => error)).toEqual(errors);
    expect(ends[0]?.meta.attempts).toEqual([]);
  });

  it('tells its retries and the waits at the limiter, each in its turn', async () => {
    const clock = createTestClock();
    const { told, instrumentation } = recorder();
    const rateLimiter = new RateLimiter({ clock, limits: { read: { perMinute: 60, burst: 1 } } });
    const { client } = scriptedClient(
      inTurn(
        () => json({}, 503),
        () => json(agent),
      ),
      { clock, instrumentation, rateLimiter },
    );
    clock.random = () => 0;
    const done = client.agents.get('a');
    await clock.advance(5000);
    await done;
    expect(told).toEqual([
      ['start', 'agents.get'],
      ['run'],
      ['queued', 0],
      ['retry', ['agents.get', 1, 'service_unavailable']],
      ['queued', 1000],
      ['end', 'answered'],
    ]);
  });

  it('of request() never shows its path, which may hold ids', async () => {
    const clock = createTestClock();
    const { told, starts, instrumentation } = recorder();
    const { client } = scriptedClient(
      inTurn(
        () => json({}, 503),
        () => json({}),
      ),
      { clock, instrumentation },
    );
    const done = client.request('GET', '/api/v1/agents/agent_1');
    await clock.advance(5000);
    await done;
    expect(starts[0]).toMatchObject({ operation: 'request', method: 'GET', route: '', scope: 'read' });
    expect(JSON.stringify(told)).not.toContain('agent_1');
    expect(told).toContainEqual(['retry', ['request', 1, 'service_unavailable']]);
  });

  it('made inside of the run of another is observed by its own observer', async () => {
    const ends: [number, unknown][] = [];
    let count = 0;
    const inner: { made?: Promise<unknown> } = {};
    const instrumentation: Instrumentation = () => {
      const index = count++;
      return {
        run: (work) => {
          if (index === 0) inner.made = rejection(client.agents.get(''));
          return work();
        },
        end: ({ outcome }) => void ends.push([index, outcome]),
      };
    };
    const { client } = scriptedClient(() => json(agent), { instrumentation });
    await client.agents.get('a');
    await inner.made;
    expect(ends).toEqual([
      [1, 'failed'],
      [0, 'answered'],
    ]);
  });

  it('that nobody is interested in goes on as without', async () => {
    const { client } = scriptedClient(() => json(agent), { instrumentation: () => undefined });
    expect(await client.agents.get('a')).toEqual(agent);
  });
});

it('refuses an instrumentation that is none', () => {
  const instrumentation = {} as unknown as Instrumentation;
  expect(() => new TwigClient({ apiKey: KEY, instrumentation })).toThrow('instrumentation must be a function');
});

it('is replaced whole by withOptions', async () => {
  const [first, second] = [recorder(), recorder()];
  const { client } = scriptedClient(() => json(agent), { instrumentation: first.instrumentation });
  await client.withOptions({ instrumentation: second.instrumentation }).agents.get('a');
  await client.withOptions({ maxRetries: 0 }).agents.get('a');
  expect([first.ends.length, second.ends.length]).toEqual([1, 1]);
});

describe('a stream', () => {
  const stream = async (answer: () => Response, instrumentation: Instrumentation, signal?: AbortSignal) => {
    const { client } = scriptedClient(answer, { instrumentation });
    return client.query({ ...question, stream: true }, signal && { signal });
  };

  it('ends with its last event, and gives the whole answer', async () => {
    const { told, ends, instrumentation } = recorder();
    const opened = await stream(() => sse([DELTA, DONE]), instrumentation);
    expect(told.at(-1)).toEqual(['opened', 'ResponseStream']);
    const answer = await opened.finalResponse();
    expect(told.slice(2)).toEqual([['opened', 'ResponseStream'], ['firstEvent'], ['end', 'answered']]);
    expect(ends[0]?.data).toBe(answer);
  });

  it('that was answered with one JSON has its first event before its end', async () => {
    const { told, instrumentation } = recorder();
    await (await stream(() => json({ response: 'Because' }), instrumentation)).finalResponse();
    expect(told.slice(2)).toEqual([['opened', 'ResponseStream'], ['firstEvent'], ['end', 'answered']]);
  });

  it.each(['break', 'dispose'] as const)('that was left by %s ends as left', async (way) => {
    const { told, instrumentation } = recorder();
    const opened = await stream(() => sse([DELTA, DONE]), instrumentation);
    if (way === 'dispose') await opened[Symbol.asyncDispose]();
    else for await (const _ of opened) break;
    await opened[Symbol.asyncDispose]();
    expect(told.at(-1)).toEqual(['end', 'left']);
    expect(told.filter(([member]) => member === 'end')).toHaveLength(1);
  });

  it.each(['signal', 'abort()'] as const)('that was ended by %s ends as failed, read or not', async (way) => {
    const { told, ends, instrumentation } = recorder();
    const controller = new AbortController();
    const opened = await stream(() => sse([DELTA, DONE]), instrumentation, controller.signal);
    if (way === 'signal') controller.abort();
    else opened.abort();
    expect(told.at(-1)).toEqual(['end', 'failed']);
    expect(ends[0]?.error).toMatchObject({ code: 'aborted' });
    await rejection(opened.finalResponse());
    expect(ends).toHaveLength(1);
  });

  it('that breaks ends with the error that its reader gets', async () => {
    const { ends, instrumentation } = recorder();
    const opened = await stream(() => sse([DELTA]), instrumentation);
    const error = await rejection(opened.finalResponse());
    expect(error).toMatchObject({ code: 'truncated' });
    expect(ends).toEqual([expect.objectContaining({ outcome: 'failed', error })]);
  });

  it('that is none ends with the call', async () => {
    const { told, instrumentation } = recorder();
    await rejection(
      stream(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }), instrumentation),
    );
    expect(told.at(-1)).toEqual(['end', 'failed']);
  });
});

describe('a raw body', () => {
  const raw = async (instrumentation: Instrumentation, body: BodyInit | null = 'whole', signal?: AbortSignal) => {
    const { client } = scriptedClient(() => new Response(body), { instrumentation });
    return client.agents.get('a', signal && { signal }).asResponse();
  };

  it('ends the call when it was read', async () => {
    const { told, instrumentation } = recorder();
    const response = await raw(instrumentation);
    expect(told.slice(2)).toEqual([['opened', 'ReadableStream']]);
    expect(await response.text()).toBe('whole');
    expect(told.slice(2)).toEqual([
      ['opened', 'ReadableStream'],
      ['end', 'raw'],
    ]);
  });

  it('that is not there ends it at once', async () => {
    const { told, instrumentation } = recorder();
    await raw(instrumentation, null);
    expect(told.at(-1)).toEqual(['end', 'raw']);
  });

  it('that was cancelled ends it as left', async () => {
    const { told, instrumentation } = recorder();
    await (await raw(instrumentation)).body?.cancel();
    expect(told.at(-1)).toEqual(['end', 'left']);
  });

  it('that breaks ends it as failed', async () => {
    const { told, ends, instrumentation } = recorder();
    const broken = new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) });
    await rejection((await raw(instrumentation, broken)).text());
    expect(told.at(-1)).toEqual(['end', 'failed']);
    expect(ends[0]?.error).toMatchObject({ code: 'connection_failed', phase: 'body' });
  });

  it('whose caller aborts before or between reading ends it then', async () => {
    for (const reads of [0, 1]) {
      const { ends, instrumentation } = recorder();
      const controller = new AbortController();
      const response = await raw(instrumentation, 'whole', controller.signal);
      const reader = response.body?.getReader();
      for (let count = 0; count < reads; count++) await reader?.read();
      controller.abort();
      expect(ends).toEqual([expect.objectContaining({ outcome: 'failed' })]);
      expect(await rejection(reader?.read() ?? Promise.resolve())).toMatchObject({ code: 'aborted' });
      expect(ends).toHaveLength(1);
    }
  });

  it('asked for after the data was read changes nothing', async () => {
    const { ends, instrumentation } = recorder();
    const { client } = scriptedClient(() => json(agent), { instrumentation });
    const call = client.agents.get('a');
    await turn();
    await turn();
    expect(await (await call.asResponse()).json()).toEqual(agent);
    expect(ends.map(({ outcome }) => outcome)).toEqual(['answered']);
  });
});

describe('what nobody reads', () => {
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');

  it.each(['a stream', 'a stream left in the middle', 'a raw body'] as const)(
    'ends when it is collected, and gives the place at the limiter back: %s',
    async (what) => {
      const { ends, instrumentation } = recorder();
      const rateLimiter = new RateLimiter();
      const { signal } = new AbortController();
      const { client } = scriptedClient(() => sse([DELTA, DELTA, DONE]), { instrumentation, rateLimiter });
      // In a function of its own, so that nothing of it stays.
      const drop = async (): Promise<void> => {
        const call = client.query({ ...question, stream: true }, { signal });
        if (what === 'a raw body') await call.asResponse();
        else if (what === 'a stream') await call;
        else await (await call)[Symbol.asyncIterator]().next();
      };
      await drop();
      expect(rateLimiter.stats().inFlight).toBe(1);
      await expect
        .poll(() => {
          collect();
          return ends.map(({ outcome }) => outcome);
        })
        .toEqual(['abandoned']);
      expect(rateLimiter.stats().inFlight).toBe(0);
    },
  );
});

describe('headers', () => {
  it('are asked for at each attempt, in lower case and below those of the client and its caller', async () => {
    let count = 0;
    const { instrumentation } = recorder({
      headers: () => ({
        Traceparent: `00-${++count}`,
        Authorization: 'evil',
        'Content-Type': 'text/evil',
        'X-Tenant': 'evil',
      }),
    });
    const clock = createTestClock();
    const { client, sent } = scriptedClient(
      inTurn(
        () => json({}, 503),
        () => json(agent),
      ),
      { apiKey: KEY, clock, instrumentation, headers: { 'x-tenant': 'acme' } },
    );
    const done = client.agents.update('a', { name: 'x' }, { headers: { TraceState: 'mine' } });
    await clock.advance(5000);
    await done;
    expect(sent.map(({ init }) => init.headers)).toEqual(
      ['00-1', '00-2']
        .map((traceparent) => ({
          accept: 'application/json',
          authorization: `Bearer ${KEY}`,
          'content-type': 'application/json',
          'idempotency-key': undefined,
          'user-agent': expect.any(String),
          'x-tenant': 'acme',
          traceparent,
          tracestate: 'mine',
        }))
        .map(({ 'idempotency-key': _, ...headers }) => headers),
    );
  });

  it('do not replace a traceparent of the caller', async () => {
    const { instrumentation } = recorder({ headers: () => ({ TRACEPARENT: 'ours' }) });
    const { client, sent } = scriptedClient(() => json(agent), { instrumentation });
    await client.agents.get('a', { headers: { TraceParent: 'theirs' } });
    expect(sent[0]?.init.headers.traceparent).toBe('theirs');
  });

  it('that HTTP cannot carry are left out, and told', async () => {
    const lines: unknown[] = [];
    const { instrumentation } = recorder({ headers: () => ({ 'x-a': 'line\nbreak' }) });
    const write = (line: string) => void lines.push(line);
    const { client, sent } = scriptedClient(() => json(agent), {
      instrumentation,
      logger: { error: write, warn: write, info: write, debug: write },
      logLevel: 'error',
    });
    await client.agents.get('a');
    expect(sent[0]?.init.headers).not.toHaveProperty('x-a');
    expect(lines).toEqual(['[twig] an instrumentation threw']);
  });
});

describe('what goes wrong around it', () => {
  const MEMBERS = ['run', 'headers', 'queued', 'retry', 'opened', 'firstEvent', 'end'] as const;

  /** A call with a retry, then a stream, through a limiter. */
  async function twoCalls(instrumentation: Instrumentation) {
    const lines: unknown[] = [];
    const write = (line: string) => void lines.push(line);
    const clock = createTestClock();
    const rateLimiter = new RateLimiter({ clock });
    const { client, sent } = scriptedClient(
      inTurn(
        () => json({}, 503),
        () => json(agent),
        () => sse([DELTA, DONE]),
      ),
      {
        clock,
        instrumentation,
        rateLimiter,
        logger: { error: write, warn: write, info: write, debug: write },
        logLevel: 'error',
      },
    );
    const call = client.agents.get('a');
    await clock.advance(5000);
    expect(await call).toEqual(agent);
    const stream = await client.query({ ...question, stream: true });
    expect((await stream.finalResponse()).response).toBe('Because');
    expect(rateLimiter.stats().inFlight).toBe(0);
    expect(sent).toHaveLength(3);
    await turn();
    return lines;
  }

  it.each([...MEMBERS, 'itself'] as const)('breaks no call when %s throws or rejects', async (member) => {
    for (const fail of [
      () => {
        throw new Error('broken');
      },
      () => Promise.reject(new Error('broken')),
    ]) {
      const { instrumentation } = recorder({ [member]: fail });
      const lines = await twoCalls(member === 'itself' ? (fail as unknown as Instrumentation) : instrumentation);
      expect(lines.every((line) => line === '[twig] an instrumentation threw')).toBe(true);
    }
  });

  it.each([...MEMBERS, 'itself'] as const)('is logged when %s throws', async (member) => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const lines = await twoCalls(member === 'itself' ? fail : recorder({ [member]: fail }).instrumentation);
    expect(lines[0]).toBe('[twig] an instrumentation threw');
  });

  it.each(
    Object.entries({
      'runs the work twice': (work: () => unknown) => [work(), work()],
      'runs the work later': (work: () => unknown) => Promise.resolve().then(work),
      'does not run the work': () => undefined,
      'runs the work in a promise of its own': async (work: () => unknown) => await work(),
      'throws after the work began': (work: () => unknown) => {
        work();
        throw new Error('broken');
      },
    }),
  )('sends nothing twice when run %s', async (_how, run) => {
    const { ends, instrumentation } = recorder({ run: run as CallObserver['run'] });
    const { client, sent } = scriptedClient(
      inTurn(
        () => json(agent),
        () => json({}, 404),
      ),
      { instrumentation },
    );
    expect(await client.agents.get('a')).toEqual(agent);
    await rejection(client.agents.get('b'));
    expect(sent).toHaveLength(2);
    expect(ends.map(({ outcome }) => outcome)).toEqual(['answered', 'failed']);
  });

  it('does not matter to a call whose limiter throws at its end: that is told all the same', async () => {
    const { ends, instrumentation } = recorder();
    const release = (): never => {
      throw new Error('broken limiter');
    };
    const rateLimiter = { acquire: async () => ({ observe() {}, release }) };
    const { client } = scriptedClient(() => sse([DELTA, DONE]), { instrumentation, rateLimiter });
    const stream = await client.query({ ...question, stream: true });
    await stream.finalResponse();
    expect(ends.map(({ outcome }) => outcome)).toEqual(['answered']);
  });
});

describe('clean', () => {
  const echo = { id: 'a', name: `I am ${KEY}` };

  it.each([
    ['a key', { apiKey: KEY }],
    ['a key that a function gives', { apiKey: () => KEY }],
    [
      'a credential of the caller’s own',
      { apiKey: 'twigsk_test_other000', headers: { authorization: `Bearer ${KEY}` } },
    ],
  ])('takes out of what servers echo %s', async (_what, options) => {
    const { ends, instrumentation } = recorder();
    const { client } = scriptedClient(() => json(echo), { ...options, instrumentation });
    await client.agents.get('a');
    const [end] = ends;
    expect(JSON.stringify(end?.data)).toContain(KEY);
    expect(end?.clean(JSON.stringify(end.data))).toBe('{"id":"a","name":"I am [redacted]"}');
  });

  it('works at the start, before the call has come to its key', async () => {
    let shown = '';
    const instrumentation: Instrumentation = ({ clean, params }) => {
      shown = clean(String(params.id));
      return undefined;
    };
    const { client } = scriptedClient(() => json(agent), { apiKey: KEY, instrumentation });
    await client.agents.get(KEY);
    expect(shown).toBe('[redacted]');
  });
});

describe('a thousand calls with random faults', () => {
  /** mulberry32 */
  const seeded = (seed: number) => (): number => {
    let mixed = seed++ * 0x6d2b79f5;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };

  it.each([1, 2])('have one end each, and nothing after it (seed %i)', async (seed) => {
    const random = seeded(seed * 1_000_000);
    const one = <T>(...choices: T[]): T => choices[Math.floor(random() * choices.length)] as T;
    const clock = createTestClock();
    clock.random = random;
    const rateLimiter = new RateLimiter({
      clock,
      concurrency: 20,
      maxWaitMs: 20_000,
      limits: { execute: { perMinute: 6000, burst: 50 }, read: { perMinute: 6000, burst: 50 } },
    });
    const lives: string[][] = [];
    const instrumentation: Instrumentation = () => {
      const life: string[] = [];
      lives.push(life);
      const note = (member: string) => (): void => {
        life.push(member);
        if (random() < 0.02) throw new Error('broken instrumentation');
      };
      return {
        run: (work) => work(),
        queued: note('queued'),
        retry: note('retry'),
        opened: note('opened'),
        firstEvent: note('firstEvent'),
        end: note('end'),
        headers: () => {
          note('headers')();
          return { traceparent: '00' };
        },
      };
    };
    const broken = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new Error('reset')) }), {
        headers: { 'content-type': one('application/json', 'text/event-stream') },
      });
    const answers: (() => Response | Promise<Response>)[] = [
      () => json(agent),
      () => json({ response: 'Because' }),
      () => json({}, one(400, 404, 429, 500, 503)),
      () => sse(one([DELTA, DONE], [DELTA + DONE], [DELTA], [''], ['event: error\ndata: {"error":{"code":"x"}}\n\n'])),
      () => new Response('<html>'),
      () => new Response(null, { status: 204 }),
      broken,
      fetchFailure('ECONNREFUSED'),
      fetchFailure('ECONNRESET'),
      () => new Promise<never>(() => {}),
      () => clock.sleep(random() * 5000).then(() => json(agent)),
    ];
    const { client } = scriptedClient(() => one(...answers)(), {
      clock,
      instrumentation,
      rateLimiter,
      timeoutMs: 3000,
      deadlineMs: 8000,
    });

    const call = async (): Promise<void> => {
      const controller = new AbortController();
      const at = random();
      if (at < 0.1) controller.abort();
      else if (at < 0.4) clock.sleep(random() * 3000).then(() => controller.abort());
      const { signal } = controller;
      switch (one('get', 'query', 'stream', 'leave', 'ignore', 'raw', 'cancel', 'refused')) {
        case 'get':
          return void (await client.agents.get('a', { signal }));
        case 'query':
          return void (await client.query(question, { signal }));
        case 'stream':
          return void (await (await client.query({ ...question, stream: true }, { signal })).finalResponse());
        case 'leave':
          for await (const _ of await client.query({ ...question, stream: true }, { signal })) break;
          return;
        case 'ignore': {
          const stream = await client.query({ ...question, stream: true }, { signal });
          return stream[Symbol.asyncDispose]();
        }
        case 'raw':
          return void (await (await client.agents.get('a', { signal }).asResponse()).text());
        case 'cancel':
          return void (await (await client.agents.get('a', { signal }).asResponse()).body?.cancel());
        default:
          return void (await client.agents.get('', { signal }));
      }
    };
    const calls = Array.from({ length: 1000 }, () => clock.sleep(random() * 60_000).then(call));
    const settled = Promise.allSettled(calls);
    await clock.advance(300_000);
    await settled;
    expect(lives).toHaveLength(1000);
    expect(lives.filter((life) => life.filter((member) => member === 'end').length !== 1)).toEqual([]);
    expect(lives.filter((life) => life.at(-1) !== 'end')).toEqual([]);
    // All of it happened.
    for (const member of ['queued', 'headers', 'retry', 'opened', 'firstEvent']) {
      expect(lives.some((life) => life.includes(member))).toBe(true);
    }
    expect(rateLimiter.stats()).toMatchObject({ queued: 0, inFlight: 0 });
  });
});
