/** The loop of the attempts: p-retry's. The build for browsers has `repeat.browser.ts` in its stead. */

import pRetry from 'p-retry';
import { probe } from '../runtime.ts';
import { repeat as repeatWithoutClock } from './repeat.browser.ts';

export const repeat: typeof repeatWithoutClock = (run, retries, shouldRetry) =>
  // p-retry reads the clock of `performance` whether it needs it or not.
  probe(({ performance }) => performance?.now())
    ? // `shouldRetry` is asked only when another attempt is left, unlike `onFailedAttempt`; so the wait is there.
      pRetry(run, { retries, minTimeout: 0, shouldRetry })
    : repeatWithoutClock(run, retries, shouldRetry);
