import { TwigClient } from '@twig/sdk';
import { createTwigMock } from '@twig/sdk/testing';
import { setupServer } from 'msw/node';
import { afterAll, expect, test } from 'vitest';

const twig = createTwigMock();
const server = setupServer(...twig.handlers);
server.listen({ onUnhandledFrame: 'error' });
afterAll(() => server.close());

test('the mock answers and streams behind msw', async () => {
  const client = new TwigClient({ apiKey: 'twigsk_test_x', maxRetries: 0 });
  expect((await client.agents.list()).data).toHaveLength(2);
  const stream = await client.query({ agentId: 'agent_abc123', query: 'What is pricing?', stream: true });
  expect((await stream.finalResponse()).response).toContain('$99');
});
