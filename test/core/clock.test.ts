/** The platform's own clock. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTimer, systemClock, uuid } from '../../src/clock.ts';
import { rejection } from '../support/client.ts';

describe('the system clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1000 }));
  afterEach(() => void vi.useRealTimers());

  it('tells the time and draws from 0 to 1', () => {
    expect(systemClock.now()).toBe(1000);
    const draw = systemClock.random();
    expect(draw >= 0 && draw < 1).toBe(true);
  });

  it('sleeps as long as asked, also longer than 2^31 ms, which setTimeout takes for no time at all', async () => {
    for (const ms of [5, 2 ** 31 + 5, 2 ** 33]) {
      let isAwake = false;
      const sleep = systemClock.sleep(ms).then(() => {
        isAwake = true;
      });
      await vi.advanceTimersByTimeAsync(ms - 1);
      expect(isAwake).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await sleep;
    }
    expect(vi.getTimerCount()).toBe(0);
  });

  it('ends a sleep with the reason of its signal, and keeps no timer for it', async () => {
    const controller = new AbortController();
    const slept = rejection(systemClock.sleep(1000, controller.signal));
    controller.abort('enough');
    expect(await slept).toBe('enough');
    expect(await rejection(systemClock.sleep(1000, controller.signal))).toBe('enough');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('runs a timer once, unless it is called off', async () => {
    const runs: string[] = [];
    startTimer(systemClock, 10, () => runs.push('kept'));
    startTimer(systemClock, 10, () => runs.push('called off'))();
    await vi.advanceTimersByTimeAsync(100);
    expect(runs).toEqual(['kept']);
  });
});

it('makes UUIDs also where the platform has only random bytes', () => {
  vi.stubGlobal('crypto', { getRandomValues: crypto.getRandomValues.bind(crypto) });
  const made = new Set(Array.from({ length: 50 }, () => uuid()));
  expect(made.size).toBe(50);
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
