/** An MCP server of which only what tools register with is there, and a client of the mock behind them. */

import '../../src/params/schema-kit.ts';
import '../../src/call/transport.ts';
import { type Clock, TwigClient, type TwigClientOptions } from '@twig/sdk';
import {
  type ResourceCallback,
  type ResourceTemplateLike,
  registerTwigTools,
  type ToolConfig,
  type ToolContext,
  type ToolRegistry,
  type ToolResult,
  type TwigToolsOptions,
} from '@twig/sdk/mcp';
import { createTwigMock, type TwigMock, type TwigMockOptions } from '@twig/sdk/testing';

export const KEY = 'twigsk_test_5f3a9c1b7d';

/** A progress notification's params. */
export type Told = Parameters<ToolContext['mcpReq']['notify']>[0]['params'];

export interface FakeServer {
  twig: TwigMock;
  /** What was registered, by name. */
  tools: Map<string, ToolConfig<unknown>>;
  /** Validates the arguments as a server does, and calls. */
  call(name: string, args: unknown, context?: Partial<ToolContext['mcpReq']>): Promise<ToolResult>;
  /** Reads a resource; `undefined` where no template matches. */
  read(uri: string): ReturnType<ResourceCallback> | undefined;
}

export interface FakeOptions {
  tools?: TwigToolsOptions;
  mock?: TwigMockOptions;
  client?: TwigClientOptions;
  clock?: Clock;
}

export function fakeServer(options: FakeOptions = {}): FakeServer {
  const twig = createTwigMock({ rateLimits: false, ...options.mock });
  const client = new TwigClient({
    apiKey: KEY,
    fetch: twig.fetch,
    logLevel: 'off',
    maxRetries: 0,
    ...(options.clock && { clock: options.clock }),
    ...options.client,
  });
  const tools = new Map<string, ToolConfig<unknown>>();
  const callbacks = new Map<string, (args: unknown, context: ToolContext) => Promise<ToolResult>>();
  const resources: [ResourceTemplateLike, ResourceCallback][] = [];
  const server: ToolRegistry = {
    registerTool(name, config, callback) {
      tools.set(name, config as ToolConfig<unknown>);
      callbacks.set(name, callback as (args: unknown, context: ToolContext) => Promise<ToolResult>);
    },
    registerResource: (_name, template, _config, callback) => resources.push([template, callback]),
  };
  registerTwigTools(server, client, { ...options.tools, ...(options.clock && { clock: options.clock }) });
  const contextOf = (given: Partial<ToolContext['mcpReq']>): ToolContext => ({
    mcpReq: { signal: new AbortController().signal, notify: () => Promise.resolve(), ...given },
  });
  return {
    twig,
    tools,
    async call(name, args, context = {}) {
      const parsed = tools.get(name)?.inputSchema['~standard'].validate(args);
      if (!parsed) throw new Error(`no tool ${name}`);
      if (parsed.issues) throw new Error(parsed.issues.map(({ message }) => message).join('; '));
      const result = await callbacks.get(name)?.(parsed.value, contextOf(context));
      if (!result) throw new Error('no result');
      return result;
    },
    read(uri) {
      for (const [{ uriTemplate }, callback] of resources) {
        const variables = uriTemplate.match(uri);
        if (variables) return callback({ href: uri }, variables, contextOf({}));
      }
      return undefined;
    },
  };
}

/** The text of a result. */
export const textOf = ({ content }: ToolResult): string => content.map(({ text }) => text).join('\n');
