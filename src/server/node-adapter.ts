/** A Fetch-standard handler behind Node's `(req, res)`: bodies are streamed both ways with back-pressure. */

import { rawBodyOf } from '../http/raw-body.ts';
import type { PlatformRequest, PlatformResponse } from '../platform.ts';

/** The part of Node's `IncomingMessage` that is read. */
export interface NodeRequest extends AsyncIterable<Uint8Array> {
  method?: string | undefined;
  url?: string | undefined;
  /** Where a router is mounted, of which `url` then holds the rest (Express). */
  baseUrl?: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  readonly complete: boolean;
  /** Whether somebody has begun to read the body. */
  readonly readableDidRead?: boolean;
  /** The bytes, where a framework has read and kept them: Firebase, Google Cloud Functions, NestJS (`rawBody: true`). */
  rawBody?: unknown;
  /** What a body parser made, where one ran before: bytes and text are used, anything else means that they are gone. */
  body?: unknown;
}

/** The part of Node's `ServerResponse` that is written. */
export interface NodeResponse {
  statusCode: number;
  readonly headersSent: boolean;
  readonly writableFinished: boolean;
  readonly destroyed: boolean;
  setHeader(name: string, value: string): unknown;
  appendHeader(name: string, value: string): unknown;
  /** Not in the types of Node's HTTP/2. */
  flushHeaders?(): unknown;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(): unknown;
  on(event: 'close' | 'drain', listener: () => void): unknown;
}

/** For `http.createServer`, Express, and Fastify's raw request and reply. Never rejects. */
export type NodeHandler = (request: NodeRequest, response: NodeResponse) => Promise<void>;

/** A Fetch-standard handler. */
export type FetchHandler = (request: PlatformRequest) => Promise<PlatformResponse>;

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

/** The Fetch request. A body that a parser has taken is there no more: the request then has been read (`bodyUsed`). */
async function toRequest(incoming: NodeRequest, signal: AbortSignal): Promise<Request> {
  const { method = 'GET', url = '/', baseUrl = '', headers, readableDidRead } = incoming;
  const isEmpty = method === 'GET' || method === 'HEAD';
  const raw = isEmpty ? undefined : (rawBodyOf(incoming.rawBody) ?? rawBodyOf(incoming.body));
  const parsed = raw === undefined ? (incoming.body ?? undefined) : undefined;
  const isTaken = !isEmpty && raw === undefined && (parsed !== undefined || readableDidRead === true);
  // Two slashes at the beginning, of either kind, would name a host (WHATWG URL).
  const path = (baseUrl + url).replace(/^[\\/]+/, '/');
  const address = new URL(path, `http://${headers.host ?? headers[':authority'] ?? 'localhost'}`);
  // HTTP/2 has its request line among the headers, as `:path` and the like (RFC 9113, section 8.3).
  const fields = Object.entries(headers).filter(([name]) => !name.startsWith(':'));
  const request = new Request(address, {
    method,
    headers: fields as [string, string][], // An array becomes a list with commas, as it should.
    body: isEmpty ? null : (raw ?? (isTaken ? '' : bodyOf(incoming))),
    signal,
    duplex: 'half', // What a streamed body needs (WHATWG fetch); lib.dom does not know it.
  } as RequestInit);
  if (isTaken) await request.text();
  return Object.assign(request, isTaken && { parsedBody: parsed });
}

/** What a parser has made of the body that it took. */
export const parsedBodyOf = (request: PlatformRequest): unknown => (request as { parsedBody?: unknown }).parsedBody;

/**
 * Puts a Fetch-standard handler behind Node's HTTP server. When the client goes away, the request's signal aborts and
 * the response's body is cancelled. A body that breaks, or a `Response.error()`, closes the socket without an end, so
 * that nobody takes a part for the whole.
 */
export function toNodeHandler(handler: FetchHandler): NodeHandler {
  return async (incoming, outgoing) => {
    const gone = new AbortController();
    let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
    let goOn = (): void => {};
    let request: Request | undefined;
    outgoing.on('drain', () => goOn());
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) gone.abort();
      reader?.cancel().catch(() => {});
      goOn();
    });
    try {
      request = await toRequest(incoming, gone.signal);
      const response = await handler(request);
      if (response.type === 'error') return void outgoing.destroy();
      outgoing.statusCode = response.status;
      response.headers.forEach((value, name) => {
        outgoing[name === 'set-cookie' ? 'appendHeader' : 'setHeader'](name, value);
      });
      // What is left of the request would be taken for the next one, but in HTTP/2.
      if (!incoming.complete && !(':path' in incoming.headers)) outgoing.setHeader('connection', 'close');
      outgoing.flushHeaders?.();
      reader = response.body?.getReader();
      // The client may have gone before there was anything to give up.
      if (outgoing.destroyed) return void reader?.cancel().catch(() => {});
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) return void outgoing.end();
        if (outgoing.destroyed) return;
        if (outgoing.write(value)) continue;
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      }
    } catch {
      if (outgoing.headersSent) return void outgoing.destroy();
      // What cannot be made a request of is the sender's fault.
      outgoing.statusCode = request ? 500 : 400;
      outgoing.end();
    }
  };
}
