// Builds both apps as `next build` does, and asks what `next start` serves.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { TwigClient } from '@twig/sdk';
import { startTwigServer } from '@twig/sdk/testing/server';
import { Webhooks } from '@twig/sdk/webhooks';

const here = import.meta.dirname;
const next = join(here, 'node_modules/next/dist/bin/next');

/** What Next is started with: nothing that this process knows of Twig, and what is given. */
const environment = (given) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(TWIG_|NODE_|__NEXT|NEXT_)/.test(name))),
  NEXT_TELEMETRY_DISABLED: '1',
  ...given,
});

async function build(app, env = {}) {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [next, 'build', join(here, app)], {
    env: environment(env),
  }).catch((error) => {
    throw new Error(`next build ${app}\n${error.stdout}${error.stderr}`);
  });
  return stdout + stderr;
}

/** Starts what was built, and gives its address once it says it. */
async function start(app, env) {
  const child = spawn(process.execPath, [next, 'start', join(here, app), '--port', '0', '--hostname', '127.0.0.1'], {
    env: environment(env),
  });
  const close = async () => {
    child.kill();
    await once(child, 'exit');
  };
  let said = '';
  for (const output of [child.stdout, child.stderr]) output.on('data', (data) => (said += data));
  for await (const _ of child.stdout) {
    const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
    if (url && said.includes('Ready')) {
      child.stdout.resume();
      return { url, close, said: () => said };
    }
  }
  await close();
  throw new Error(`next start ${app}\n${said}`);
}

describe('with cacheComponents', () => {
  let api;
  let site;
  before(async () => {
    api = await startTwigServer({ rateLimits: false });
    const env = { TWIG_API_KEY: 'twigsk_test_x', TWIG_BASE_URL: api.url };
    // Fails where a component asks for the time or for chance before its data.
    await build('prerendered', env);
    site = await start('prerendered', env);
  });
  after(async () => {
    await site?.close();
    await api.close();
  });

  const pages = {
    '/': ['waiting', 'Support'],
    '/cached': ['Support'],
    '/use-cache': ['Support'],
    '/one': ['200', 'Support'],
  };
  for (const [path, words] of Object.entries(pages)) {
    test(`${path} is built, and served with the data`, async () => {
      const response = await fetch(site.url + path);
      assert.equal(response.status, 200);
      const html = await response.text();
      for (const word of words) assert.ok(html.includes(word), html);
    });
  }
});

describe('built without a secret, with trailingSlash', () => {
  const secret = 'whsec of the test';
  let api;
  let site;
  let answer;
  before(async () => {
    // An API that sends a word, and the rest when it is told.
    api = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      assert.equal(request.headers.authorization, 'Bearer twigsk_test_x');
      const metadata = { interaction_id: 'i', latency_ms: 1 };
      const whole = { response: 'one two', session_id: 's', sources: [], metadata };
      if (!JSON.parse(body).stream) {
        return response.setHeader('content-type', 'application/json').end(JSON.stringify(whole));
      }
      response.setHeader('content-type', 'text/event-stream').write('event: delta\ndata: {"delta":"one "}\n\n');
      await answer.promise;
      response.end(`event: delta\ndata: {"delta":"two"}\n\nevent: done\ndata: ${JSON.stringify(whole)}\n\n`);
    });
    await once(api.listen(0, '127.0.0.1'), 'listening');
    await build('secretless');
    site = await start('secretless', {
      TWIG_API_KEY: 'twigsk_test_x',
      TWIG_BASE_URL: `http://127.0.0.1:${api.address().port}`,
      TWIG_WEBHOOK_SECRET: secret,
    });
  });
  after(async () => {
    await site?.close();
    api.close();
  });

  for (const route of ['webhooks', 'edge-webhooks']) {
    test(`${route} takes what is signed, and nothing else`, async () => {
      const body = '{"event":"agent.updated","timestamp":"2024-01-15T10:30:00Z","data":{"agent_id":"a"}}';
      const headers = { 'x-twig-signature': await new Webhooks({ secret }).sign(body) };
      const deliver = async (body, headers = {}) =>
        (await fetch(`${site.url}/api/${route}/`, { method: 'POST', body, headers })).status;
      assert.equal(await deliver(body, headers), 200, site.said());
      assert.equal(await deliver(`${body} `, headers), 400);
      assert.equal(await deliver(body), 400);
    });
  }

  for (const route of ['twig', 'edge-twig']) {
    test(`${route} answers a page, and streams while the answer comes`, async () => {
      answer = Promise.withResolvers();
      const client = new TwigClient({ apiKey: null, baseUrl: `${site.url}/api/${route}` });
      const question = { agentId: 'agent_abc123', query: 'What is pricing?' };
      assert.equal((await client.query(question)).response, 'one two');

      const pieces = [];
      for await (const piece of (await client.query({ ...question, stream: true })).textStream) {
        pieces.push(piece);
        // The rest comes only when the page has had the first word.
        answer.resolve();
      }
      assert.deepEqual(pieces, ['one ', 'two']);

      const refused = await client.query({ ...question, agentId: 'agent_other' }).catch((error) => error);
      assert.equal(refused.status, 403);
    });
  }
});
