/** A run of many calls at once against a simulated server, and what came of it. */

import { type BucketLimit, RateLimiter, type RateLimitScope } from '@twig/sdk/rate-limiter';
import { createTestClock } from '@twig/sdk/testing';
import { expect } from 'vitest';
import { call, type ServerOptions, SimulatedServer, VirtualClock } from './simulation.ts';

const documented = {
  execute: { perMinute: 100, burst: 120 },
  write: { perMinute: 10, burst: 15 },
  read: { perMinute: 200, burst: 250 },
  admin: { perMinute: 50, burst: 60 },
};

/** From sending to counting, and from counting to the answer's headers: least and most, in milliseconds. */
export const trips = {
  'quick answers': { way: [10, 210], answer: [10, 210] },
  'answers of 1 to 5 s': { way: [20, 100], answer: [1000, 5000] },
  'a network of 1 to 5 s': { way: [500, 2500], answer: [500, 2500] },
  'answers of 10 s': { way: [20, 100], answer: [9900, 10_000] },
} as const;
export type Trip = keyof typeof trips;

/** Where the ways differ by more than a small bucket makes up for. */
const roughTrips = { ...trips, 'ways that differ': { way: [20, 300], answer: [20, 3000] } } as const;

export interface Run {
  scope?: RateLimitScope;
  /** What limiter and server keep to. Default: as documented. */
  limit?: BucketLimit;
  calls?: number;
  trip?: keyof typeof roughTrips;
  /** What the server is like; as documented unless told otherwise. */
  server?: Partial<ServerOptions>;
  /** Requests a minute of somebody else. */
  others?: number;
}

/** The worst of some seeds: how many calls in a hundred were refused, and how much of what was allowed was used. */
export async function worst({
  scope = 'execute',
  limit,
  calls = 1000,
  trip = 'quick answers',
  server: like = {},
  others = 0,
}: Run): Promise<{ refused: number; use: number }> {
  const result = { refused: 0, use: 1 };
  for (const seed of [1, 2, 3]) {
    const { random } = createTestClock({ seed });
    const clock = new VirtualClock(undefined, random);
    const between = ([least, most]: readonly [number, number]) => least + random() * (most - least);
    const { way, answer } = roughTrips[trip];
    const ways = { wayMs: () => between(way), answerMs: () => between(answer) };
    const server = new SimulatedServer({ clock, ...(limit ?? documented[scope]), ...ways, ...like });
    const limiter = new RateLimiter({ clock, limits: limit && { [scope]: limit } });
    let isOn = true;
    let taken = 0;
    const other = async () => {
      while (others && isOn) {
        await clock.sleep((random() * 120_000) / others);
        if (server.hit().status === 200) taken++;
      }
    };
    const all = Promise.all([
      other(),
      Promise.all(Array.from({ length: calls }, () => call(limiter, server, scope))).then(() => {
        isOn = false;
      }),
    ]);
    await clock.run();
    await all;
    expect(server.allowed).toBe(calls);
    result.refused = Math.max(result.refused, (server.refused / calls) * 100);
    result.use = Math.min(result.use, server.use(taken));
  }
  return result;
}
