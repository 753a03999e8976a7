/** The retry budget: a lone call has its retries always, a storm of failures is not tripled. */

import { TwigServerError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

/** The 50 retries of a budget; the last call of a storm is alone, and has its own two besides. */
const isOneBudget = (retries: number): boolean => retries >= 50 && retries <= 52;

/** Fails so many calls at the same time, and gives their errors. */
async function storm(calls: number, withOptions = false) {
  const clock = createTestClock();
  const { client, sent } = scriptedClient(() => json({}, 503), { clock });
  const failed = Array.from({ length: calls }, (_, index) =>
    rejection((withOptions && index % 2 ? client.withOptions({ timeoutMs: 5 }) : client).agents.get('a')),
  );
  await clock.advance(600_000);
  return { errors: (await Promise.all(failed)) as TwigServerError[], client, sent, clock };
}

it('gives a storm of 400 failing calls 50 retries in all, and not 800', async () => {
  const { errors, sent } = await storm(400);
  expect(isOneBudget(sent.length - 400)).toBe(true);
  const stopped = errors.filter(({ hint }) => /retry budget/.test(hint ?? ''));
  expect(stopped.length).toBeGreaterThanOrEqual(350);
  for (const error of errors) expect(error).toBeInstanceOf(TwigServerError);
});

it('counts over all clients that withOptions made', async () => {
  const { sent } = await storm(400, true);
  expect(isOneBudget(sent.length - 400)).toBe(true);
});

it('leaves a call that is alone its retries, even when nothing is left of the budget', async () => {
  const { client, sent, clock } = await storm(400);
  const before = sent.length;
  const failed = rejection(client.agents.get('a'));
  await clock.advance(60_000);
  expect((await failed) as TwigServerError).not.toMatchObject({ hint: expect.stringMatching(/budget/) });
  expect(sent.length - before).toBe(3);
});

it('is filled again by successes', async () => {
  const clock = createTestClock();
  let isDown = true;
  const { client, sent } = scriptedClient(() => (isDown ? json({}, 503) : json({ id: 'a', name: 'x' })), { clock });
  const fail = async (calls: number): Promise<number> => {
    const before = sent.length;
    const failed = Array.from({ length: calls }, () => rejection(client.agents.get('a')));
    await clock.advance(600_000);
    await Promise.all(failed);
    return sent.length - before - calls;
  };
  expect(isOneBudget(await fail(200))).toBe(true);
  expect(await fail(200)).toBeLessThanOrEqual(2);
  isDown = false;
  for (let count = 0; count < 20; count++) await client.agents.get('a');
  isDown = true;
  expect(await fail(200)).toBeGreaterThanOrEqual(20);
});
