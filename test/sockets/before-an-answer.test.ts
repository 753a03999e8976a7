/** Connections that fail before, or in the middle of, an answer. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TwigConnectionError, TwigResponseValidationError, TwigTimeoutError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { turn } from '../support/turns.ts';
import { clientOf, type FaultServer, httpServer, rawServer, sendJson } from './fault-server.ts';
import { agent, answer, impatient, patient, question } from './support.ts';

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n';

/** What a GET of an agent ends in at its first attempt. */
const failing = (url: string) => rejection(clientOf(url, { maxRetries: 0 }).agents.get('agent_1'));

/** The same where the time of the attempt runs out, 100 ms, when the request or the headers of its answer have arrived. */
async function timingOut(server: FaultServer, moment: 'request' | 'headers'): Promise<unknown> {
  const { options, headersCame } = patient();
  const failed = rejection(server.client({ ...options, timeoutMs: 100, maxRetries: 0 }).agents.get('agent_1'));
  await (moment === 'request' ? server.arrived(1) : headersCame);
  await options.clock.advance(99);
  await options.clock.advance(1);
  return failed;
}

describe('no connection', () => {
  it('repeats even a POST when the connection was refused, since nothing was sent', async () => {
    // Nobody serves this port, and no other test is ever given it, as it might be one that was closed a moment ago.
    const error = await rejection(clientOf('http://127.0.0.1:2', impatient()).query(question));
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({ phase: 'connect', meta: { attempts: [{}, {}, {}] } });
    expect(String(error)).toContain('ECONNREFUSED');
  });

  it('says that a host name does not resolve', async () => {
    const error = await rejection(clientOf('https://no-such-host.invalid', impatient()).query(question));
    expect(error).toMatchObject({ phase: 'connect', meta: { attempts: [{}, {}, {}] } });
    expect(String(error)).toMatch(/ENOTFOUND|EAI_AGAIN/);
  });

  it('repeats a GET, but no POST, when the server accepts and resets', async () => {
    await using server = await rawServer(undefined, (socket) => socket.once('data', () => socket.resetAndDestroy()));
    const client = server.client(impatient());
    expect(await rejection(client.query(question))).toMatchObject({ phase: 'headers', meta: { attempts: [{}] } });
    expect(server.connections).toHaveLength(1);
    expect(await rejection(client.agents.get('agent_1'))).toMatchObject({ phase: 'headers' });
    expect(server.connections).toHaveLength(4);
  });
});

describe('silence', () => {
  it('gives up a server that accepts and says nothing, and closes the socket', async () => {
    await using server = await rawServer();
    const error = await timingOut(server, 'request');
    expect(error).toBeInstanceOf(TwigTimeoutError);
    expect(error).toMatchObject({ limit: 'timeoutMs', limitMs: 100, phase: 'headers' });
    await server.arrivals[0]?.closed;
  });

  it('gives each attempt its own time', async () => {
    await using server = await rawServer();
    const { options } = patient();
    options.clock.random = () => 0;
    let hasFailed = false;
    const client = server.client({ ...options, timeoutMs: 100, maxRetries: 1 });
    const failed = rejection(client.agents.get('agent_1')).finally(() => {
      hasFailed = true;
    });
    const first = await server.arrived(1);
    await options.clock.advance(100);
    await first.closed;
    const second = await server.arrived(2);
    // Its own 100 ms, and not what was left of the first one's.
    await options.clock.advance(99);
    expect(hasFailed).toBe(false);
    await options.clock.advance(1);
    expect(await failed).toMatchObject({ limit: 'timeoutMs' });
    await second.closed;
  });

  it('gives up a server that sends headers and then nothing', async () => {
    await using server = await rawServer((socket) => socket.write(`${HEAD}content-length: 10\r\n\r\n`));
    const error = await timingOut(server, 'headers');
    expect(error).toBeInstanceOf(TwigTimeoutError);
    expect(error).toMatchObject({ phase: 'body', meta: { status: 200 } });
    await server.arrivals[0]?.closed;
  });

  it('gives up a body that stalls', async () => {
    await using server = await rawServer((socket) => socket.write(`${HEAD}content-length: 100\r\n\r\n{"id":`));
    expect(await timingOut(server, 'headers')).toMatchObject({ limit: 'timeoutMs', phase: 'body' });
    await server.arrivals[0]?.closed;
  });

  it('gives up a body that trickles on beyond the time of an attempt', async () => {
    await using server = await rawServer((socket, { closed }) => {
      socket.write(`${HEAD}content-length: 1000\r\n\r\n`);
      const timer = setInterval(() => socket.write(' '), 20);
      closed.then(() => clearInterval(timer));
    });
    expect(await timingOut(server, 'headers')).toMatchObject({ limit: 'timeoutMs', phase: 'body' });
    await server.arrivals[0]?.closed;
  });
});

