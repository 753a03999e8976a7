/** What `fetch` throws, of whatever runtime: how far the exchange had come, and whether a repetition can heal it. */

import type { TwigConnectionError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

const failure = (message: string, members: object = {}, cause?: unknown): Error =>
  Object.assign(new Error(message, { cause }), members);
const coded = (code: string, members: object = {}): Error => failure(code, { code, ...members });
const all = (...errors: unknown[]): AggregateError =>
  Object.assign(new AggregateError(errors), { code: (errors[0] as { code?: string }).code });
const fetchFailed = (cause: unknown): TypeError => new TypeError('fetch failed', { cause });

/** A POST, which only a failure to connect allows to be sent again, and what became of it. */
async function post(thrown: unknown): Promise<TwigConnectionError> {
  const clock = createTestClock();
  const { client } = scriptedClient(() => Promise.reject(thrown), { clock });
  const failed = rejection(client.query({ agentId: 'a', query: 'q' }));
  await clock.advance(60_000);
  return (await failed) as TwigConnectionError;
}

const get = async (thrown: unknown): Promise<TwigConnectionError> => {
  const clock = createTestClock();
  const { client } = scriptedClient(() => Promise.reject(thrown), { clock });
  const failed = rejection(client.agents.get('a'));
  await clock.advance(60_000);
  return (await failed) as TwigConnectionError;
};

const refused = coded('ECONNREFUSED');
const circular = coded('ENOTFOUND');
circular.cause = failure('outer', {}, circular);

describe('a failure that came before sending is made again, of a POST too', () => {
  it.each<[string, unknown]>([
    ['refused', fetchFailed(coded('ECONNREFUSED', { syscall: 'connect' }))],
    ['reset while connecting', fetchFailed(coded('ECONNRESET', { syscall: 'connect' }))],
    ['timed out while connecting', coded('ETIMEDOUT', { syscall: 'connect' })],
    ['unknown to the resolver', coded('EAI_AGAIN', { syscall: 'getaddrinfo' })],
    ['refused on every address', fetchFailed(all(coded('ECONNREFUSED'), coded('ECONNREFUSED')))],
    [
      'every address failing in its own way',
      all(coded('ETIMEDOUT', { syscall: 'connect' }), coded('ENETUNREACH', { syscall: 'connect' })),
    ],
    ['addresses inside addresses', all(all(coded('ECONNREFUSED')), failure('x', {}, all(coded('EHOSTUNREACH'))))],
    ['the same error on every address', all(refused, refused)],
    [
      'deep below other errors',
      failure('a', {}, failure('b', {}, failure('c', {}, failure('d', {}, failure('e', {}, coded('ENOTFOUND')))))),
    ],
    ['in a circle of causes', circular],
    [
      'TLS not yet there',
      failure('Client network socket disconnected before secure TLS connection was established', {
        code: 'ECONNRESET',
      }),
    ],
    ['a refused stream of HTTP/2', fetchFailed(coded('ERR_HTTP2_STREAM_ERROR', { http2ErrorCode: 7 }))],
    [
      '… by its name',
      fetchFailed(failure('Stream closed with error code NGHTTP2_REFUSED_STREAM', { code: 'ERR_HTTP2_STREAM_ERROR' })),
    ],
    ['a session that takes no stream any more', coded('ERR_HTTP2_GOAWAY_SESSION')],
    ['a stream of HTTP/2 that was never opened', coded('ERR_HTTP2_STREAM_CANCEL')],
    ['undici’s own limit', fetchFailed(coded('UND_ERR_CONNECT_TIMEOUT'))],
    ['no more sockets', fetchFailed(coded('EMFILE'))],
    [
      'node-fetch',
      failure('request to https://x/ failed, reason: connect ETIMEDOUT 10.0.0.1:443', {
        code: 'ETIMEDOUT',
        type: 'system',
      }),
    ],
    [
      'node-fetch: every address failing, of which it keeps nothing',
      failure('request to https://x/ failed, reason: ', { code: 'ETIMEDOUT', errno: 'ETIMEDOUT', type: 'system' }),
    ],
    ['a SOCKS proxy that refuses', fetchFailed(coded('UND_ERR_SOCKS5_REPLY_5'))],
    ['Deno: no name', new Error('error sending request for url (https://x/): client error (Connect): dns error')],
    [
      'Deno: refused',
      fetchFailed(
        new Error(
          'error sending request for url (http://x/): client error (Connect): tcp connect error: Connection refused (os error 111)',
        ),
      ),
    ],
    [
      'Deno: TLS not yet there',
      fetchFailed(new Error('error sending request for url (https://x/): client error (Connect): tls handshake eof')),
    ],
    [
      'Deno of old',
      new TypeError(
        'error sending request for url (https://x/): error trying to connect: Connection reset by peer (os error 104)',
      ),
    ],
    ['Bun of old', coded('ConnectionRefused')],
    [
      'Bun',
      failure('ECONNREFUSED: Unable to connect. Is the computer able to access the url?', {
        code: 'ECONNREFUSED',
        errno: 0,
      }),
    ],
    ['Bun: no name', coded('FailedToOpenSocket')],
    ['workerd', new Error('disconnected: connect(): Connection refused')],
    [
      'Deno: a refused stream of HTTP/2',
      new TypeError(
        'error sending request for url (https://x/): client error (SendRequest): http2 error: stream error received: refused stream before processing any application logic',
      ),
    ],
    ['Electron', new Error('net::ERR_NAME_NOT_RESOLVED')],
    ['Electron: a proxy that is gone', new Error('net::ERR_PROXY_CONNECTION_FAILED')],
    ['Electron: a SOCKS proxy that is gone', new Error('net::ERR_SOCKS_CONNECTION_FAILED')],
    ['Electron: no answer of the resolver', new Error('net::ERR_DNS_TIMED_OUT')],
    ['Electron: a connection that failed', new Error('net::ERR_CONNECTION_FAILED')],
    ['Electron: a refused stream of HTTP/2', new Error('net::ERR_HTTP2_SERVER_REFUSED_STREAM')],
    ['iOS: no network', new Error('fetch failed: The Internet connection appears to be offline.')],
    ['Android: no name', new Error('Unable to resolve host "x": No address associated with hostname')],
    ['Android: no answer', new Error('failed to connect to /10.0.2.2 (port 443) from /10.0.2.15 after 10000ms')],
    ['Android: TLS not yet there', new Error('SSL handshake aborted: ssl=0x7: I/O error during system call')],
    ['a text alone', 'connect ECONNREFUSED 127.0.0.1:1'],
    [
      'a proxy that cannot reach it, by tunnel',
      failure('tunneling socket could not be established, statusCode=503', { code: 'ECONNRESET' }),
    ],
    ['a SOCKS proxy that cannot reach it', new Error('Socks5 proxy rejected connection - HostUnreachable')],
    [
      'a proxy that cannot reach it',
      fetchFailed(
        failure(
          'Request was cancelled.',
          {},
          coded('UND_ERR_ABORTED', { message: 'Proxy response (502) !== 200 when HTTP Tunneling' }),
        ),
      ),
    ],
  ])('%s', async (_case, thrown) => {
    const error = await post(thrown);
    expect(error).toMatchObject({ name: 'TwigConnectionError', phase: 'connect', isRetryable: true });
    expect(error.meta?.attempts).toHaveLength(3);
    expect(error.cause).toBe(thrown);
  });
});

describe('a failure that may have come after sending is not, unless of a GET', () => {
  it.each<[string, unknown]>([
    ['a reset', fetchFailed(coded('ECONNRESET', { syscall: 'read' }))],
    ['a time that ran out', coded('ETIMEDOUT')],
    ['a host that became unreachable', coded('EHOSTUNREACH', { syscall: 'read' })],
    ['one address of which something was sent', all(coded('ECONNREFUSED'), coded('ECONNRESET', { syscall: 'read' }))],
    [
      '… although a code around it says refused',
      failure('x', { code: 'ECONNREFUSED' }, all(coded('ECONNREFUSED'), coded('EPIPE'))),
    ],
    ['addresses of which nothing is known', all(coded('ECONNREFUSED'), undefined)],
    ['a stream of HTTP/2 that failed', coded('ERR_HTTP2_STREAM_ERROR', { http2ErrorCode: 2 })],
    [
      'a session that goes away',
      fetchFailed(failure('HTTP/2: "GOAWAY" frame received with code 0', { code: 'UND_ERR_SOCKET' })),
    ],
    [
      'Deno',
      new Error(
        'error sending request from 127.0.0.1:1 for https://x/ (127.0.0.1:2): client error (SendRequest): connection closed before message completed',
      ),
    ],
    ['Bun', coded('ECONNRESET', { errno: 0 })],
    ['workerd', failure('Network connection lost.', { retryable: true })],
    ['a page', new TypeError('Failed to fetch')],
    ['an answer that ended inside its headers', fetchFailed(coded('HPE_INVALID_EOF_STATE'))],
    [
      'an error that throws when it is looked at',
      new Proxy(new Error('x'), {
        get() {
          throw new Error('no');
        },
      }),
    ],
  ])('%s', async (_case, thrown) => {
    const error = await post(thrown);
    expect(error).toMatchObject({ phase: 'headers', isRetryable: true });
    expect(error.meta?.attempts).toHaveLength(1);
    expect((await get(thrown)).meta?.attempts).toHaveLength(3);
  });
});

const TRUST = /NODE_EXTRA_CA_CERTS.*--use-system-ca/;
const SCHEME = /scheme.*port of baseUrl/;

describe('a fault that no repetition heals is told at once, with the remedy', () => {
  it.each<[string, unknown, RegExp]>([
    ...[
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'SELF_SIGNED_CERT_IN_CHAIN',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_UNTRUSTED',
      'CERT_REVOKED',
      'CERT_HAS_EXPIRED',
      'CERT_NOT_YET_VALID',
      'ERR_TLS_CERT_ALTNAME_INVALID',
      'INVALID_CA',
      'UNSPECIFIED',
    ].map((code): [string, unknown, RegExp] => [code, fetchFailed(coded(code)), TRUST]),
    ['an expired certificate', fetchFailed(coded('CERT_HAS_EXPIRED')), /expired.*clock of this machine/],
    ['a certificate of another host', coded('ERR_TLS_CERT_ALTNAME_INVALID'), /another host/],
    [
      'a certificate, by Deno',
      fetchFailed(new Error('client error (Connect): invalid peer certificate: UnknownIssuer')),
      TRUST,
    ],
    ['a certificate, by Electron', new Error('net::ERR_CERT_AUTHORITY_INVALID'), TRUST],
    ['a certificate, on every address', all(coded('CERT_HAS_EXPIRED'), coded('CERT_HAS_EXPIRED')), TRUST],
    ['no TLS there', fetchFailed(coded('ERR_SSL_WRONG_VERSION_NUMBER')), SCHEME],
    [
      'no TLS there, by an older Node',
      failure('write EPROTO 1:error:0A00010B:SSL routines:ssl3_get_record:wrong version number', {
        code: 'EPROTO',
        syscall: 'write',
      }),
      SCHEME,
    ],
    [
      'no TLS there, by Deno',
      new Error('client error (Connect): received corrupt message of type InvalidContentType'),
      SCHEME,
    ],
    ['no TLS there, by Bun', failure('EPROTO: The TLS handshake failed.', { code: 'EPROTO' }), SCHEME],
    ['another version of TLS', coded('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), SCHEME],
    ['no TLS there, by BoringSSL', new Error('OPENSSL_internal:WRONG_VERSION_NUMBER'), SCHEME],
    ['a TLS of old', fetchFailed(coded('ERR_SSL_UNSAFE_LEGACY_RENEGOTIATION_DISABLED')), SCHEME],
    ['no cipher in common', coded('ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE'), SCHEME],
    [
      'a proxy’s 407, by undici',
      fetchFailed(
        failure(
          'Request was cancelled.',
          {},
          failure('Proxy response (407) !== 200 when HTTP Tunneling', { code: 'UND_ERR_ABORTED' }),
        ),
      ),
      /407.*user:password@/,
    ],
    [
      'a proxy’s 407, by undici without a tunnel',
      fetchFailed(failure('Proxy Authentication Required (407)', { code: 'UND_ERR_INVALID_ARG' })),
      /407.*credentials|credentials.*407/,
    ],
    [
      'a proxy’s 407, by Bun',
      failure('Proxy refused to open a tunnel: 407 Proxy Authentication Required', { code: 'ERR_PROXY_TUNNEL' }),
      /credentials/,
    ],
    ['a proxy’s 407, by Deno', new Error('client error (Connect): proxy authentication required'), /credentials/],
    [
      'a proxy’s 407, by tunnel',
      failure('tunneling socket could not be established, statusCode=407', { code: 'ECONNRESET' }),
      /credentials/,
    ],
    ['a SOCKS proxy’s login, by socks', new Error('Socks5 Authentication failed'), /credentials/],
    ['a proxy’s login, by Electron', new Error('net::ERR_PROXY_AUTH_UNSUPPORTED'), /credentials/],
    ['a SOCKS proxy’s login', fetchFailed(coded('UND_ERR_SOCKS5_AUTH_FAILED')), /credentials/],
    ['a certificate of another host, by Electron', new Error('net::ERR_CERT_COMMON_NAME_INVALID'), /another host/],
    ['an expired certificate, by Electron', new Error('net::ERR_CERT_DATE_INVALID'), /expired/],
    [
      'an expired certificate, by Deno',
      new Error('client error (Connect): invalid peer certificate: Expired'),
      /expired/,
    ],
    [
      'a certificate, by iOS',
      new Error('The certificate for this server is invalid. You might be connecting to a server that is pretending …'),
      TRUST,
    ],
    [
      'a certificate, by Android',
      new Error('java.security.cert.CertPathValidatorException: Trust anchor for certification path not found.'),
      TRUST,
    ],
    ['an expired certificate, by iOS', new Error('The certificate for this server has expired.'), /expired/],
    ['a certificate, by Android, of another kind', new Error('Chain validation failed'), TRUST],
    ['a certificate of another host, by Android', new Error('Hostname x.test not verified:'), /another host/],
    ['no TLS there, by Electron', new Error('net::ERR_SSL_PROTOCOL_ERROR'), SCHEME],
    [
      'a program that may not, by Deno',
      failure('Requires net access to "x:443", run again with the --allow-net flag', { name: 'NotCapable' }),
      /--allow-net/,
    ],
    [
      'a program that may not, by Node',
      fetchFailed(failure('Access to this API has been restricted. Use --allow-net …', { code: 'ERR_ACCESS_DENIED' })),
      /--allow-net/,
    ],
    [
      'plain http, by Android',
      new Error('CLEARTEXT communication to x.test not permitted by network security policy'),
      /policy/,
    ],
    [
      'a page that may not, by Chromium',
      new TypeError("Failed to fetch. Refused to connect because it violates the document's Content Security Policy."),
      /policy/,
    ],
    ['a request that another refused, by Electron', new Error('net::ERR_BLOCKED_BY_CLIENT'), /policy/],
    [
      'a host that a proxy forbids',
      fetchFailed(failure('', {}, coded('UND_ERR_ABORTED', { message: 'Proxy response (403) !== 200 when HTTP …' }))),
      /may not.*proxy/,
    ],
    [
      'a host that a proxy forbids, by Bun',
      new Error('Proxy refused to open a tunnel: 403 Forbidden'),
      /may not.*proxy/,
    ],
    ['a Worker that may not', new Error('Too many subrequests by single Worker invocation.'), /may not/],
    ['a port that Deno does not take', new TypeError('Fetch failed: Requests to port 6000 are blocked'), /port/],
    [
      'what is no client of Deno',
      new TypeError("Failed to construct 'Request': Argument 2 `client` must be a Deno.HttpClient"),
      /fetchOptions/,
    ],
    ['a port that Electron does not take', new Error('net::ERR_UNSAFE_PORT'), /port/],
    ['an address that is none', Object.assign(new TypeError('Invalid URL'), { code: 'ERR_INVALID_URL' }), /address/],
    ['a scheme that nobody knows', fetchFailed(new Error('unknown scheme')), /scheme/],
    ['a scheme that Node does not take', coded('ERR_INVALID_PROTOCOL'), /scheme/],
    ['a header that undici does not take', fetchFailed(coded('UND_ERR_NOT_SUPPORTED')), /headers/],
    ['a header that Node does not take', coded('ERR_INVALID_CHAR'), /headers/],
    ['a header that fetch does not take', new TypeError('Headers.append: "…" is an invalid header value.'), /headers/],
    [
      'an option that fetch does not take',
      new TypeError('x is not an accepted type. Expected one of …'),
      /fetchOptions/,
    ],
    ['a fetch without its this', new TypeError('Illegal invocation: function called with …'), /see cause/],
    ['what is no dispatcher', fetchFailed(new TypeError('agent.dispatch is not a function')), /dispatcher/],
    ['a dispatcher of another undici', fetchFailed(coded('UND_ERR_INVALID_ARG')), /same undici/],
  ])('%s', async (_case, thrown, remedy) => {
    for (const error of [await get(thrown), await post(thrown)]) {
      expect(error).toMatchObject({ phase: 'connect', isRetryable: false, cause: thrown });
      expect(error.meta?.attempts).toHaveLength(1);
      expect(error.hint).toMatch(remedy);
    }
  });

  it.each<[string, unknown, RegExp]>([
    ['an answer that is no HTTP', fetchFailed(coded('HPE_INVALID_CONSTANT')), SCHEME],
    ['an answer with a broken header', fetchFailed(coded('HPE_INVALID_HEADER_TOKEN')), SCHEME],
    [
      'an answer that is no HTTP, by undici',
      fetchFailed(new Error('Response does not match the HTTP/1.1 protocol (Expected HTTP/, RTSP/ or ICE/)')),
      SCHEME,
    ],
    ['an answer that is no HTTP, by Bun', coded('Malformed_HTTP_Response'), SCHEME],
    [
      'a client certificate that is missing',
      fetchFailed(coded('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED')),
      /client certificate/,
    ],
    [
      'a client certificate that the server does not take',
      fetchFailed(coded('ERR_SSL_SSL/TLS_ALERT_UNSUPPORTED_CERTIFICATE')),
      /client certificate/,
    ],
    [
      'a client certificate that is missing, by Electron',
      new Error('net::ERR_SSL_CLIENT_AUTH_CERT_NEEDED'),
      /client cert/,
    ],
    ['a 407 of which undici says nothing', fetchFailed(new Error('')), /credentials/],
  ])('although the request was sent: %s', async (_case, thrown, remedy) => {
    const error = await get(thrown);
    expect(error).toMatchObject({ phase: 'headers', isRetryable: false });
    expect(error.meta?.attempts).toHaveLength(1);
    expect(error.hint).toMatch(remedy);
  });

  it('names the code that is in a message', async () => {
    expect((await get(new Error('net::ERR_CERT_DATE_INVALID'))).message).toMatch(/\(ERR_CERT_DATE_INVALID\)/);
  });

  it('a status 407', async () => {
    const { client, sent } = scriptedClient(() => json({}, 407));
    const error = await rejection(client.agents.get('a'));
    expect(error).toMatchObject({ status: 407, code: 'http_407', isRetryable: false });
    expect((error as Error & { hint: string }).hint).toMatch(/credentials/);
    expect(sent).toHaveLength(1);
  });

  it('but not where one address of several may still be healed', async () => {
    const error = await get(all(coded('CERT_HAS_EXPIRED'), coded('ETIMEDOUT', { syscall: 'connect' })));
    expect(error).toMatchObject({ phase: 'connect', isRetryable: true });
    expect(error.meta?.attempts).toHaveLength(3);
  });
});
