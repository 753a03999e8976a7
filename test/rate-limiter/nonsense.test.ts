/** Headers that say nothing sensible: they count as not sent. */

import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, scriptedClient } from '../support/client.ts';
import { call, SimulatedServer, VirtualClock } from './simulation.ts';

const agent = { id: 'a', name: 'x' };

describe('a header', () => {
  it.each(['', ' ', '-5', '-0.5', 'many', 'NaN', 'Infinity', '0x10', '1e3', '5, 5', '5;w=60', '1.2.3', 'null'])(
    'that says %j says nothing',
    async (text) => {
      const headers = { 'x-ratelimit-limit': text, 'x-ratelimit-remaining': text, 'x-ratelimit-used': text };
      const { client } = scriptedClient(() => json(agent, 200, headers));
      const { meta } = await client.agents.get('a').withResponse();
      expect(meta.rateLimit).toBeUndefined();
    },
  );

  it('that says nothing leaves the others as they are', async () => {
    const headers = { 'x-ratelimit-limit': '100', 'x-ratelimit-remaining': '-5' };
    const { client } = scriptedClient(() => json(agent, 200, headers));
    const { meta } = await client.agents.get('a').withResponse();
    expect(meta.rateLimit).toEqual({ limit: 100, remaining: undefined, resetAt: undefined });
  });
});

describe('a limiter', () => {
  const silent = { limit: undefined, remaining: undefined, resetAt: undefined };
  const resetAt = new Date(1_705_314_600_000 + 3_600_000);

  /** How long 240 calls take whose answers say this, in seconds. */
  async function took(rateLimit: Partial<typeof silent> | Record<string, unknown>) {
    const clock = new VirtualClock();
    const start = clock.now();
    const limiter = new RateLimiter({ clock });
    const server = new SimulatedServer({ clock, perMinute: 100, burst: 120 });
    const hit = server.hit.bind(server);
    server.hit = () => ({ ...hit(), rateLimit: { ...silent, ...rateLimit } });
    const all = Promise.all(Array.from({ length: 240 }, () => call(limiter, server)));
    await clock.run();
    await all;
    expect(server.refused).toBe(0);
    return Math.round((clock.now() - start) / 1000);
  }

  it.each<[string, Record<string, unknown>]>([
    ['fewer than none left', { limit: 100, remaining: -5, resetAt }],
    ['a part of nothing left', { limit: 100, remaining: Number.NaN, resetAt }],
    ['an endless number left', { limit: 100, remaining: Number.POSITIVE_INFINITY, resetAt }],
    ['a limit of none, and none left', { limit: 0, remaining: 0, resetAt }],
    ['a limit below none', { limit: -100 }],
    ['a limit that is no number', { limit: Number.NaN }],
    ['an endless limit', { limit: Number.POSITIVE_INFINITY }],
  ])('that is told of %s goes on as if nothing was said', async (_what, rateLimit) => {
    expect(await took(rateLimit)).toBe(await took({}));
  });
});

it('lets a client with such headers go on at the documented rate', async () => {
  const clock = createTestClock();
  const headers = { 'x-ratelimit-limit': '', 'x-ratelimit-remaining': '-5', 'x-ratelimit-reset': '9999999999' };
  const rateLimiter = new RateLimiter({ clock });
  const { client, sent } = scriptedClient(() => json(agent, 200, headers), { clock, rateLimiter });
  const all = Array.from({ length: 250 }, () => client.agents.get('a'));
  await clock.advance(0);
  await Promise.all(all);
  expect(sent.length).toBe(250);
});