describe('a body that is not what its headers say', () => {
  const whole = JSON.stringify(agent);
  const cut = whole.slice(0, 30);

  it('takes no part of a body for the whole: cut short of its content-length', async () => {
    await using server = await rawServer((socket) =>
      socket.end(`${HEAD}content-length: ${whole.length}\r\n\r\n${cut}`),
    );
    const error = await failing(server.url);
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({ phase: 'body', meta: { status: 200 } });
  });

  it('takes no part of a body for the whole: a content-length beyond a complete JSON text', async () => {
    await using server = await rawServer((socket) => socket.end(`${HEAD}content-length: 5000\r\n\r\n${whole}`));
    expect(await failing(server.url)).toMatchObject({ phase: 'body' });
  });

  it('takes no part of a body for the whole: chunked, without its last chunk', async () => {
    const chunk = `${whole.length.toString(16)}\r\n${whole}\r\n`;
    await using server = await rawServer((socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n${chunk}`));
    expect(await failing(server.url)).toMatchObject({ phase: 'body' });
  });

  it('takes no part of a body for the whole: reset in the middle', async () => {
    await using server = await rawServer((socket) =>
      socket.write(`${HEAD}content-length: ${whole.length}\r\n\r\n${cut}`),
    );
    const { options, headersCame } = patient();
    const failed = rejection(server.client({ ...options, maxRetries: 0 }).agents.get('agent_1'));
    await headersCame;
    server.connections[0]?.resetAndDestroy();
    expect(await failed).toMatchObject({ phase: 'body' });
  });

  it('takes no part of a body for the whole: a content-length that is too small', async () => {
    await using server = await rawServer((socket, _arrival, index) => {
      const length = index === 0 ? cut.length : whole.length;
      socket.write(`${HEAD}content-length: ${length}\r\n\r\n${whole}`);
    });
    const client = server.client({ maxRetries: 0 });
    expect(await rejection(client.agents.get('agent_1'))).toBeInstanceOf(TwigResponseValidationError);
    // What was too much on that socket is not taken for the next answer.
    expect(await client.agents.get('agent_1')).toMatchObject({ id: agent.id });
  });

  it('takes no part of a body for the whole: gzip cut short', async () => {
    const zipped = gzipSync(whole);
    await using server = await httpServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
      response.end(zipped.subarray(0, zipped.length - 20));
    });
    // Node's fetch gives what it could unpack and no error: the text itself must show that it is cut.
    expect(await failing(server.url)).toBeInstanceOf(TwigResponseValidationError);
  });

  it('takes broken gzip for a broken body', async () => {
    await using server = await httpServer((response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end('no gzip at all');
    });
    expect(await failing(server.url)).toMatchObject({
      phase: 'body',
      message: expect.stringContaining('Z_DATA_ERROR'),
    });
  });
});

/** The next socket that Node connects: the client's end. */
const nextSocket = (): Promise<Socket> =>
  new Promise((resolve) => {
    const told = (message: unknown): void => {
      unsubscribe('net.client.socket', told);
      // The channel's message has this shape, says Node.
      resolve((message as { socket: Socket }).socket);
    };
    subscribe('net.client.socket', told);
  });

describe('a keep-alive socket', () => {
  it('is made anew when the server closed it between two calls', async () => {
    await using server = await httpServer((response) => sendJson(response, answer()));
    const client = server.client({ maxRetries: 0 });
    const connected = nextSocket();
    await client.query(question);
    const socket = await connected;
    const noticed = new Promise((resolve) => socket.once('close', resolve));
    server.connections[0]?.destroy();
    await noticed;
    expect(await client.query(question)).toMatchObject({ response: 'Yes.' });
    expect(server.connections).toHaveLength(2);
  });

  it('closed in the very moment of the next call costs a GET one attempt, and is told of a POST', async () => {
    await using server = await rawServer((socket) => {
      if (socket.listenerCount('used') > 0) return socket.destroy();
      socket.once('used', () => {});
      socket.write(`${HEAD}content-length: ${JSON.stringify(agent).length}\r\n\r\n${JSON.stringify(agent)}`);
    });
    const client = server.client(impatient());
    await client.agents.get('agent_1');
    await turn(); // Only then does Node's fetch use the socket again.
    const { meta } = await client.agents.get('agent_1').withResponse();
    expect(meta.attempts).toMatchObject([{ error: 'connection_failed' }, { status: 200 }]);
    await turn();
    expect(await rejection(client.query(question))).toMatchObject({ phase: 'headers' });
    expect(server.arrivals).toHaveLength(4);
  });
});
