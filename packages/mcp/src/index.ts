/** `@twig/mcp`: an MCP server for Twig agents, to start over stdio or to host over HTTP. */

export type { TwigToolPermission, TwigToolsOptions } from '@twig/sdk/mcp';
export { createTwigMcpHandler, type McpGrant, type McpVerdict, type TwigMcpHandlerOptions } from './handler.ts';
export { createTwigMcpServer, type TwigMcpOptions } from './server.ts';
export { VERSION } from './version.ts';
