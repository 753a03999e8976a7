/** `X-RateLimit-Reset` in the units that servers and gateways use, and what is none of them. */

import type { TwigRateLimitError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

const NOW = Date.UTC(2024, 0, 15, 10, 30);
const HOUR = 3_600_000;
const YEAR = 366 * 24 * HOUR;

const refused = async (reset: string, headers: Record<string, string> = {}): Promise<TwigRateLimitError> => {
  const answer = () => json({}, 429, { 'x-ratelimit-reset': reset, ...headers });
  const { client } = scriptedClient(answer, { clock: createTestClock(), maxRetries: 0 });
  return (await rejection(client.agents.get('a'))) as TwigRateLimitError;
};

describe.each<[string, number, Record<string, string>]>([
  ['our own clock', NOW, {}],
  ['the clock of the server, hours ahead', NOW + 5 * HOUR, { date: new Date(NOW + 5 * HOUR).toUTCString() }],
  ['the clock of the server, years behind', NOW - 4 * YEAR, { date: new Date(NOW - 4 * YEAR).toUTCString() }],
])('a reset by %s', (_clock, now, headers) => {
  it.each([
    ['seconds since 1970', String((now + 8000) / 1000), 8000],
    ['seconds since 1970, with a fraction', String((now + 1500) / 1000), 1500],
    ['milliseconds since 1970', String(now + 8000), 8000],
    ['the words of RFC 3339', new Date(now + 8000).toISOString(), 8000],
    ['the words of HTTP', new Date(now + 8000).toUTCString(), 8000],
    ['seconds from now', '8', 8000],
    ['seconds from now, with a fraction', '0.5', 500],
    ['a month of seconds from now', String(31 * 86_400), 31 * 86_400_000],
  ])('may be in %s', async (_unit, reset, wait) => {
    const { rateLimit, retryAfterMs } = await refused(reset, headers);
    expect(rateLimit?.resetAt).toEqual(new Date(now + wait));
    expect(retryAfterMs).toBe(wait);
  });

  it.each([
    '-5',
    '0',
    '1e30',
    '123456789',
    '9e9',
    'soon',
    '8s',
    'Thu, 01 Jan 1970 00:00:00 GMT',
    'NaN',
    'Infinity',
    ' ',
  ])('that is not plausible (%s) counts as none', async (reset) => {
    const { rateLimit, retryAfterMs } = await refused(reset, { ...headers, 'x-ratelimit-limit': '5' });
    expect(rateLimit).toEqual({ limit: 5, remaining: undefined, resetAt: undefined });
    expect(retryAfterMs).toBeUndefined();
  });

  it('that has just passed means now, and one that passed long ago nothing', async () => {
    expect((await refused(String((now - 20_000) / 1000), headers)).retryAfterMs).toBe(0);
    for (const passed of [HOUR, YEAR]) {
      const { rateLimit, retryAfterMs } = await refused(String((now - passed) / 1000), headers);
      expect(rateLimit?.resetAt).toEqual(new Date(now - passed));
      expect(retryAfterMs).toBeUndefined();
    }
  });

  it('further ahead than a year is no wait', async () => {
    expect((await refused(String((now + YEAR + 1000) / 1000), headers)).retryAfterMs).toBeUndefined();
    expect((await refused(String(now + YEAR + 1000), headers)).retryAfterMs).toBeUndefined();
  });
});

it.each([
  ['seconds from now', '2'],
  ['milliseconds since 1970', String(NOW + 2000)],
  ['seconds since 1970', String((NOW + 2000) / 1000)],
])('is waited for in %s', async (_unit, reset) => {
  const clock = createTestClock();
  clock.random = () => 0;
  const { client, sent } = scriptedClient(
    (_sent, index) => (index ? json({ id: 'a', name: 'x' }) : json({}, 429, { 'x-ratelimit-reset': reset })),
    { clock },
  );
  const called = client.agents.get('a');
  await clock.advance(1999);
  expect(sent).toHaveLength(1);
  await clock.advance(1);
  expect((await called.withResponse()).meta.attempts).toMatchObject([{}, { delayMs: 2000 }]);
});

it.each(['0', '1', String((NOW - HOUR) / 1000), '99999999999999'])(
  'is no reason to come again at once where it says nothing (%s)',
  async (reset) => {
    const clock = createTestClock();
    clock.random = () => 0.5;
    const { client, sent } = scriptedClient(() => json({}, 429, { 'x-ratelimit-reset': reset }), { clock });
    const failed = rejection(client.agents.get('a'));
    await clock.advance(249);
    expect(sent).toHaveLength(1);
    await clock.advance(10_000);
    await failed;
    expect(sent).toHaveLength(3);
  },
);

it('is right in the meta of an answer that succeeds, too', async () => {
  const { client } = scriptedClient(() => json({ agents: [] }, 200, { 'x-ratelimit-reset': '30' }), {
    clock: createTestClock(),
  });
  expect((await client.agents.list()).meta.rateLimit?.resetAt).toEqual(new Date(NOW + 30_000));
  expect(client.rateLimits.read?.resetAt).toEqual(new Date(NOW + 30_000));
});
