/** What is left behind after many calls: no listener, no memory, no timer. */

import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { type FetchInit, TwigClient } from '@twig/sdk';
import { expect, it } from 'vitest';
import { json, scriptedClient, sse } from '../support/client.ts';
import { alive } from '../support/collect.ts';

const DONE = 'event: delta\ndata: {"delta":"a"}\n\nevent: done\ndata: {}\n\n';

it('10,000 calls and streams on one signal leave no listener', async () => {
  const { signal } = new AbortController();
  const { client } = scriptedClient((_, i) =>
    i % 3 === 0 ? sse(DONE) : i % 3 === 1 ? json({ id: 'a' }) : json({}, 404),
  );
  for (let i = 0; i < 10_000; i += 50) {
    await Promise.all(
      Array.from({ length: 50 }, async (_, j) => {
        if ((i + j) % 2) await client.agents.get('a', { signal, maxRetries: 0 }).catch(() => {});
        else {
          await client
            .query({ agentId: 'a', query: 'q', stream: true }, { signal, maxRetries: 0 })
            .then((stream) => stream.finalResponse())
            .catch(() => {});
        }
      }),
    );
  }
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
});

it('nothing of 2,000 streams that were aborted outlives a collection', async () => {
  const things: WeakRef<object>[] = [];
  // Not the scripted client: that one keeps what it was asked to send.
  const fetch = async (_url: string, init: FetchInit): Promise<Response> => {
    const bytes = new TextEncoder().encode(DONE.slice(0, 35));
    const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
    const response = new Response(body, { headers: { 'content-type': 'text/event-stream' } });
    for (const thing of [init, init.signal as AbortSignal, bytes, body, response]) things.push(new WeakRef(thing));
    return response;
  };
  const client = new TwigClient({ apiKey: 'k', fetch });
  for (let i = 0; i < 2000; i++) {
    const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
    const iterator = stream[Symbol.asyncIterator]();
    const { value } = await iterator.next();
    stream.abort();
    await iterator.next().catch(() => {});
    for (const thing of [stream, iterator, stream.meta, value as object]) things.push(new WeakRef(thing));
  }
  expect(things).toHaveLength(2000 * 9);
  expect(await alive(things)).toBe(0);
  // It is the client that lives on.
  expect(client).toBeDefined();
});

it('no timer keeps the process alive: one that makes a call and reads a stream ends by itself', async ({ signal }) => {
  const server = createServer((request, response) => {
    const [type, body] =
      request.method === 'GET' ? ['application/json', '{"id":"a","name":"n"}'] : ['text/event-stream', DONE];
    response.setHeader('content-type', type).setHeader('connection', 'close').end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const entry = resolve(import.meta.dirname, '../../src/index.ts');
  const code = `import { TwigClient } from ${JSON.stringify(entry)};
const client = new TwigClient({ apiKey: 'k', baseUrl: 'http://127.0.0.1:${(server.address() as AddressInfo).port}' });
const limits = { timeoutMs: 3600000, deadlineMs: 3600000, streamIdleTimeoutMs: 3600000 };
await client.agents.get('a', limits);
await (await client.query({ agentId: 'a', query: 'q', stream: true }, limits)).finalResponse();
for await (const event of await client.query({ agentId: 'a', query: 'q', stream: true }, limits)) break;
console.log('read');`;
  // Any of the limits would keep it for an hour.
  const args = ['--input-type=module', '-e', code];
  expect(await promisify(execFile)(process.execPath, args, { signal })).toMatchObject({ stdout: 'read\n' });
  server.close();
});

it('a client that is let go of is collected, also after calls, streams and failures', async () => {
  const { signal } = new AbortController();
  const work = async (): Promise<WeakRef<object>[]> => {
    let count = 0;
    const answers = [() => json({ id: 'a', name: 'n' }), () => sse(DONE), () => json({}, 404), () => json({})];
    const fetch = async (): Promise<Response> => (answers[count++] as () => Response)();
    const client = new TwigClient({ apiKey: 'k', fetch, deadlineMs: 60_000, logLevel: 'off' });
    await client.agents.get('a', { signal });
    await (await client.query({ agentId: 'a', query: 'q', stream: true }, { signal })).finalResponse();
    await client.agents.get('a', { signal }).catch(() => {});
    await (await client.agents.get('a', { signal }).asResponse()).text();
    // Whatever is kept of a call knows its fetch.
    return [new WeakRef(client), new WeakRef(fetch)];
  };
  const seen = await work();
  expect(await alive(seen)).toBe(0);
  // It is the signal that lives on.
  expect(signal.aborted).toBe(false);
});
