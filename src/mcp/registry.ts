/**
 * The part of an MCP server that is used, in the shapes of `McpServer` of `@modelcontextprotocol/server` 2, so that this
 * package needs none of its own.
 */

import type { AbortSignalLike } from '../platform.ts';

/** A schema that validates and describes itself (standardschema.dev: Standard Schema, Standard JSON Schema). */
export interface ToolSchema<T = unknown> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly types?: { readonly input: T; readonly output: T } | undefined;
    readonly validate: (
      value: unknown,
    ) => { readonly value: T; readonly issues?: undefined } | { readonly issues: readonly { message: string }[] };
    readonly jsonSchema: {
      readonly input: (options?: unknown) => Record<string, unknown>;
      readonly output: (options?: unknown) => Record<string, unknown>;
    };
  };
}

/** What a client may expect of a tool before it calls it. Hints all, and all are given. */
export interface ToolAnnotations {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

/** What a tool is registered with. */
export interface ToolConfig<Args> {
  title: string;
  description: string;
  inputSchema: ToolSchema<Args>;
  outputSchema: ToolSchema;
  annotations: ToolAnnotations;
}

/** The request that a tool is called by. */
export interface ToolContext {
  mcpReq: {
    /** Aborts when the client cancels. */
    signal: AbortSignalLike;
    /** Holds the token of a client that wants to be told of progress. */
    _meta?: { progressToken?: string | number | undefined } | undefined;
    notify(notification: {
      method: 'notifications/progress';
      params: { progressToken: string | number; progress: number; message?: string };
    }): Promise<void>;
  };
}

/** What a tool gives: the same as text and as data, or what went wrong. */
export type ToolResult = {
  content: { type: 'text'; text: string }[];
  structuredContent?: Record<string, unknown>;
  isError?: boolean;
};

/** Runs a tool. Never rejects. */
export type ToolCallback<Args> = (args: Args, context: ToolContext) => Promise<ToolResult>;

/** A pattern of addresses, as `ResourceTemplate` of the server is one. */
export interface ResourceTemplateLike {
  readonly uriTemplate: {
    readonly variableNames: string[];
    toString(): string;
    match(uri: string): Record<string, string | string[]> | null;
  };
  readonly listCallback: unknown;
  completeCallback(variable: string): unknown;
}

/** What a resource is registered with. */
export interface ResourceConfig {
  title: string;
  description: string;
  mimeType: string;
}

/** What a resource holds. */
export type ResourceContents = { contents: { uri: string; mimeType: string; text: string }[] };

/** Reads a resource. Rejects with an error whose `code` is the protocol's. */
export type ResourceCallback = (
  uri: { readonly href: string },
  variables: Record<string, string | string[]>,
  context: ToolContext,
) => Promise<ResourceContents>;

/** A server that tools can be registered with: `McpServer` of `@modelcontextprotocol/server` 2. */
export interface ToolRegistry {
  registerTool<Args>(name: string, config: ToolConfig<Args>, callback: ToolCallback<Args>): unknown;
  registerResource(
    name: string,
    template: ResourceTemplateLike,
    config: ResourceConfig,
    callback: ResourceCallback,
  ): unknown;
}
