// Programs that bring a fetch of their own: whatever its responses are made of, the client reads, streams, retries and
// leaves them as it does the platform's.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { after, describe, it } from 'node:test';
import { TwigClient, TwigNotFoundError, TwigRateLimitError, TwigTimeoutError } from '@twig/sdk';
import { faults } from '@twig/sdk/testing';
import { startTwigServer } from '@twig/sdk/testing/server';
import axios from 'axios';
import { fetch as crossFetch } from 'cross-fetch';
import nodeFetch from 'node-fetch';
import nodeFetch2 from 'node-fetch-2';
import { fetch as undiciFetch } from 'undici';

/** axios as a fetch, as programs write it that have its interceptors to keep: a stream of Node, headers of its own. */
async function axiosFetch(url, { body, headers, method, signal }) {
  const response = await axios({
    url,
    method,
    headers,
    data: body,
    signal,
    responseType: 'stream',
    maxRedirects: 0,
    validateStatus: () => true,
    transformRequest: (data) => data,
  });
  return { status: response.status, headers: response.headers, body: response.data };
}

const fetches = {
  'node-fetch 3': nodeFetch,
  'node-fetch 2': nodeFetch2,
  'cross-fetch': crossFetch,
  undici: undiciFetch,
  axios: axiosFetch,
};

const delta = 'event: delta\ndata: {"delta":"a"}\n\n';
/** A server of faults: it says what happened to the answers that it gave. */
const closed = [];
const silent = createServer((request, response) => {
  request.resume();
  if (request.url.endsWith('/busy')) {
    const error = { code: 'plan_quota', message: 'Quota used up', retryAfter: 3600 };
    response.writeHead(429, { 'x-request-id': 'req_1' }).end(JSON.stringify({ error }));
    return;
  }
  closed.push(once(response, 'close'));
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(delta);
});
silent.listen(0, '127.0.0.1');
await once(silent, 'listening');
const silentUrl = `http://127.0.0.1:${silent.address().port}`;
const server = await startTwigServer({ rateLimits: false });
after(async () => {
  await server.close();
  silent.closeAllConnections();
  silent.close();
});

// What is thrown where nobody can catch it ends the process, and with it these tests.
for (const [name, fetch] of Object.entries(fetches)) {
  describe(name, () => {
    const options = { apiKey: 'twigsk_test_x', logLevel: 'off', fetch };
    const client = new TwigClient({ ...options, baseUrl: server.url });
    const toSilent = new TwigClient({ ...options, baseUrl: silentUrl, streamIdleTimeoutMs: 300 });
    const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };

    it('reads answers and pages', async () => {
      const created = await client.agents.create({ name: `Grüße ${name}`, dataSourceIds: ['ds_1'] });
      assert.equal((await client.agents.get(created.id)).name, `Grüße ${name}`);
      assert.ok((await client.agents.list()).data.length > 0);
      assert.ok((await client.query(question)).response.length > 0);
      await client.agents.delete(created.id);
    });

    it('tells an error by its status, code and request id', async () => {
      const error = await client.agents.get('nope').catch((failure) => failure);
      assert.ok(error instanceof TwigNotFoundError, String(error));
      assert.equal(error.status, 404);
      assert.ok(error.requestId);
    });

    it('tells the wait that a server asks for, and does not wait an hour', async () => {
      const error = await toSilent.agents.get('busy').catch((failure) => failure);
      assert.ok(error instanceof TwigRateLimitError, String(error));
      assert.deepEqual(
        [error.code, error.message, error.retryAfterMs, error.requestId, error.meta.attempts.length],
        ['plan_quota', 'Quota used up', 3_600_000, 'req_1', 1],
      );
    });

    it('tries again', async () => {
      server.mock.faults.next('agents.list', faults.status(503));
      const { meta } = await client.agents.list().withResponse();
      assert.deepEqual(
        meta.attempts.map(({ status }) => status),
        [503, 200],
      );
    });

    it('streams', async () => {
      const stream = await client.query({ ...question, stream: true });
      let text = '';
      for await (const piece of stream.textStream) text += piece;
      assert.ok(text.length > 0);
      assert.equal((await stream.finalResponse()).response, text);
    });

    it('closes the connection when a stream is left', async () => {
      for await (const _ of await toSilent.query({ ...question, stream: true })) break;
      await closed.at(-1);
    });

    it('ends a silent stream with an error that can be caught', async () => {
      const stream = await toSilent.query({ ...question, stream: true });
      const error = await stream.finalResponse().catch((failure) => failure);
      assert.ok(error instanceof TwigTimeoutError, String(error));
      await closed.at(-1);
    });

    it('gives up when it is told to', async () => {
      const stop = new AbortController();
      const stream = await toSilent.query({ ...question, stream: true }, { signal: stop.signal });
      const reading = stream.finalResponse().catch((failure) => failure);
      stop.abort();
      assert.equal((await reading).name, 'TwigAbortError');
      await closed.at(-1);
    });

    it('hands the response on as one of the platform', async () => {
      const response = await client.agents.list().asResponse();
      assert.ok(response instanceof Response);
      assert.equal(typeof (await response.json()), 'object');
      const abandoned = await toSilent.query({ ...question, stream: true }).asResponse();
      await abandoned.body.cancel();
      await closed.at(-1);
    });
  });
}
