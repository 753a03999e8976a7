/** What tools that are restricted to some agents may reach. */

import { TwigNotFoundError } from '../errors.ts';
import type { AbortSignalLike } from '../platform.ts';
import type { ToolSettings } from './options.ts';
import { refusal } from './tool.ts';

/** Throws where an agent is not among those that there are. */
export function checkAgent({ agentIds }: ToolSettings, agentId: string): void {
  if (agentIds && !agentIds.includes(agentId)) {
    throw refusal(`There is no agent ${JSON.stringify(agentId)} here.`, `There are: ${agentIds.join(', ') || 'none'}.`);
  }
}

/** The data sources of the agents that there are; `undefined` when all are. */
export async function reachableSources(
  { agentIds, client }: ToolSettings,
  signal: AbortSignalLike,
): Promise<string[] | undefined> {
  if (!agentIds) return undefined;
  const read = async (id: string): Promise<string[]> => {
    try {
      return (await client.agents.get(id, { signal })).dataSourceIds ?? [];
    } catch (error) {
      // An agent that is gone has none, and must not keep the others from theirs.
      if (error instanceof TwigNotFoundError) return [];
      throw error;
    }
  };
  return [...new Set((await Promise.all(agentIds.map(read))).flat())];
}
