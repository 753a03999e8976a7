/** What tools that are restricted to some agents may reach. */

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
  const agents = await Promise.all(agentIds.map((id) => client.agents.get(id, { signal })));
  return [...new Set(agents.flatMap(({ dataSourceIds }) => dataSourceIds ?? []))];
}
