/** `twig://agents/{id}`: what an agent is, but not its instructions, which are its owner's. */

import { TwigBadRequestError, TwigNotFoundError, TwigValidationError } from '../errors.ts';
import { explainError } from './explain-error.ts';
import type { ToolSettings } from './options.ts';
import { checkAgent } from './reach.ts';
import type { ResourceCallback, ResourceTemplateLike, ToolRegistry } from './registry.ts';
import { isRefusal } from './tool.ts';

const PATTERN = 'twig://agents/{id}';

/** The server's own class, of which only this is used, cannot be had without the server. */
const template: ResourceTemplateLike = {
  uriTemplate: {
    variableNames: ['id'],
    toString: () => PATTERN,
    match(uri) {
      const [, id] = /^twig:\/\/agents\/([^/?#]+)$/.exec(uri) ?? [];
      return id === undefined ? null : { id };
    },
  },
  listCallback: undefined,
  completeCallback: () => undefined,
};

/** The protocol's codes (MCP 2026-07-28, "Resources"): a resource that is not there, and one that cannot be read now. */
const INVALID_PARAMS = -32602;
const INTERNAL_ERROR = -32603;

const isMissing = (error: unknown): boolean =>
  error instanceof TwigNotFoundError ||
  error instanceof TwigBadRequestError ||
  error instanceof TwigValidationError ||
  isRefusal(error);

/** The id in an address; `undefined` where it is malformed. */
function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** Registers the resource. */
export function registerAgentResource(server: ToolRegistry, settings: ToolSettings): void {
  const read: ResourceCallback = async (uri, { id: segment }, { mcpReq }) => {
    try {
      const agentId = decode(String(segment)) ?? '';
      checkAgent(settings, agentId);
      const agent = await settings.client.agents.get(agentId, { signal: mcpReq.signal });
      const { id, name, status, model, ragStrategy, dataSourceIds, createdAt } = agent;
      const text = JSON.stringify({ id, name, status, model, ragStrategy, dataSourceIds, createdAt });
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text }] };
    } catch (error) {
      const code = isMissing(error) ? INVALID_PARAMS : INTERNAL_ERROR;
      throw Object.assign(new Error(explainError(error, 'read', settings)), { code });
    }
  };
  const config = { title: 'A Twig agent', description: 'Its name, status and model', mimeType: 'application/json' };
  server.registerResource('agent', template, config, read);
}
