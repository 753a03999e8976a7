import { TwigAbortError, TwigClient } from '@twig/sdk';
import { createTwigMock, faults } from '@twig/sdk/testing';
import { expect, test } from 'vitest';

const question = { agentId: 'agent_abc123', query: 'What is pricing?', stream: true };

test('twig.fetch answers, streams and ends with its caller, as the environment is', async () => {
  const twig = createTwigMock();
  const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch: twig.fetch, maxRetries: 0 });
  expect((await client.agents.list()).data).toHaveLength(2);
  const whole = await client.query({ ...question, stream: false });
  expect((await (await client.query(question)).finalResponse()).response).toBe(whole.response);
  twig.faults.next('query', faults.slowStream({ delayMs: 60_000 }));
  const stop = new AbortController();
  const stream = await client.query(question, { signal: stop.signal });
  const reading = stream.finalResponse();
  setTimeout(() => stop.abort());
  await expect(reading).rejects.toBeInstanceOf(TwigAbortError);
});
