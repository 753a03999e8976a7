/** Servers on loopback that misbehave as told: with `node:http` where the answer is HTTP, with raw `net` where it is not. */

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { TwigClient, type TwigClientOptions } from '@twig/sdk';

/** A request that arrived. */
export interface Arrival {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
  /** Resolves when its connection has closed. */
  closed: Promise<void>;
}

/** Answers one request. `index` counts the server's requests from 0. */
export type Answer = (response: ServerResponse, arrival: Arrival, index: number) => void;

export interface FaultServer extends AsyncDisposable {
  url: string;
  /** Every request that arrived whole, in order. */
  arrivals: Arrival[];
  /** Resolves when so many requests have arrived, with the last of them. */
  arrived(count: number): Promise<Arrival>;
  /** Every connection that was made, closed ones included. */
  connections: Socket[];
  /** A quiet client of this server. */
  client(options?: TwigClientOptions): TwigClient;
}

async function listen(server: Server, arrivals: Arrival[]): Promise<FaultServer> {
  const connections: Socket[] = [];
  server.on('connection', (socket) => {
    connections.push(socket);
    // A reset is what these tests are about.
    socket.on('error', () => {});
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    arrivals,
    async arrived(count) {
      for (;;) {
        const arrival = arrivals[count - 1];
        if (arrival) return arrival;
        await once(server, 'arrival');
      }
    },
    connections,
    client: (options) => clientOf(url, options),
    [Symbol.asyncDispose]: () => {
      for (const socket of connections) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** A quiet client of a server. */
export const clientOf = (baseUrl: string, options?: TwigClientOptions): TwigClient =>
  new TwigClient({ apiKey: 'twigsk_test_0123456789', baseUrl, logLevel: 'off', ...options });

const closing = (socket: Socket): Promise<void> => new Promise((resolve) => socket.once('close', () => resolve()));

/** A server that speaks HTTP as far as `answer` lets it. */
export async function httpServer(answer: Answer): Promise<FaultServer> {
  const arrivals: Arrival[] = [];
  const server = createServer({ keepAliveTimeout: 30_000 }, async (request, response) => {
    const { method = '', url: path = '', headers, socket } = request;
    socket.setMaxListeners(0);
    const closed = closing(socket);
    let body = '';
    try {
      for await (const chunk of request.setEncoding('utf8')) body += chunk;
    } catch {
      return; // The client left before it had sent everything.
    }
    const arrival = { method, path, headers, body, closed };
    const index = arrivals.push(arrival) - 1;
    server.emit('arrival');
    answer(response, arrival, index);
  });
  return listen(server, arrivals);
}

/** A server of bare sockets. `answer` writes what it likes for each request; without it nobody answers. */
export async function rawServer(
  answer: (socket: Socket, arrival: Arrival, index: number) => void = () => {},
  onConnection: (socket: Socket) => void = () => {},
): Promise<FaultServer> {
  const arrivals: Arrival[] = [];
  const server = createTcpServer((socket) => {
    const closed = closing(socket);
    let text = '';
    socket.setEncoding('latin1').on('data', (chunk) => {
      text += chunk;
      const [head = '', body] = text.split('\r\n\r\n');
      const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
      if (body === undefined || body.length < length) return;
      text = '';
      const [method = '', path = ''] = head.split(' ');
      const arrival = { method, path, headers: {}, body, closed };
      const index = arrivals.push(arrival) - 1;
      server.emit('arrival');
      answer(socket, arrival, index);
    });
    onConnection(socket);
  });
  return listen(server, arrivals);
}

/** Answers with JSON. */
export function sendJson(response: ServerResponse, body: unknown, status = 200, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

/** Begins a stream of events, with the first of them if there are any. */
export function beginStream(response: ServerResponse, text = ''): ServerResponse {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_stream' }).flushHeaders();
  if (text) response.write(text);
  return response;
}

/** Sends a body piece by piece, so that the reader gets it so: what is written in one turn would arrive as one. */
export async function sendPieces(response: ServerResponse, pieces: Iterable<string | Uint8Array>): Promise<void> {
  for (const piece of pieces) {
    if (response.destroyed) return;
    if (piece.length > 0) response.write(piece);
    await turn();
  }
  response.end();
}
