import { TwigClient } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { Webhooks } from '@twig/sdk/webhooks';

/** One call of each kind; what came of them, to be compared. */
export async function scenario(baseUrl) {
  const client = new TwigClient({
    apiKey: 'twigsk_test_x',
    baseUrl,
    dangerouslyAllowBrowser: true,
    rateLimiter: new RateLimiter(),
    // Loads the schemas.
    responseValidation: 'strict',
  });
  const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };
  const { response } = await client.query(question);
  let streamed = '';
  for await (const piece of (await client.query({ ...question, stream: true })).textStream) streamed += piece;
  let agents = 0;
  for await (const _ of client.agents.list({ limit: 1 })) agents++;
  const { status } = await client.agents.get('agent_none').catch((error) => error);
  const webhooks = new Webhooks({ secret: 's' });
  const { data } = await webhooks.unwrap(...(await signed(webhooks)));
  return { response, streamed, agents, status, agentId: data.agentId };
}

async function signed(webhooks) {
  const body = '{"event":"agent.updated","timestamp":"2024-01-15T10:30:00Z","data":{"agent_id":"a"}}';
  return [body, await webhooks.sign(body)];
}
