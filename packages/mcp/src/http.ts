/** The server over HTTP for this machine alone. */

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@twig/sdk/webhooks';
import { createTwigMcpHandler } from './handler.ts';
import type { TwigMcpOptions } from './server.ts';

const ADDRESS = '127.0.0.1';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Serves on `127.0.0.1`. Resolves with the address and the token that clients have to send. */
export async function serveHttp(
  options: TwigMcpOptions,
  port: number,
  token: string = randomBytes(24).toString('base64url'),
): Promise<{ url: string; token: string; close(): void }> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, ADDRESS, resolve);
  });
  // A string for pipes, null when closed: neither can be here.
  const { port: real } = server.address() as AddressInfo;
  const expected = digest(`Bearer ${token}`);
  const handle = createTwigMcpHandler({
    ...options,
    hosts: [`${ADDRESS}:${real}`, `localhost:${real}`],
    authorize: ({ headers }) => (timingSafeEqual(digest(headers.get('authorization') ?? ''), expected) ? {} : null),
    onError: (error) => console.error('[twig]', error instanceof Error ? error.message : error),
  });
  // The adapter answers what is no address, which anybody can send before the token is asked for.
  const listener = toNodeHandler(async (request) =>
    new URL(request.url).pathname === '/mcp' ? handle(request) : new Response(null, { status: 404 }),
  );
  server.on('request', (request, response) => void listener(request, response));
  return { url: `http://${ADDRESS}:${real}/mcp`, token, close: () => void server.close().closeAllConnections() };
}
