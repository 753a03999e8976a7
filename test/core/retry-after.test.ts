/** The wait that a server asks for: every form and source of it, what it does to retries, and its limits. */

import type { TwigAPIError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

const NOW = Date.UTC(2024, 0, 15, 10, 30);
const httpDate = (ms: number) => new Date(ms).toUTCString();
const inSeconds = (ms: number) => String(ms / 1000);

/** What an answer asks to wait, in milliseconds. */
async function waitOf(status: number, headers: Record<string, string>, body: unknown = {}): Promise<unknown> {
  const { client } = scriptedClient(() => json(body, status, headers), { clock: createTestClock(), maxRetries: 0 });
  return ((await rejection(client.agents.get('a'))) as TwigAPIError).retryAfterMs;
}

describe('the wait asked for', () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ['milliseconds', { 'retry-after-ms': '1500' }, 1500],
    ['seconds', { 'retry-after': '2' }, 2000],
    ['seconds with a fraction', { 'retry-after': '0.25' }, 250],
    ['no time at all', { 'retry-after': '0' }, 0],
    ['an HTTP date', { 'retry-after': httpDate(NOW + 5000) }, 5000],
    ['an HTTP date by the clock of the server', { 'retry-after': httpDate(5000), date: httpDate(2000) }, 3000],
    ['an HTTP date that has passed', { 'retry-after': httpDate(NOW - 60_000) }, 0],
    ['the moment, in seconds since 1970', { 'retry-after': inSeconds(NOW + 5000) }, 5000],
    ['the moment, in milliseconds since 1970', { 'retry-after': String(NOW + 5000) }, 5000],
    ['a moment that has passed', { 'retry-after': inSeconds(NOW - 5000) }, 0],
    ['seconds that are no moment', { 'retry-after': '99999999' }, 99_999_999_000],
    ['seconds, said twice', { 'retry-after': '2, 2' }, 2000],
    ['milliseconds before seconds', { 'retry-after-ms': '10', 'retry-after': '2' }, 10],
    ['seconds after broken milliseconds', { 'retry-after-ms': 'soon', 'retry-after': '2' }, 2000],
    ['nothing: a negative number', { 'retry-after': '-5' }, undefined],
    ['nothing: blank', { 'retry-after': '', 'retry-after-ms': ' ' }, undefined],
    ['nothing: words with a number', { 'retry-after': 'try 5' }, undefined],
    ['nothing: words', { 'retry-after': 'later today' }, undefined],
    ['nothing: no number', { 'retry-after': 'NaN', 'retry-after-ms': 'Infinity' }, undefined],
    ['nothing: another spelling of numbers', { 'retry-after': '0x10', 'retry-after-ms': '1e3' }, undefined],
    ['nothing: no header', {}, undefined],
  ])('%s', async (_form, headers, expected) => {
    expect(await waitOf(503, headers)).toBe(expected);
    expect(await waitOf(429, headers)).toBe(expected);
  });

  it('is read from the body when no header has it', async () => {
    const body = { error: { code: 'x', message: 'm', retryAfter: 45 }, status: 429 };
    expect(await waitOf(429, {}, body)).toBe(45_000);
    expect(await waitOf(429, { 'retry-after': '3' }, body)).toBe(3000);
    expect(await waitOf(503, {}, { error: { retry_after: 1.5 } })).toBe(1500);
    expect(await waitOf(429, {}, { error: 'Slow down', status: 429, retryAfter: 7 })).toBe(7000);
    expect(await waitOf(503, {}, { error: { retryAfter: 'soon' } })).toBeUndefined();
    expect(await waitOf(503, {}, { error: { retryAfter: -1 } })).toBeUndefined();
  });

  it('is read from X-RateLimit-Reset last, and for a 429 only', async () => {
    const headers = { 'x-ratelimit-reset': inSeconds(NOW + 8000) };
    expect(await waitOf(429, headers)).toBe(8000);
    expect(await waitOf(429, headers, { error: { retryAfter: 2 } })).toBe(2000);
    for (const status of [500, 503]) expect(await waitOf(status, headers)).toBeUndefined();
    expect(await waitOf(429, { 'x-ratelimit-reset': inSeconds(NOW - 1000) })).toBe(0);
    expect(await waitOf(429, { 'x-ratelimit-reset': inSeconds(9000), date: httpDate(2000) })).toBe(7000);
    expect(await waitOf(429, { 'x-ratelimit-reset': '1e30' })).toBeUndefined();
  });
});

describe('a retry', () => {
  /** How long a client waits before its second attempt; `undefined` when it makes none. */
  async function delayOf(
    status: number,
    headers: Record<string, string>,
    draw: number,
    options = {},
  ): Promise<unknown> {
    const clock = createTestClock();
    clock.random = () => draw;
    const script = (_sent: unknown, index: number) =>
      index ? json({ id: 'a', name: 'x' }) : json({ error: { code: 'wait' } }, status, headers);
    const { client } = scriptedClient(script, { clock, ...options });
    const settled = client.agents
      .get('a')
      .withResponse()
      .then(({ meta }) => meta.attempts[1]?.delayMs)
      .catch((error: TwigAPIError) => {
        expect(error.retryAfterMs).toBeGreaterThan(0);
        expect(error.meta?.durationMs).toBe(0);
        return undefined;
      });
    await clock.advance(300_000);
    return settled;
  }

  it('waits what was asked, and up to a tenth longer', async () => {
    expect(await delayOf(503, { 'retry-after': '10' }, 0)).toBe(10_000);
    expect(await delayOf(429, { 'retry-after-ms': '10000' }, 0.5)).toBe(10_500);
    expect(await delayOf(429, { 'x-ratelimit-reset': inSeconds(NOW + 8000) }, 0)).toBe(8000);
    expect(await delayOf(500, { 'retry-after': httpDate(NOW + 2000) }, 0)).toBe(2000);
  });

  it('never comes before the server is ready, whatever is drawn', async () => {
    for (const draw of [0, 0.3, 0.999]) {
      expect(await delayOf(503, { 'retry-after': '10' }, draw)).toBeGreaterThanOrEqual(10_000);
    }
  });

  it('is not made when the wait passes maxRetryDelayMs: the error comes at once', async () => {
    expect(await delayOf(503, { 'retry-after': '61' }, 0)).toBeUndefined();
    expect(await delayOf(503, { 'retry-after': '300' }, 0)).toBeUndefined();
    expect(await delayOf(503, { 'retry-after': '60' }, 0)).toBe(60_000);
    expect(await delayOf(429, { 'retry-after': '2' }, 0, { maxRetryDelayMs: 1999 })).toBeUndefined();
    expect(await delayOf(429, { 'retry-after': '300' }, 0, { maxRetryDelayMs: 300_000 })).toBe(300_000);
  });

  it('is not made when the wait passes the deadline', async () => {
    expect(await delayOf(503, { 'retry-after': '10' }, 0, { deadlineMs: 10_000 })).toBeUndefined();
    expect(await delayOf(503, { 'retry-after': '10' }, 0, { deadlineMs: 10_001 })).toBe(10_000);
  });
});
