/** The loop of the attempts: p-retry's on Node, one of ten lines in pages and where p-retry cannot run. */

import { afterEach, describe, expect, it, vi } from 'vitest';
import { repeat as inPages } from '../../src/call/repeat.browser.ts';
import { repeat } from '../../src/call/repeat.ts';

afterEach(() => vi.unstubAllGlobals());

/** Runs what fails with `1`, `2` and so on until it has failed `failures` times; `mayGoOn` is asked after each. */
async function attempts(loop: typeof repeat, failures: number, retries: number, mayGoOn = (_: string) => true) {
  let made = 0;
  const asked: string[] = [];
  const run = async (): Promise<string> => {
    if (++made <= failures) throw new Error(`${made}`);
    return 'done';
  };
  const end = await loop(run, retries, async ({ error }) => {
    asked.push((error as Error).message);
    return mayGoOn((error as Error).message);
  }).catch((error: Error) => `failed with ${error.message}`);
  return { made, asked, end };
}

const withoutClock: typeof repeat = (...args) => {
  vi.stubGlobal('performance', undefined);
  return repeat(...args);
};

describe.each([
  ['of Node', repeat],
  ['of pages', inPages],
  ['where there is no performance.now()', withoutClock],
])('the loop %s', (_, loop) => {
  it('ends with the first success', async () => {
    expect(await attempts(loop, 2, 5)).toEqual({ made: 3, asked: ['1', '2'], end: 'done' });
  });

  it('asks for another attempt only where one is left', async () => {
    expect(await attempts(loop, 9, 2)).toEqual({ made: 3, asked: ['1', '2'], end: 'failed with 3' });
    expect(await attempts(loop, 9, 0)).toEqual({ made: 1, asked: [], end: 'failed with 1' });
  });

  it('ends with the failure after which none may follow', async () => {
    expect(await attempts(loop, 9, 5, (message) => message !== '2')).toEqual({
      made: 2,
      asked: ['1', '2'],
      end: 'failed with 2',
    });
  });

  it('ends as the question does that rejects', async () => {
    const stop = (): never => {
      throw new Error('a stop');
    };
    expect(await attempts(loop, 9, 5, stop)).toEqual({ made: 1, asked: ['1'], end: 'failed with a stop' });
  });
});
