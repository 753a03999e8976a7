/** The time that a limiter counts with. */

import { type Clock, elapsed } from '../clock.ts';

/** Reads the milliseconds that have passed since some fixed moment. */
export type Time = () => number;

/**
 * The time by a clock, made so that it never goes back: a clock without `elapsed` may be set back by hours, which must
 * neither stop a bucket from filling nor prolong a pause.
 */
export function timeBy(clock: Clock): Time {
  let lastRead = -Infinity;
  let setBackMs = 0;
  return () => {
    const read = elapsed(clock);
    setBackMs += Math.max(0, lastRead - read);
    lastRead = read;
    return read + setBackMs;
  };
}
