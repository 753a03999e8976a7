/** What the page of `mock-worker.test.ts` loads: a client, and the mock behind MSW's service worker. */

import { TwigClient } from '@twig/sdk';
import { createTestClock, createTwigMock, faults } from '@twig/sdk/testing';
import { setupWorker } from 'msw/browser';

const clock = createTestClock();
const twig = createTwigMock({ clock });
const client = new TwigClient({
  apiKey: 'twigsk_test_x',
  clock,
  dangerouslyAllowBrowser: true,
  responseValidation: 'strict',
});
await setupWorker(...twig.handlers).start({ quiet: true, onUnhandledFrame: 'error' });

const loaded = { client, clock, faults, twig };
declare global {
  var mocked: typeof loaded;
}
globalThis.mocked = loaded;
