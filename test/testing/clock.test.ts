/** The test's own clock. */

import { createTestClock } from '@twig/sdk/testing';
import { expect, it } from 'vitest';

it('stands still until it is advanced', async () => {
  const clock = createTestClock();
  const begin = clock.now();
  expect(new Date(begin).toISOString()).toBe('2024-01-15T10:30:00.000Z');
  await new Promise((resolve) => setTimeout(resolve, 5));
  expect(clock.now()).toBe(begin);
  await clock.advance(7);
  expect(clock.now()).toBe(begin + 7);
  expect(createTestClock({ now: 42 }).now()).toBe(42);
});

it('wakes the sleepers that are due in the order of time, each at its own', async () => {
  const clock = createTestClock({ now: 0 });
  const woken: [number, number][] = [];
  const sleep = (ms: number) => clock.sleep(ms).then(() => void woken.push([ms, clock.now()]));
  const sleeping = [sleep(30), sleep(10), sleep(10), sleep(99)];
  expect([clock.pending, clock.nextAt]).toEqual([4, 10]);
  await clock.advance(50);
  expect(woken).toEqual([
    [10, 10],
    [10, 10],
    [30, 30],
  ]);
  expect([clock.now(), clock.pending, clock.nextAt]).toEqual([50, 1, 99]);
  await clock.advance(49);
  await Promise.all(sleeping);
  expect(clock.nextAt).toBeUndefined();
});

it('lets a sleeper that wakes sleep again within the same advance', async () => {
  const clock = createTestClock({ now: 0 });
  const beats: number[] = [];
  const beating = (async () => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(10);
      beats.push(clock.now());
    }
  })();
  await clock.advance(100);
  await beating;
  expect(beats).toEqual([10, 20, 30]);
});

it('lets go of a sleeper whose signal aborts, before or while it sleeps', async () => {
  const clock = createTestClock();
  const stop = new AbortController();
  const reason = new Error('enough');
  const sleeping = clock.sleep(1000, stop.signal);
  stop.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(clock.sleep(1000, stop.signal)).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
});

it('draws the same numbers for the same seed', () => {
  const draw = (seed?: number): number[] => {
    const clock = createTestClock(seed === undefined ? {} : { seed });
    return Array.from({ length: 5 }, () => clock.random());
  };
  expect(draw(3)).toEqual(draw(3));
  expect(draw(3)).not.toEqual(draw(4));
  expect(draw()).toEqual(draw(1));
  for (const number of draw()) expect(number >= 0 && number < 1).toBe(true);
});
