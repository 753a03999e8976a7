/** The server over HTTP, as a Fetch-standard handler for the host's framework. */

import { createMcpHandler, type McpServer } from '@modelcontextprotocol/server';
import { type TwigClient, TwigConfigError } from '@twig/sdk';
import { createClient } from './client.ts';
import { allowOrigin, preflight } from './cors.ts';
import { isKnownHost, isKnownOrigin } from './origin.ts';
import { createTwigMcpServer, type TwigMcpOptions } from './server.ts';

/** What one caller may do. */
export interface McpGrant {
  /** The only agents that there are for this caller: of those of the options, where these name some. */
  agentIds?: readonly string[] | undefined;
  /** The client that asks for this caller, with a key of its own. Default: the handler's. */
  client?: TwigClient | undefined;
}

/** What `authorize` says: a grant, `null` for nobody, or the answer itself. */
export type McpVerdict = McpGrant | Response | null;

/** How a handler works. */
export interface TwigMcpHandlerOptions extends TwigMcpOptions {
  /**
   * Says what the caller may do: a grant, `null` for nothing, or a `Response` to answer instead. `null` is answered 401 where
   * the request shows no credentials (no `Authorization`, no `Cookie`), else 403. Gets the request without its body. When it
   * throws, the answer is a bare 500; when it gives anything else, 403; `onError` is told of both.
   */
  authorize: (request: Request) => McpVerdict | Promise<McpVerdict>;
  /** Pages of these origins may call, as `https://app.example.com`: scheme, host and port. Default: none. */
  origins?: readonly string[] | undefined;
  /**
   * The hosts under which the server is reached, with their ports, as `127.0.0.1:4011`; other ones are answered 403. Needed
   * on loopback and in private networks, where a page could reach the server by a name of its own. Default: every host.
   */
  hosts?: readonly string[] | undefined;
  /** Told of what `authorize` threw or gave that is no grant, and of what the protocol refuses. */
  onError?: ((error: unknown) => void) | undefined;
}

/** Far more than a question of 4,000 characters takes. */
const MOST_BODY_BYTES = 262_144;

const refuse = (status: number, message: string, headers: Record<string, string> = {}): Response =>
  Response.json(
    { jsonrpc: '2.0', id: null, error: { code: -32_000, message } },
    { status, headers: { 'cache-control': 'no-store', ...headers } },
  );

const isResponse = (verdict: unknown): verdict is Response =>
  Object.prototype.toString.call(verdict) === '[object Response]';

/** A misspelt grant must not pass for one without bounds. */
function isGrant(verdict: unknown): verdict is McpGrant {
  if (typeof verdict !== 'object' || verdict === null || Array.isArray(verdict)) return false;
  const { agentIds, client, ...rest } = verdict as McpGrant;
  const isList = agentIds === undefined || (Array.isArray(agentIds) && agentIds.every((id) => typeof id === 'string'));
  return isList && (client === undefined || typeof client === 'object') && Object.keys(rest).length === 0;
}

/** Who is granted agents reaches none that the options do not name. */
function agentsOf(
  all: readonly string[] | undefined,
  granted: readonly string[] | undefined,
): readonly string[] | undefined {
  return all && granted ? granted.filter((id) => all.includes(id)) : (granted ?? all);
}

/**
 * Makes a handler for one path, `/mcp` say. It answers 403 to foreign Hosts and Origins, 401 and 403 to who is not granted
 * anything, and serves both eras of the protocol to everybody else. Throws `TwigConfigError` when an option is wrong.
 *
 * @example
 * ```ts
 * import { createTwigMcpHandler } from '@twig/mcp';
 *
 * export const POST = createTwigMcpHandler({
 *   authorize: (request) =>
 *     request.headers.get('authorization') === `Bearer ${process.env.MCP_TOKEN}` ? { agentIds: ['agent_abc123'] } : null,
 * });
 * ```
 */
export function createTwigMcpHandler(options: TwigMcpHandlerOptions): (request: Request) => Promise<Response> {
  const { authorize, origins, hosts, onError, client = createClient(), ...rest } = options;
  if (typeof authorize !== 'function') {
    throw new TwigConfigError('createTwigMcpHandler needs authorize: without it everybody could ask every agent.');
  }
  const tell = (error: unknown): void => {
    try {
      onError?.(error);
    } catch {
      // An observer must not change the answer.
    }
  };
  const serverFor = (grant: McpGrant): McpServer =>
    createTwigMcpServer({ ...rest, client: grant.client ?? client, agentIds: agentsOf(rest.agentIds, grant.agentIds) });
  // What is wrong with the options is told here, not to the first caller.
  serverFor({});
  const mcp = createMcpHandler(({ authInfo }) => serverFor((authInfo?.extra?.grant ?? { agentIds: [] }) as McpGrant), {
    maxRequestBodySize: MOST_BODY_BYTES,
    onerror: tell,
  });

  const handle = async (request: Request): Promise<Response> => {
    if (!isKnownHost(request, hosts)) return refuse(403, 'This host is not served here.');
    if (!isKnownOrigin(request, { hosts, origins })) return refuse(403, 'A page of another origin may not call here.');
    if (request.method === 'OPTIONS') return preflight(request);
    let verdict: unknown;
    try {
      verdict = await authorize(new Request(request.url, { method: request.method, headers: request.headers }));
    } catch (error) {
      tell(error);
      return refuse(500, 'Something went wrong.');
    }
    if (isResponse(verdict)) return verdict;
    if (verdict === null) {
      return request.headers.has('authorization') || request.headers.has('cookie')
        ? refuse(403, 'These credentials may not call here.')
        : refuse(401, 'Credentials are needed.', { 'www-authenticate': 'Bearer' });
    }
    if (!isGrant(verdict)) {
      tell(new TwigConfigError('authorize must give { agentIds?, client? }, null or a Response.'));
      return refuse(403, 'These credentials may not call here.');
    }
    const authInfo = { token: '', clientId: '', scopes: [], extra: { grant: verdict } };
    return mcp.fetch(request, { authInfo });
  };

  return async (request) => allowOrigin(request, await handle(request), isKnownOrigin(request, { hosts, origins }));
}
