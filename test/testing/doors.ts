/** The three doors of the mock: in the place of `fetch`, behind MSW's interception, and behind a socket. */

import '../support/loaded.ts';
import {
  createTestClock,
  createTwigMock,
  type TestClock,
  type TwigMock,
  type TwigMockOptions,
} from '@twig/sdk/testing';
import { startTwigServer } from '@twig/sdk/testing/server';
import { setupServer } from 'msw/node';

/** A mock, and what leads to it. */
export interface Door {
  twig: TwigMock;
  clock: TestClock;
  fetch: typeof globalThis.fetch;
  baseUrl: string;
  close(): Promise<void> | void;
}

type Open = (options?: TwigMockOptions) => Promise<Door>;

const mockOf = (options: TwigMockOptions = {}): { twig: TwigMock; clock: TestClock } => {
  const clock = createTestClock();
  return { clock, twig: createTwigMock({ clock, ...options }) };
};

/** Each opens a new one. */
export const doors: Record<'twig.fetch' | 'twig.handlers' | 'startTwigServer', Open> = {
  async 'twig.fetch'(options) {
    const { clock, twig } = mockOf(options);
    return { clock, twig, fetch: twig.fetch, baseUrl: 'https://api.twig.so', close: () => {} };
  },
  async 'twig.handlers'(options) {
    const { clock, twig } = mockOf(options);
    const server = setupServer(...twig.handlers);
    server.listen({ onUnhandledFrame: 'error' });
    return { clock, twig, fetch: globalThis.fetch, baseUrl: 'https://api.twig.so', close: () => server.close() };
  },
  async startTwigServer(options) {
    const { clock, twig } = mockOf(options);
    const server = await startTwigServer({ mock: twig });
    return { clock, twig, fetch: globalThis.fetch, baseUrl: server.url, close: () => server.close() };
  },
};
