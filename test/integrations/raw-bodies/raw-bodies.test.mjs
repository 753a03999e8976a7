// Frameworks that have read the body before a handler sees the request, and keep its bytes: real ones, each with a
// delivery as it is sent, one that begins with a byte order mark, a forged one, and a question for the proxy.

import 'reflect-metadata';
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { http } from '@google-cloud/functions-framework';
import { getTestServer } from '@google-cloud/functions-framework/testing';
import { Controller, Module, Post, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TwigClient } from '@twig/sdk';
import { createTwigProxy } from '@twig/sdk/proxy';
import { createWebhookHandler, toNodeHandler, Webhooks } from '@twig/sdk/webhooks';
import serverless from 'serverless-http';

const secret = 'the secret';
const webhooks = new Webhooks({ secret });
// Parsed and written again, it would be other bytes.
const BODY = '{ "event": "a",\n "data": {"text": "ü"} }';
const answer = { response: 'Yes.', sources: [], metadata: { interaction_id: 'int_1', latency_ms: 1 } };

const events = [];
const errors = [];
const webhook = toNodeHandler(
  createWebhookHandler({
    secret,
    fallback: ({ event }) => events.push(event),
    onError: (error) => errors.push(error),
  }),
);
const proxy = toNodeHandler(
  createTwigProxy({
    client: new TwigClient({ apiKey: 'twigsk_test_1', maxRetries: 0, fetch: async () => Response.json(answer) }),
    authorize: () => ({ agentIds: ['agent_1'] }),
  }),
);
const both = (request, response) => (request.url.endsWith('/query') ? proxy : webhook)(request, response);

const closing = [];
after(async () => {
  for (const close of closing) await close();
});

/** By what each is posted to: gives the status. */
const overHttp = (url) => async (path, headers, body) =>
  (await fetch(url + path, { method: 'POST', body, headers: { connection: 'close', ...headers } })).status;

const frameworks = {
  async 'NestJS with rawBody: true'() {
    class Hooks {
      receive(request, response) {
        return both(request, response);
      }
    }
    class App {}
    const receive = Object.getOwnPropertyDescriptor(Hooks.prototype, 'receive');
    Req()(Hooks.prototype, 'receive', 0);
    Res()(Hooks.prototype, 'receive', 1);
    Post(['hook', 'api/v1/query'])(Hooks.prototype, 'receive', receive);
    Controller()(Hooks);
    Module({ controllers: [Hooks] })(App);
    const app = await NestFactory.create(App, { rawBody: true, logger: false });
    await app.listen(0, '127.0.0.1');
    closing.push(() => app.close());
    return overHttp(`http://127.0.0.1:${app.getHttpServer().address().port}`);
  },

  // Firebase's onRequest() is served by the same framework.
  async 'Google Cloud Functions'() {
    http('twig', both);
    const server = getTestServer('twig');
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    return overHttp(`http://127.0.0.1:${server.address().port}`);
  },

  async 'AWS Lambda by serverless-http'() {
    const lambda = serverless(both);
    return async (path, headers, body) => {
      const event = {
        version: '2.0',
        requestContext: { http: { method: 'POST', path } },
        rawPath: path,
        headers,
        body,
      };
      return (await lambda(event, {})).statusCode;
    };
  },
};

for (const [name, start] of Object.entries(frameworks)) {
  describe(name, { timeout: 60_000 }, async () => {
    let post;
    const deliver = async (body, signature) => {
      post ??= await start();
      events.length = 0;
      errors.length = 0;
      const type = { 'content-type': 'application/json', 'x-twig-signature': signature ?? (await webhooks.sign(body)) };
      return post('/hook', type, body);
    };

    test('takes a delivery', async () => {
      const status = await deliver(BODY);
      assert.deepEqual([status, events, errors], [200, ['a'], []]);
    });

    test('takes a delivery that begins with a byte order mark', async () => {
      const status = await deliver(`\ufeff${BODY}`);
      assert.deepEqual([status, events, errors], [200, ['a'], []]);
    });

    test('refuses a forgery', async () => {
      const status = await deliver(BODY, '0'.repeat(64));
      assert.deepEqual([status, events, errors.map(({ code }) => code)], [400, [], ['invalid_signature']]);
    });

    test('passes a question on', async () => {
      post ??= await start();
      const body = '{"agent_id":"agent_1","query":"Is it?"}';
      assert.equal(await post('/api/v1/query', { 'content-type': 'application/json' }, body), 200);
    });
  });
}
