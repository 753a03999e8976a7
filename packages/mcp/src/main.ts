/** What `twig-mcp` does. */

import { StdioServerTransport, serveStdio } from '@modelcontextprotocol/server/stdio';
import { HELP, readArguments } from './arguments.ts';
import { createClient } from './client.ts';
import { createTwigMcpServer } from './server.ts';
import { protocolOutput } from './stdout.ts';
import { VERSION } from './version.ts';

/** How long what is under way has to end when the client has gone. */
const GRACE_MS = 500;

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { what, port, options } = readArguments(args, env);
  if (what === 'help') return void protocolOutput.write(HELP);
  if (what === 'version') return void protocolOutput.write(`${VERSION}\n`);
  // One for all servers: the protocol's entry makes one to be asked what it is, and another to be used.
  const shared = { ...options, client: createClient() };
  if (what === 'http') {
    const { serveHttp } = await import('./http.ts');
    const { url, token, close } = await serveHttp(shared, port, env.TWIG_MCP_TOKEN || undefined);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, close);
    const config = { type: 'http', url, headers: { Authorization: `Bearer ${token}` } };
    protocolOutput.write(`${JSON.stringify({ mcpServers: { twig: config } }, null, 2)}\n`);
    return;
  }
  // What is wrong with the options is told before there is a client to talk to.
  createTwigMcpServer(shared);
  // The client has gone: nobody reads what would be written, and what is under way has no time left.
  process.stdout.once('error', () => process.exit(0));
  process.stdin.once('end', () => setTimeout(() => process.exit(0), GRACE_MS).unref());
  serveStdio(() => createTwigMcpServer(shared), {
    transport: new StdioServerTransport(process.stdin, protocolOutput),
    onerror: ({ message }) => console.error('[twig]', message),
  });
}

main(process.argv.slice(2), process.env).catch((error: unknown) => {
  const { message } = Object(error) as { message?: string };
  process.stderr.write(`twig-mcp: ${message}\n`);
  process.exitCode = 2;
});
