/** What the client loads with its first call, in a page that is offline by then. */

import { TwigClient, TwigConnectionError } from '@twig/sdk';
import { expect, it, vi } from 'vitest';

const failure = vi.hoisted(() => new TypeError('Failed to fetch dynamically imported module'));
vi.mock(import('../../src/call/transport.ts'), () => Promise.reject(failure));

it('a part that could not be loaded is a connection error, and nothing was sent', async () => {
  const fetch = vi.fn();
  const onError = vi.fn();
  const client = new TwigClient({ apiKey: 'twigsk_test_x', logLevel: 'off', fetch, hooks: { onError } });
  const error = await client.agents.get('agent_1').catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(TwigConnectionError);
  expect(error).toMatchObject({ phase: 'connect', cause: { cause: failure }, meta: { attempts: [] } });
  expect(fetch).not.toHaveBeenCalled();
  expect(onError).toHaveBeenCalledOnce();
});
