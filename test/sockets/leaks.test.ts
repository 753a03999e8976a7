/** What is left behind after many calls: no listener, no memory, no timer. */

import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { TwigClient } from '@twig/sdk';
import { expect, it } from 'vitest';
import { json, scriptedClient, sse } from '../support/client.ts';
import { heap } from '../support/heap.ts';

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

it('10,000 streams that were aborted leave no growth after a collection', async () => {
  // Not the scripted client: that one keeps what it was asked to send.
  const fetch = async (): Promise<Response> => {
    const bytes = new TextEncoder().encode(DONE.slice(0, 35));
    const body = new ReadableStream({ start: (controller) => controller.enqueue(bytes) });
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  const client = new TwigClient({ apiKey: 'k', fetch });
  const round = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
      const iterator = stream[Symbol.asyncIterator]();
      await iterator.next();
      stream.abort();
      await iterator.next().catch(() => {});
    }
  };
  await round(1000);
  const before = await heap();
  await round(10_000);
  // A stream and its call are some 30 KB: as little as a hundredth of them kept would show.
  expect((await heap()) - before).toBeLessThan(3 * 2 ** 20);
});

it('no timer keeps the process alive: one that makes a call and reads a stream exits at once', async () => {
  const server = createServer((request, response) => {
    const [type, body] =
      request.method === 'GET' ? ['application/json', '{"id":"a","name":"n"}'] : ['text/event-stream', DONE];
    response.setHeader('content-type', type).setHeader('connection', 'close').end(body);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const entry = resolve(import.meta.dirname, '../../src/index.ts');
  const code = `import { TwigClient } from ${JSON.stringify(entry)};
const client = new TwigClient({ apiKey: 'k', baseUrl: 'http://127.0.0.1:${(server.address() as AddressInfo).port}' });
const limits = { timeoutMs: 60000, deadlineMs: 60000, streamIdleTimeoutMs: 60000 };
await client.agents.get('a', limits);
await (await client.query({ agentId: 'a', query: 'q', stream: true }, limits)).finalResponse();
for await (const event of await client.query({ agentId: 'a', query: 'q', stream: true }, limits)) break;
globalThis.endedAt = performance.now();
process.on('exit', () => console.log(performance.now() - globalThis.endedAt));`;
  const child = new Promise<string>((done, fail) => {
    const args = ['--input-type=module', '-e', code];
    execFile(process.execPath, args, { timeout: 55_000 }, (error, stdout) => (error ? fail(error) : done(stdout)));
  });
  // Any of the limits would keep it for a minute.
  expect(Number(await child)).toBeLessThan(20_000);
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
  await heap();
  expect(seen.map((thing) => thing.deref())).toEqual([undefined, undefined]);
  // It is the signal that lives on.
  expect(signal.aborted).toBe(false);
});
