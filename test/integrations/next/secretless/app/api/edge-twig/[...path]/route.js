import { createTwigProxy } from '@twig/sdk/proxy';
import { client } from '../../../client.js';

export const runtime = 'edge';
export const POST = createTwigProxy({ client, authorize: () => ({ agentIds: ['agent_abc123'] }) });
