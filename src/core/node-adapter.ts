/** A Fetch-standard handler behind Node's `(req, res)`: bodies are streamed both ways with back-pressure. Imports nothing. */

import type { PlatformRequest, PlatformResponse } from './platform.ts';

/** The part of Node's `IncomingMessage` that is read. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  method?: string | undefined;
  url?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  /** Names and values in turn, as they came. */
  rawHeaders: string[];
  readonly complete: boolean;
  /** What a body parser made, where one ran before: bytes and text are used, an object goes to the handler as it is. */
  body?: unknown;
}

/** The part of Node's `ServerResponse` that is written. */
export interface NodeResponse {
  statusCode: number;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  setHeader(name: string, value: string | string[]): unknown;
  flushHeaders(): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  once(event: 'close' | 'drain', listener: () => void): unknown;
  removeListener(event: 'close' | 'drain', listener: () => void): unknown;
}

/** For `http.createServer`, Express, and Fastify's raw request and reply. Never rejects. */
export type NodeHandler = (request: NodeRequest, response: NodeResponse) => Promise<void>;

/** A Fetch-standard handler. `parsedBody` is what a body parser left of a body that it had read, when it is no text or bytes. */
export type FetchHandler = (request: PlatformRequest, parsedBody?: unknown) => Promise<PlatformResponse>;

/** The request's body, read when it is asked for. Giving it up leaves the socket open: the answer still has to go out. */
function bodyOf(request: NodeRequest): ReadableStream<Uint8Array> {
  const iterator = request[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
    },
    { highWaterMark: 0 },
  );
}

function toRequest(incoming: NodeRequest, signal: AbortSignal): Request {
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '');
  }
  const url = new URL(incoming.url ?? '/', `http://${headers.get('host') ?? 'localhost'}`);
  const method = incoming.method ?? 'GET';
  const { body: parsed } = incoming;
  const isRaw = typeof parsed === 'string' || parsed instanceof Uint8Array;
  const body =
    method === 'GET' || method === 'HEAD' ? null : isRaw ? parsed : parsed === undefined ? bodyOf(incoming) : null;
  // `duplex` is what a streamed body needs (WHATWG fetch); lib.dom does not know it.
  return new Request(url, { method, headers, body, signal, duplex: 'half' } as RequestInit);
}

/** Writes the body as fast as the client reads it. Resolves when all is written or the client has gone. */
async function writeBody(reader: ReadableStreamDefaultReader<Uint8Array>, outgoing: NodeResponse): Promise<void> {
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (outgoing.destroyed) return;
    if (outgoing.write(value)) continue;
    await new Promise<void>((resolve) => {
      const go = (): void => {
        outgoing.removeListener('drain', go);
        outgoing.removeListener('close', go);
        resolve();
      };
      outgoing.once('drain', go);
      outgoing.once('close', go);
    });
  }
  outgoing.end();
}

/**
 * Puts a Fetch-standard handler behind Node's HTTP server. When the client goes away, the request's signal aborts and
 * the response's body is cancelled. A body that breaks, or a `Response.error()`, closes the socket without an end, so
 * that nobody takes a part for the whole.
 */
export function toNodeHandler(handler: FetchHandler): NodeHandler {
  return async (incoming, outgoing) => {
    const gone = new AbortController();
    let hasBegun = false;
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort();
    });
    try {
      const parsed = incoming.body;
      const isObject = typeof parsed === 'object' && parsed !== null && !(parsed instanceof Uint8Array);
      const response = await handler(toRequest(incoming, gone.signal), isObject ? parsed : undefined);
      if (response.type === 'error') return void outgoing.destroy();
      hasBegun = true;
      outgoing.statusCode = response.status;
      response.headers.forEach((value, name) => {
        if (name !== 'set-cookie') outgoing.setHeader(name, value);
      });
      const cookies = response.headers.getSetCookie();
      if (cookies.length) outgoing.setHeader('set-cookie', cookies);
      // What is left of the request would be taken for the next one.
      if (!incoming.complete) outgoing.setHeader('connection', 'close');
      outgoing.flushHeaders();
      if (!response.body) return void outgoing.end();
      const reader = response.body.getReader();
      outgoing.once('close', () => void reader.cancel().catch(() => {}));
      await writeBody(reader, outgoing);
    } catch {
      if (hasBegun) return void outgoing.destroy();
      outgoing.statusCode = 500;
      outgoing.end();
    }
  };
}
