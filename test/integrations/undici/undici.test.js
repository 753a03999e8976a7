// undici's own fetch and dispatchers against servers on loopback that refuse in their own ways.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import { createServer as createTlsServer } from 'node:https';
import { test } from 'node:test';
import { TwigClient } from '@twig/sdk';
import { Agent, fetch, ProxyAgent } from 'undici';

const pem = (name) => readFileSync(new URL(`../../sockets/certificates/${name}.pem`, import.meta.url));
const ca = pem('ca');
const identity = (name) => ({ cert: pem(name), key: pem(name) });
/** The waits between attempts pass at once, and the limits of time never: neither is what this is about. */
const clock = {
  now: Date.now,
  random: () => 0,
  sleep: (ms) => (ms < 60_000 ? Promise.resolve() : new Promise(() => {})),
};
const question = { agentId: 'agent_abc123', query: 'q' };

/** A port on loopback, closed with the test. */
async function listen(t, server) {
  server.on('error', () => {});
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return server.address().port;
}

/** What a POST over a dispatcher ends in, or gives. */
async function post(t, baseUrl, dispatcher) {
  t.after(() => dispatcher.destroy());
  const options = { apiKey: 'twigsk_test_x', baseUrl, logLevel: 'off', clock };
  const client = new TwigClient({ ...options, fetch, fetchOptions: { dispatcher } });
  return client
    .query(question)
    .withResponse()
    .catch((error) => error);
}

const http2 = () => new Agent({ allowH2: true, connect: { ca } });

/** An HTTP/2 server that ends each stream with what `codes` say, and answers when they are used up. */
async function http2Server(t, codes) {
  const server = createSecureServer(identity('trusted'));
  let count = 0;
  server.on('sessionError', () => {});
  server.on('session', (session) => t.after(() => session.destroy()));
  server.on('stream', (stream) => {
    stream.on('error', () => {});
    const code = codes[count++];
    if (code !== undefined) return stream.close(code);
    stream.respond({ ':status': 200, 'content-type': 'application/json' });
    stream.end('{"response":"an answer"}');
  });
  const port = await listen(t, server);
  return { url: `https://localhost:${port}`, count: () => count };
}

test('a POST whose HTTP/2 stream was refused is made again', async (t) => {
  const server = await http2Server(t, [7, 7]);
  const { data, meta } = await post(t, server.url, http2());
  assert.equal(data.response, 'an answer');
  assert.equal(meta.attempts.length, 3);
  assert.equal(server.count(), 3);
});

test('a POST whose HTTP/2 stream failed in another way is not', async (t) => {
  const server = await http2Server(t, [2, 2]);
  const error = await post(t, server.url, http2());
  assert.equal(error.phase, 'headers');
  assert.equal(server.count(), 1);
});

test('a proxy that wants credentials for a tunnel is told at once, with the remedy', async (t) => {
  const proxy = createServer();
  let count = 0;
  proxy.on('connect', (_request, socket) => {
    count++;
    socket.on('error', () => {});
    socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
  });
  const port = await listen(t, proxy);
  const error = await post(t, 'https://localhost:8443', new ProxyAgent(`http://127.0.0.1:${port}`));
  assert.equal(error.name, 'TwigConnectionError');
  assert.equal(error.phase, 'connect');
  assert.equal(error.isRetryable, false);
  assert.match(error.hint, /proxy wants credentials/);
  assert.equal(count, 1);
});

test('a proxy that cannot open a tunnel now is asked again', async (t) => {
  const proxy = createServer();
  let count = 0;
  proxy.on('connect', (_request, socket) => {
    count++;
    socket.on('error', () => {});
    socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
  });
  const port = await listen(t, proxy);
  const error = await post(t, 'https://localhost:8443', new ProxyAgent(`http://127.0.0.1:${port}`));
  assert.equal(error.phase, 'connect');
  assert.equal(count, 3);
});

for (const [name, code, remedy] of [
  ['other-host', 'ERR_TLS_CERT_ALTNAME_INVALID', /another host/],
  ['expired', 'CERT_HAS_EXPIRED', /expired/],
]) {
  test(`a certificate of a trusted CA that does not fit is told at once: ${name}`, async (t) => {
    const server = createTlsServer(identity(name), (_request, response) => response.end('{}'));
    let count = 0;
    server.on('connection', () => count++);
    const port = await listen(t, server);
    const error = await post(t, `https://localhost:${port}`, new Agent({ connect: { ca } }));
    assert.equal(error.phase, 'connect');
    assert.equal(error.isRetryable, false);
    assert.match(error.message, new RegExp(code));
    assert.match(error.hint, remedy);
    assert.equal(count, 1);
  });
}
