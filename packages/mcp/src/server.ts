/** The MCP server: Twig's tools, and nothing else. */

import { McpServer } from '@modelcontextprotocol/server';
import type { TwigClient } from '@twig/sdk';
import { registerTwigTools, type TwigToolsOptions } from '@twig/sdk/mcp';
import { createClient } from './client.ts';
import { VERSION } from './version.ts';

/** What a server is made of; every option may be left out. */
export interface TwigMcpOptions extends TwigToolsOptions {
  /**
   * The client that asks. Default: one with the key of `TWIG_API_KEY`, or of the file that `TWIG_API_KEY_FILE` names, with
   * at most four calls at once, a wait of at most 30 s for the rate limit, and 120 s for a call.
   */
  client?: TwigClient | undefined;
  /** What the server says of itself to the model. Default: one sentence. */
  instructions?: string | undefined;
}

const INSTRUCTIONS = 'Ask Twig agents what the documents of their organisation say, and name the sources they give.';

/**
 * Makes a server, to connect to a transport. Throws `TwigConfigError` when an option is wrong; a key that is missing is
 * told by the first call of a tool.
 *
 * @example
 * ```ts
 * import { serveStdio } from '@modelcontextprotocol/server/stdio';
 * import { createTwigMcpServer } from '@twig/mcp';
 *
 * serveStdio(() => createTwigMcpServer({ agentIds: ['agent_abc123'] }));
 * ```
 */
export function createTwigMcpServer(options: TwigMcpOptions = {}): McpServer {
  const { client = createClient(), instructions = INSTRUCTIONS, ...tools } = options;
  const server = new McpServer({ name: 'twig', title: 'Twig', version: VERSION }, { instructions });
  registerTwigTools(server, client, tools);
  return server;
}
