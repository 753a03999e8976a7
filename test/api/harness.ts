/** A client and the mock of the API that it talks to, in virtual time, through the public entries alone. */

import '../support/loaded.ts';
import { TwigClient, type TwigClientOptions } from '@twig/sdk';
import { createTestClock, createTwigMock, type TwigMockOptions } from '@twig/sdk/testing';
import { beforeEach } from 'vitest';

export const KEY = 'twigsk_test_api';

/** Sets both up for the tests of a file; strict, so that a drift between mock and client fails. */
export function setup(mockOptions: TwigMockOptions = {}, clientOptions: TwigClientOptions = {}) {
  const clock = createTestClock();
  const twig = createTwigMock({ clock, ...mockOptions });
  const client = new TwigClient({
    apiKey: KEY,
    clock,
    fetch: twig.fetch,
    responseValidation: 'strict',
    logLevel: 'off',
    ...clientOptions,
  });
  beforeEach(() => twig.reset());
  return { client, clock, twig };
}

/** What went over the wire in the last request. */
export function lastSent(twig: ReturnType<typeof createTwigMock>) {
  const request = twig.requests.at(-1);
  if (!request) throw new Error('nothing was sent');
  const { method, url, headers, body } = request;
  const { pathname, search } = new URL(url);
  return { method, path: pathname, query: search, headers, body };
}
