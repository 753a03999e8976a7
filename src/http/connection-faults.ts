/**
 * Which failures of a connection came before anything was sent, and which no repetition heals, in the words of Node and
 * undici, Deno (hyper and rustls), Bun, phones and Electron. A page does not tell, workerd hardly.
 */

import { type ErrorFacts, holdsOf, look } from './foreign-error.ts';

/** How a fault is known: by its code or its words. */
interface Sign {
  codes: RegExp;
  words: RegExp[];
}

/** A fault that no repetition heals, and what to do about it. `isLate`: the request was sent by then. */
interface Lasting extends Sign {
  remedy: string;
  isLate?: true;
}

const shows = ({ codes, words }: Sign, { code, message }: ErrorFacts): boolean =>
  codes.test(code) || words.some((word) => word.test(message));

/** A name that does not resolve, or a host that cannot be reached. */
const UNREACHED: Sign = {
  codes:
    /^(E(CONNREFUSED|NOTFOUND|[MN]FILE|AI_\w+|(HOST|NET)(UNREACH|DOWN)|ADDRNOTAVAIL)|ERR_SOCKET_CONNECTION_TIMEOUT|ConnectionRefused|FailedToOpenSocket|DNSLookupFailed|UND_ERR_(CONNECT|SOCKS5)\w*|ERR_(CONNECTION_(REFUSED|TIMED_OUT|FAILED)|INTERNET_DISCONNECTED|(NAME|ADDRESS|PROXY|TUNNEL|SOCKS|DNS)_\w+))$/,
  words: [
    /\b(connect|getaddrinfo) E[A-Z_]{4,}/, // Node, also in the messages of others
    /failed, reason: $/, // node-fetch, of an AggregateError: every address failed
    /client error \(Connect\)|error trying to connect|dns error|tcp connect error/, // Deno
    /Unable to connect\. Is the computer able|Was there a typo in the url or port/, // Bun
    /connect\(\): |DNS lookup failed|cannot connect to the specified address/, // workerd
    /[Ff]ailed to connect to|Unable to resolve host|Could not connect to the server|hostname could not be found|to be offline/, // phones
  ],
};

/** TLS was not there yet, or an HTTP/2 stream was refused or never opened (RFC 9113, section 8.7). */
const UNOPENED: Sign = {
  codes:
    /^ERR_(TLS_HANDSHAKE_TIMEOUT|HTTP2_(GOAWAY_SESSION|INVALID_SESSION|OUT_OF_STREAMS|STREAM_CANCEL|SERVER_REFUSED_STREAM))$/,
  words: [
    /before secure TLS connection was established|SSL handshake aborted/,
    /NGHTTP2_REFUSED_STREAM|refused stream before processing/,
  ],
};
/** RFC 9113, section 7. */
const REFUSED_STREAM = 7;

/** A proxy refused to open a tunnel. */
const TUNNEL: Sign = {
  codes: /^UND_ERR_PRX_TLS$/,
  words: [/Proxy response \(\d+\) !== 200|refused to open a tunnel|unsuccessful tunnel|tunneling socket|\bSocks[45] /],
};

/** For a 407, whoever tells of it. */
export const PROXY_CREDENTIALS: string =
  'The proxy wants credentials (407): give them in its URL (HTTPS_PROXY=http://user:password@host:port), or as the token of the ProxyAgent in fetchOptions.dispatcher.';

const TRUST =
  'If a proxy that inspects TLS or a private CA is in use, make it trusted: NODE_EXTRA_CA_CERTS=/path/to/ca.pem, or node --use-system-ca.';
const SCHEME = 'check the scheme (https or http) and port of baseUrl';

