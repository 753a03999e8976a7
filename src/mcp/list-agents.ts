/** `list_agents`: who can be asked. */

import { TwigNotFoundError } from '../errors.ts';
import type { AbortSignalLike } from '../platform.ts';
import type { Agent } from '../resources/agents.ts';
import { FENCED, fence } from './fence.ts';
import type { ToolSettings } from './options.ts';
import { array, maybeNumber, maybeText, object, optional, string, toolSchema, whole } from './schema.ts';
import { READS, type Tool } from './tool.ts';

interface Args {
  limit?: number | undefined;
  offset?: number | undefined;
}

type Listed = Pick<Agent, 'id' | 'status'> & { name?: string | undefined };

interface Found {
  agents: Listed[];
  total: number | undefined;
}

/** The agents that the tools are restricted to, each asked for by itself: a list of all would have to be read whole. */
async function readRestricted(
  { client }: ToolSettings,
  agentIds: readonly string[],
  { limit, offset }: { limit: number; offset: number },
  signal: AbortSignalLike,
): Promise<Found> {
  const read = async (id: string): Promise<Listed> => {
    try {
      return await client.agents.get(id, { signal });
    } catch (error) {
      // One that is gone must not hide the others.
      if (error instanceof TwigNotFoundError) return { id, status: 'not found' };
      throw error;
    }
  };
  return { agents: await Promise.all(agentIds.slice(offset, offset + limit).map(read)), total: agentIds.length };
}

/** Makes the tool. */
export function listAgents(settings: ToolSettings): Tool<Args> {
  const { agentIds, client, clock } = settings;
  return {
    name: 'list_agents',
    scope: 'read',
    title: 'List Twig agents',
    description: `Lists the agents that ask_agent can ask. ${FENCED}`,
    inputSchema: toolSchema(object({ limit: optional(whole(1, 50)), offset: optional(whole(0)) })),
    outputSchema: toolSchema(
      object({
        agents: array(object({ id: string(), name: maybeText(), status: maybeText() })),
        total: maybeNumber(),
      }),
    ),
    annotations: READS,
    async run({ limit = 50, offset = 0 }, { signal }) {
      const part = { limit, offset };
      const page = agentIds
        ? await readRestricted(settings, agentIds, part, signal)
        : await client.agents.list(part, { signal }).then(({ data, total }): Found => ({ agents: data, total }));
      const agents = page.agents.map(({ id, name, status }) => ({ id, name, status: status ?? undefined }));
      const { total } = page;
      const lines = agents.map(({ id, name, status }) => `${id}: ${name ?? '?'}${status ? ` (${status})` : ''}`);
      const count = `Agents ${offset + 1} to ${offset + agents.length}${total === undefined ? '' : ` of ${total}`}:`;
      const none = offset ? `There are no agents from ${offset + 1} on.` : 'There are no agents here.';
      const text = lines.length ? `${count}\n${fence(lines.join('\n'), clock)}` : none;
      return { text, data: { agents, total } };
    },
  };
}
