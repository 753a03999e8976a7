/** What a tool is, apart from the server that it is registered with. */

import { TwigError } from '../errors.ts';
import type { RateLimitScope } from '../operations.ts';
import type { AbortSignalLike } from '../platform.ts';
import { explainError } from './explain-error.ts';
import type { ToolSettings } from './options.ts';
import { createProgress, type Progress } from './progress.ts';
import type { ToolConfig, ToolRegistry } from './registry.ts';

/** One call of a tool. */
export interface ToolCall {
  readonly signal: AbortSignalLike;
  readonly progress: Progress;
}

/** What a tool found, once for people and once for programs. */
export interface ToolOutput {
  text: string;
  data: Record<string, unknown>;
}

/** A tool. */
export interface Tool<Args> extends ToolConfig<Args> {
  name: string;
  /** The limit that its calls count for. */
  scope: RateLimitScope;
  run(args: Args, call: ToolCall): Promise<ToolOutput>;
}

/** Reads, changes nothing, and the same question may have another answer tomorrow. */
export const READS: ToolConfig<unknown>['annotations'] = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: true,
};

/** The code of what is refused here, and not by the API. */
const NOT_ALLOWED = 'not_allowed';

/** Refuses what the model asks for, in words for it. */
export const refusal = (message: string, hint: string): TwigError =>
  new TwigError(message, { code: NOT_ALLOWED, hint });

/** Whether that was refused here. */
export const isRefusal = (error: unknown): boolean => error instanceof TwigError && error.code === NOT_ALLOWED;

/** Registers a tool. What goes wrong in it is a result, from which a model can learn. */
export function register<Args>(server: ToolRegistry, tool: Tool<Args>, settings: ToolSettings): void {
  const { name, scope, run, ...config } = tool;
  server.registerTool<Args>(name, config, async (args, context) => {
    const { signal } = context.mcpReq;
    try {
      const { text, data } = await run(args, { signal, progress: createProgress(context, settings.clock) });
      return { content: [{ type: 'text', text }], structuredContent: data };
    } catch (error) {
      return { content: [{ type: 'text', text: explainError(error, scope, settings) }], isError: true };
    }
  });
}