/** The first one that shows counts. */
const LASTING: Lasting[] = [
  // By the permissions of Deno and Node, a firewall, a proxy, a policy, or the rules of Workers.
  {
    codes: /^ERR_(ACCESS_DENIED|NETWORK_ACCESS_DENIED|CLEARTEXT_NOT_PERMITTED|BLOCKED_BY_(CLIENT|ADMINISTRATOR|CSP))$/,
    words: [
      /--allow-net|Content Security Policy|CLEARTEXT communication|App Transport Security/,
      /Too many subrequests|within global scope|(Proxy response \(|tunnel: |statusCode=)403/,
    ],
    remedy:
      'This program may not connect there: see cause, and allow it (--allow-net, the firewall, the proxy, the policy).',
  },
  {
    codes: /ERR_PROXY_AUTH|SOCKS5_AUTH/,
    words: [/Proxy response \(407\)|tunnel: 407|statusCode=407|proxy auth(entication|orization) required|Socks5 auth/i],
    remedy: PROXY_CREDENTIALS,
  },
  // The certificate was not accepted: the names are OpenSSL's (X509_V_ERR_*).
  {
    codes: /ALTNAME|HOSTNAME_MISMATCH|COMMON_NAME_INVALID/,
    words: [/altnames|NotValidForName|not valid for name|hostname \S+ not verified/i],
    remedy: `The certificate is for another host: check the host of baseUrl. ${TRUST}`,
  },
  {
    codes: /CERT_(HAS_EXPIRED|NOT_YET_VALID|DATE)/,
    words: [
      /certificate:? (for this server )?(has )?expired|(certificate|server) is not (yet )?valid|certificate not valid (yet|before)/i,
    ],
    remedy: `The certificate has expired or is not valid yet: have it renewed, and check the clock of this machine. ${TRUST}`,
  },
  {
    codes:
      /^(?!.*(ALERT|CLIENT_AUTH)).*(CERT|UNABLE_TO_|CRL_|ERROR_IN_C|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED|UNSPECIFIED$)/,
    words: [
      /self.signed certificate|unable to (verify the first|get (local )?issuer) certificate|invalid peer certificate/i,
      /certificate for this server|trust anchor for|chain validation failed/i, // phones
    ],
    remedy: `The certificate is not trusted here. ${TRUST}`,
  },
  // With TLS 1.3 it is said after the request was sent.
  {
    codes: /ALERT_(.*CERTIFICATE|UNKNOWN_CA)|SSL_CLIENT_AUTH_CERT/,
    words: [/fatal alert: (Certificate|BadCertificate|UnknownCA)/],
    remedy: 'The server wants a client certificate: give one with the dispatcher in fetchOptions.',
    isLate: true,
  },
  {
    codes:
      /^(EPROTO$|ERR_TLS_(.*PROTOCOL|DH_PARAM)|ERR_SSL_.*(VERSION|PROTOCOL|UNSUPPORTED(?!_CERT)|HANDSHAKE_FAILURE|CIPHER|UNRECOGNIZED_NAME|PACKET_LENGTH|_REQUEST|RENEGOTIATION|TOO_(SMALL|WEAK)))/,
    words: [
      /wrong.version.number|received corrupt message of type|an SSL error has occurred/i,
      /fatal alert: (HandshakeFailure|ProtocolVersion|UnrecognisedName|NoApplicationProtocol)/,
    ],
    remedy: `The other side speaks no TLS that this side speaks: ${SCHEME}, and the proxy on the way.`,
  },
  // A message that ends early is another matter: the connection broke.
  {
    codes: /^(HPE_(?!INVALID_EOF_STATE|CLOSED_CONNECTION|INVALID_CHUNK)|(Malformed|ERR_INVALID)_HTTP_RESPONSE$)/i,
    words: [/Expected HTTP\/|invalid HTTP version/],
    remedy: `What answers there does not speak HTTP/1.1: ${SCHEME}.`,
    isLate: true,
  },
  {
    codes: /^UND_ERR_INVALID_ARG$/,
    words: [/dispatch is not a function/],
    remedy: 'A dispatcher needs the fetch of the same undici: pass both, as fetch and in fetchOptions.',
  },
  {
    codes:
      /^(ERR_INVALID_(URL|PROTOCOL|CHAR|HTTP_TOKEN|ARG_\w+)|ERR_UNSUPPORTED_\w+|ERR_UNSAFE_PORT|ERR_\w+_URL_SCHEME|UND_ERR_NOT_SUPPORTED)$/,
    words: [
      /unknown scheme|bad port|port \d+ are blocked|scheme must be a|scheme '?\S*'? not supported|failed to parse url|url is invalid/i,
      /only (absolute urls|https?(\(s\))? protocols) are supported/i,
      /Failed to (execute 'fetch'|construct 'Request')|Illegal invocation|not an accepted type|ByteString|invalid header/,
    ],
    remedy: `fetch does not take this address or its options: see cause; ${SCHEME}, headers, fetchOptions.`,
  },
];

/** Whether an error surely came before anything of the request was sent. */
export const cameBeforeSending = (error: unknown): boolean =>
  holdsOf(error, (facts) => {
    if (/^(connect|socket|bind|getaddrinfo|query\w+)$/.test(facts.syscall)) return true;
    if (facts.http2ErrorCode === REFUSED_STREAM) return true;
    if (shows(UNOPENED, facts) || shows(TUNNEL, facts)) return true;
    if (LASTING.some((fault) => !fault.isLate && shows(fault, facts))) return true;
    // A host can become unreachable under a connection, too: then it is a read or a write that fails.
    return !facts.syscall && shows(UNREACHED, facts);
  });

/** All that undici says of an answer 407 (Fetch, "HTTP-network-or-cache fetch", step 15): a network error without a word. */
function isWordless(error: unknown): boolean {
  const { message, cause } = look(error);
  const inner = look(cause);
  return message === 'fetch failed' && inner.message === '' && !inner.code && !inner.errors && !inner.cause;
}

/** What to do about a fault that no repetition heals; `undefined` for every other one. */
export const lastingRemedy = (error: unknown): string | undefined =>
  isWordless(error)
    ? PROXY_CREDENTIALS
    : LASTING.find((fault) => holdsOf(error, (facts) => shows(fault, facts)))?.remedy;
