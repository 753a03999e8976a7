/** TLS that cannot be had: no certificate that is accepted, no TLS at all, a connection that ends before it. */

import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:https';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
import type { TwigClientOptions, TwigConnectionError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { clientOf, rawServer } from './fault-server.ts';
import { impatient, question } from './support.ts';

const pem = (name: string): Buffer => readFileSync(new URL(`certificates/${name}.pem`, import.meta.url));

interface Listening extends AsyncDisposable {
  port: number;
  /** How many connections were made. */
  connections: () => number;
}

async function listen(server: Server): Promise<Listening> {
  let count = 0;
  server.on('connection', (socket) => {
    count++;
    socket.on('error', () => {});
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => count,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/** What a POST to a local server ends in. */
const failing = async (url: string, options: TwigClientOptions = impatient()): Promise<TwigConnectionError> =>
  (await rejection(clientOf(url, options).query(question))) as TwigConnectionError;

describe('a certificate that is not accepted', () => {
  it.each([
    ['self-signed', 'DEPTH_ZERO_SELF_SIGNED_CERT', /not trusted/],
    ['trusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', /not trusted/],
    ['whole-chain', 'SELF_SIGNED_CERT_IN_CHAIN', /not trusted/],
    ['expired', 'CERT_HAS_EXPIRED', /expired/],
  ])('is told at once, with the remedy: %s', async (name, code, remedy) => {
    const options = { cert: pem(name), key: pem(name) };
    await using server = await listen(createServer(options, (_request, response) => response.end('{}')));
    const error = await failing(`https://localhost:${server.port}`);
    expect(error).toMatchObject({ phase: 'connect', isRetryable: false, meta: { attempts: [{}] } });
    expect(error.message).toContain(code);
    expect(error.hint).toMatch(remedy);
    expect(error.hint).toMatch(/NODE_EXTRA_CA_CERTS.*--use-system-ca/);
    expect(server.connections()).toBe(1);
  });
});

describe('the wrong protocol', () => {
  it('is told at once: https to a port that speaks http', async () => {
    await using server = await listen(createHttpServer((_request, response) => response.end('{}')));
    const error = await failing(`https://localhost:${server.port}`);
    expect(error).toMatchObject({ phase: 'connect', isRetryable: false, meta: { attempts: [{}] } });
    expect(error.message).toContain('ERR_SSL_WRONG_VERSION_NUMBER');
    expect(error.hint).toMatch(/scheme.*port of baseUrl/);
    expect(server.connections()).toBe(1);
  });

  it('is told at once: a version of TLS that is no longer spoken', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const;
    const options = { cert: pem('self-signed'), key: pem('self-signed'), ...old };
    await using server = await listen(createServer(options));
    const error = await failing(`https://localhost:${server.port}`);
    expect(error).toMatchObject({ phase: 'connect', isRetryable: false, meta: { attempts: [{}] } });
    expect(error.hint).toMatch(/no TLS that this side speaks/);
  });

  it('is told at once, even of a GET: an answer that is no HTTP', async () => {
    await using server = await rawServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    const error = (await rejection(server.client(impatient()).agents.get('a'))) as TwigConnectionError;
    expect(error).toMatchObject({ phase: 'headers', isRetryable: false, meta: { attempts: [{}] } });
    expect(error.hint).toMatch(/does not speak HTTP/);
    expect(server.connections).toHaveLength(1);
  });

  it('is told at once: a proxy that wants credentials and is asked without a tunnel', async () => {
    await using server = await listen(createHttpServer((_request, response) => response.writeHead(407).end()));
    const error = await failing(`http://localhost:${server.port}`);
    expect(error).toMatchObject({ isRetryable: false, meta: { attempts: [{}] } });
    expect(error.hint).toMatch(/proxy wants credentials/);
  });
});

describe('before anything was sent', () => {
  it('a connection that ends before TLS is made again, with a POST too', async () => {
    await using server = await rawServer(undefined, (socket) => socket.end());
    const error = await failing(server.url.replace('http:', 'https:'));
    expect(error).toMatchObject({ phase: 'connect', isRetryable: true, meta: { attempts: [{}, {}, {}] } });
    expect(server.connections).toHaveLength(3);
  });

  it('one that is refused on IPv6 and on IPv4 is made again, too', async () => {
    const closed = createTcpServer();
    const { port, [Symbol.asyncDispose]: close } = await listen(closed);
    await close();
    // As fetch does where a name has both: Node tries one after the other, and tells of all.
    const fetch = () =>
      new Promise<never>((_resolve, reject) => {
        const addresses = [
          { address: '::1', family: 6 },
          { address: '127.0.0.1', family: 4 },
        ];
        connect({
          host: 'both.test',
          port,
          autoSelectFamily: true,
          lookup: (_name, _options, done) => done(null, addresses),
        }).on('error', (cause) => reject(new TypeError('fetch failed', { cause })));
      });
    const error = await failing(`http://localhost:${port}`, { ...impatient(), fetch });
    expect((error.cause as Error).cause).toBeInstanceOf(AggregateError);
    expect(error).toMatchObject({ phase: 'connect', isRetryable: true, meta: { attempts: [{}, {}, {}] } });
    expect((await failing(`http://localhost:${port}`)).meta?.attempts).toHaveLength(3);
  });
});
