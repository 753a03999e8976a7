/** `@twig/sdk/testing/server`: the mock as a real HTTP server, for programs in any language and for real sockets (Node). */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import { toNodeHandler } from '../server/node-adapter.ts';
import { listenError } from './listen-error.ts';
import { createTwigMock, MOCK_OPTIONS, type TwigMock, type TwigMockOptions } from './mock.ts';

/** Where the server listens, and the mock that it serves. */
export interface TwigServerOptions extends TwigMockOptions {
  /** Default 0: any free port. */
  port?: number | undefined;
  /** Default `127.0.0.1`: this machine alone can reach it. */
  host?: string | undefined;
  /** A mock of your own; then the other options of the mock are not used. */
  mock?: TwigMock | undefined;
}

const OPTIONS: KnownNames = { ...MOCK_OPTIONS, port: true, host: true, mock: true };

/** A running server. */
export interface TwigServer {
  /** For `baseUrl`: `http://127.0.0.1:4010`. */
  readonly url: string;
  readonly port: number;
  /** What it serves: its data, faults and requests. */
  readonly mock: TwigMock;
  /** Stops listening and ends every open connection. */
  close(): Promise<void>;
}

/**
 * Serves a mock over HTTP. Rejects with `TwigConfigError` for an option of an unknown name.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { startTwigServer } from '@twig/sdk/testing/server';
 *
 * const server = await startTwigServer();
 * const client = new TwigClient({ apiKey: 'twigsk_test_x', baseUrl: server.url });
 * console.log(await client.agents.list());
 * await server.close();
 * ```
 */
export async function startTwigServer(options: TwigServerOptions = {}): Promise<TwigServer> {
  refuseUnknown('startTwigServer: the option', options, OPTIONS);
  const { port = 0, host = '127.0.0.1', mock: given, ...mockOptions } = options;
  const mock = given ?? createTwigMock(mockOptions);
  const server = createServer((incoming, outgoing) => {
    const handle = toNodeHandler(async (request) => {
      try {
        return await mock.fetch(request, { redirect: 'manual' });
      } catch (error) {
        // What fetch tells as a failure was a connection that the mock reset; the adapter would merely close it.
        if (!(error instanceof TypeError && error.cause)) throw error;
        incoming.socket.resetAndDestroy();
        return Response.error();
      }
    });
    void handle(incoming, outgoing);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenError(error, host, port)));
    server.listen(port, host, resolve);
  });
  // A string for pipes, null when closed: neither can be here.
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    port: address.port,
    mock,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}
