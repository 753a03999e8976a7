import { TwigClient } from '@twig/sdk';
import { createTwigMock } from '@twig/sdk/testing';
import { setupServer } from 'msw/node';
import { expect, test, vi } from 'vitest';

test('without the setting, happy-dom lets nothing pass to another origin, as the guide says', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  const server = setupServer(...createTwigMock().handlers);
  server.listen();
  const client = new TwigClient({ apiKey: 'twigsk_test_x', maxRetries: 0 });
  const error = await client.agents.list().catch((thrown) => thrown);
  server.close();
  expect(String(error.cause)).toContain('Cross-Origin Request Blocked');
});
