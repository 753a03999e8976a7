/** What is sent again, how often, and when. */

import { type CallAttempt, TwigAbortError, type TwigError, TwigRateLimitError, TwigTimeoutError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { type Answer, httpServer, rawServer, sendJson } from './fault-server.ts';
import { answer, impatient, patient, question } from './support.ts';

/** Answers the first request of a call with a fault and all others well. */
const faultFirst =
  (status: number, headers: Record<string, string | number>, body: unknown = {}): Answer =>
  (response, _arrival, index) =>
    index === 0 ? sendJson(response, body, status, headers) : sendJson(response, answer());

/** How long the client waits before its second attempt; `undefined` when there is none. */
async function waitAfter(status: number, headers: Record<string, string | number>, body?: unknown) {
  await using server = await httpServer(faultFirst(status, headers, body));
  const options = impatient();
  const attempts: CallAttempt[] = await server
    .client(options)
    .query(question)
    .withResponse()
    .then(
      ({ meta }) => meta.attempts,
      (error: TwigError) => error.meta?.attempts ?? [],
    );
  expect(server.arrivals).toHaveLength(attempts.length);
  return attempts[1]?.delayMs;
}

describe('the number of attempts', () => {
  it.each([
    [3, [408, 429, 500, 502, 503, 504]],
    [1, [400, 401, 403, 404, 405, 409, 410, 413, 418, 422, 425, 451, 501, 505, 511]],
  ])('is %i for %j, of a GET and of a POST', async (expected, statuses) => {
    for (const status of statuses) {
      await using server = await httpServer((response) => sendJson(response, {}, status));
      const client = server.client(impatient());
      expect(await rejection(client.query(question))).toMatchObject({ status });
      expect([status, server.arrivals.length]).toEqual([status, expected]);
      expect(await rejection(client.agents.get('agent_1'))).toMatchObject({ status });
      expect([status, server.arrivals.length]).toEqual([status, 2 * expected]);
    }
  });

  it('is one more than maxRetries', async () => {
    await using server = await httpServer((response) => sendJson(response, {}, 503));
    const client = server.client(impatient());
    for (const maxRetries of [0, 1, 4]) {
      server.arrivals.length = 0;
      await rejection(client.query(question, { maxRetries }));
      expect(server.arrivals).toHaveLength(maxRetries + 1);
    }
  });
});

describe('the wait that a server asks for', () => {
  // With the Date header beside it, a date is a distance and not a matter of whose clock is right.
  const now = Date.UTC(2030, 0, 1);
  const date = (ms: number) => ({ date: new Date(now).toUTCString(), 'retry-after': new Date(now + ms).toUTCString() });
  const resetIn = (seconds: number) => ({
    date: new Date(now).toUTCString(),
    'x-ratelimit-reset': now / 1000 + seconds,
  });

  it.each([
    ['Retry-After: 0', 503, { 'retry-after': '0' }, {}, 0],
    ['Retry-After as a float', 503, { 'retry-after': '1.5' }, {}, 1500],
    ['Retry-After as a date', 503, date(30_000), {}, 30_000],
    ['Retry-After as a past date', 503, date(-30_000), {}, 0],
    ['retry-after-ms before Retry-After', 503, { 'retry-after-ms': '40', 'retry-after': '9' }, {}, 40],
    ['X-RateLimit-Reset of a 429', 429, resetIn(20), {}, 20_000],
    ['X-RateLimit-Reset that has passed', 429, resetIn(-20), {}, 0],
    [
      'retryAfter of the body',
      429,
      {},
      { error: { code: 'rate_limit_exceeded', retryAfter: 45 }, status: 429 },
      45_000,
    ],
    ['Retry-After before the body', 429, { 'retry-after': '2' }, { error: { retryAfter: 45 } }, 2000],
  ])('is kept, and lengthened by at most a tenth: %s', async (_what, status, headers, body, asked) => {
    const waited = await waitAfter(status, headers, body);
    expect(waited).toBeGreaterThanOrEqual(asked);
    expect(waited).toBeLessThanOrEqual(asked * 1.1);
  });

  it.each([
    ['negative', { 'retry-after': '-5' }],
    ['NaN', { 'retry-after': 'NaN' }],
    ['Infinity', { 'retry-after': 'Infinity' }],
    ['no date', { 'retry-after': 'soon' }],
    ['empty', { 'retry-after': '' }],
    ['X-RateLimit-Reset without a 429', resetIn(20)],
  ])('is passed over when it is none: %s', async (_what, headers) => {
    const waited = await waitAfter(503, headers);
    expect(waited).toBeGreaterThan(0);
    expect(waited).toBeLessThanOrEqual(500);
  });

  it.each([
    ['a day', 86_400],
    ['2^40 seconds', 2 ** 40],
  ])('is not begun when it is longer than maxRetryDelayMs: %s', async (_what, seconds) => {
    await using server = await httpServer((response) => sendJson(response, {}, 429, { 'retry-after': seconds }));
    const error = await rejection(server.client().query(question));
    expect(error).toBeInstanceOf(TwigRateLimitError);
    expect(error).toMatchObject({ retryAfterMs: seconds * 1000 });
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('the caller', () => {
  it.each([
    ['an Error', new Error('enough')],
    ['a text', 'enough'],
    ['undefined', undefined],
  ])(
    'ends a wait while the clock stands still, and nothing is sent after it: the reason is %s',
    async (_what, reason) => {
      await using server = await httpServer((response) => sendJson(response, {}, 503, { 'retry-after': '30' }));
      const controller = new AbortController();
      const { options } = patient();
      const { clock } = options;
      const retries = new Promise<void>((resolve) => {
        options.hooks = { onRetry: () => resolve() };
      });
      const error = rejection(server.client(options).query(question, { signal: controller.signal }));
      await retries;
      // It waits: half of what was asked for has passed.
      await clock.advance(15_000);
      controller.abort(reason);
      expect(await error).toBeInstanceOf(TwigAbortError);
      expect(await error).toMatchObject({ cause: controller.signal.reason });
      await clock.advance(3_600_000);
      expect(server.arrivals).toHaveLength(1);
    },
  );

  it('who gives up an attempt under way ends the call, whatever the reason', async () => {
    await using server = await rawServer();
    const controller = new AbortController();
    const options = impatient();
    const failed = rejection(server.client(options).agents.get('agent_1', { signal: controller.signal }));
    const { closed } = await server.arrived(1);
    controller.abort('enough');
    expect(await failed).toMatchObject({ code: 'aborted', cause: 'enough' });
    await closed;
    await options.clock.advance(3_600_000);
    expect(server.arrivals).toHaveLength(1);
  });
});

describe('the deadline', () => {
  it('ends the whole call, whatever is left of its attempts', async () => {
    await using server = await rawServer();
    const { options } = patient();
    const { clock } = options;
    clock.random = () => 0;
    const failed = rejection(
      server.client({ ...options, timeoutMs: 80, deadlineMs: 200, maxRetries: 50 }).agents.get('agent_1'),
    );
    for (const [attempt, ms] of [
      [1, 80],
      [2, 80],
      [3, 40],
    ] as const) {
      await server.arrived(attempt);
      await clock.advance(ms);
    }
    const error = await failed;
    expect(error).toBeInstanceOf(TwigTimeoutError);
    expect(error).toMatchObject({ limit: 'deadlineMs', limitMs: 200, meta: { durationMs: 200 } });
    expect(server.arrivals).toHaveLength(3);
    await server.arrivals[2]?.closed;
  });

  it('is not waited for: a wait that would pass it is not begun', async () => {
    await using server = await httpServer((response) => sendJson(response, {}, 503, { 'retry-after': '5' }));
    // The clock stands still: nothing that waits would ever end.
    const { options } = patient();
    const error = await rejection(server.client({ ...options, deadlineMs: 2000 }).query(question));
    expect(error).toMatchObject({ status: 503, retryAfterMs: 5000 });
    expect(server.arrivals).toHaveLength(1);
  });
});
