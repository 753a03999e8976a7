/** `@twig/sdk/mcp`: Twig's tools for an MCP server that somebody has. */

export type { Clock } from '../clock.ts';
export type { AbortSignalLike } from '../platform.ts';
export type { TwigToolPermission, TwigToolsClient, TwigToolsOptions } from './options.ts';
export { registerTwigTools } from './register.ts';
export type {
  ResourceCallback,
  ResourceConfig,
  ResourceContents,
  ResourceTemplateLike,
  ToolAnnotations,
  ToolCallback,
  ToolConfig,
  ToolContext,
  ToolRegistry,
  ToolResult,
  ToolSchema,
} from './registry.ts';
