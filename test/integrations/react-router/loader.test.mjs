// React Router sends what a loader gives to the page, promises while they are pending (turbo-stream).

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { startTwigServer } from '@twig/sdk/testing/server';
import { createRequestHandler } from 'react-router';

let server;
let handle;
before(async () => {
  server = await startTwigServer({ latencyMs: 100 });
  process.env.TWIG_API_KEY = 'twigsk_test_x';
  process.env.TWIG_BASE_URL = server.url;
  handle = createRequestHandler(await import('./build/server/index.js'), 'production');
});
after(() => server.close());

/** The parts of a response, in the order in which they came. */
async function partsOf(path) {
  const response = await handle(new Request(`http://localhost${path}`));
  assert.equal(response.status, 200);
  const parts = [];
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) parts.push(part);
  return parts;
}

test('a call is shown by Await and by use(), and a page like other data', async () => {
  const html = (await partsOf('/')).join('');
  assert.match(html, /<p id="page">agent_/);
  assert.match(html, /<p id="answer">[^<]+<\/p>/);
  assert.match(html, /<p id="agents">agent_/);
});

test('a call is sent as a promise first, and its data when it has come: nothing of how it was asked for', async () => {
  const parts = await partsOf('/_.data');
  assert.match(parts[0], /"answer",\["P",\d+\]/);
  assert.doesNotMatch(parts[0], /refund/);
  assert.match(parts.slice(1).join(''), /refund/);
  assert.match(parts[0], /"total",\d+,"limit",1,"offset",0,"extra"/);
  assert.doesNotMatch(parts.join(''), /_call|settled|lifetime|attempts|twigsk_test_x/);
});

test('a call that fails is the failure of its part alone', async () => {
  assert.match((await partsOf('/failing')).join(''), /There is no such agent/);
});
