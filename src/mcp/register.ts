/** Twig's tools, put into a server. */

import { registerAgentResource } from './agent-resource.ts';
import { askAgent } from './ask-agent.ts';
import { listAgents } from './list-agents.ts';
import { resolveTools, type TwigToolsClient, type TwigToolsOptions } from './options.ts';
import { rateAnswer } from './rate-answer.ts';
import type { ToolRegistry } from './registry.ts';
import { searchKnowledge } from './search-knowledge.ts';
import { syncSource } from './sync-source.ts';
import { register } from './tool.ts';

/**
 * Registers Twig's tools with an MCP server: `list_agents` and `ask_agent`; with `orgId`, `search_knowledge`; with
 * `allow`, `rate_answer` and `sync_source`; and the resource `twig://agents/{id}`.
 *
 * The server is one of `@modelcontextprotocol/server` 2. Whatever goes wrong in a call is its result (`isError`), in words
 * for a model. Throws `TwigConfigError` when an option is wrong.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { registerTwigTools, type ToolRegistry } from '@twig/sdk/mcp';
 *
 * // `server` is your McpServer, with whatever tools it has already.
 * export const addTwig = (server: ToolRegistry): void =>
 *   registerTwigTools(server, new TwigClient({ deadlineMs: 120_000 }), { agentIds: ['agent_abc123'] });
 * ```
 */
export function registerTwigTools(server: ToolRegistry, client: TwigToolsClient, options: TwigToolsOptions = {}): void {
  const settings = resolveTools(client, options);
  register(server, listAgents(settings), settings);
  register(server, askAgent(settings), settings);
  if (settings.orgId !== undefined) register(server, searchKnowledge(settings, settings.orgId), settings);
  if (settings.allow.includes('feedback')) register(server, rateAnswer(settings), settings);
  if (settings.allow.includes('sync')) register(server, syncSource(settings), settings);
  registerAgentResource(server, settings);
}
