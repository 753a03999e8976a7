import { createTwigProxy } from '@twig/sdk/proxy';
import { client } from '../../../client.js';

export const POST = createTwigProxy({ client, authorize: () => ({ agentIds: ['agent_abc123'] }) });
