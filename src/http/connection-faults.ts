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

const shows = ({ codes, words }: Sign, { code, message }: ErrorFacts): boolean =>
  codes.test(code) || words.some((word) => word.test(message));

/** A name that does not resolve, or a host that cannot be reached. */
const UNREACHED: Sign = {
  codes:
    /^(E(CONNREFUSED|NOTFOUND|AI_\w+|(HOST|NET)(UNREACH|DOWN)|ADDRNOTAVAIL)|ERR_SOCKET_CONNECTION_TIMEOUT|ConnectionRefused|FailedToOpenSocket|DNSLookupFailed|UND_ERR_(CONNECT|SOCKS5)\w*|ERR_(CONNECTION_(REFUSED|TIMED_OUT)|INTERNET_DISCONNECTED|(NAME|ADDRESS|PROXY|TUNNEL)_\w+))$/,
  words: [
    /\b(connect|getaddrinfo) E[A-Z_]{4,}/, // Node, also in the messages of others
    /failed, reason: $/, // node-fetch, of an AggregateError: every address failed
    /client error \(Connect\)|error trying to connect|dns error|tcp connect error/, // Deno
    /Unable to connect\. Is the computer able|Was there a typo in the url or port/, // Bun
    /connect\(\): |DNS lookup failed|cannot connect to the specified address/, // workerd
    /Failed to connect to|Unable to resolve host|Could not connect to the server|hostname could not be found|to be offline/, // phones
  ],
};

/** TLS was not there yet, or an HTTP/2 stream was refused or never opened (RFC 9113, section 8.7). */
const UNOPENED: Sign = {
  codes: /^ERR_(TLS_HANDSHAKE_TIMEOUT|HTTP2_(GOAWAY_SESSION|INVALID_SESSION|OUT_OF_STREAMS|SERVER_REFUSED_STREAM))$/,
  words: [/before secure TLS connection was established/, /NGHTTP2_REFUSED_STREAM|refused stream before processing/],
};
/** RFC 9113, section 7. */
const REFUSED_STREAM = 7;

/** The program itself may not: by the permissions of Deno and Node, a firewall, or the policy of a phone. */
const FORBIDDEN: Sign = {
  codes: /^ERR_(ACCESS_DENIED|NETWORK_ACCESS_DENIED|CLEARTEXT_NOT_PERMITTED)$/,
  words: [/--allow-net/, /CLEARTEXT communication|App Transport Security/],
};

/** The certificate was not accepted: the names are OpenSSL's (X509_V_ERR_*). */
const CERTIFICATE: Sign = {
  codes:
    /^(?!.*(ALERT|CLIENT_AUTH)).*(CERT|UNABLE_TO_|CRL_|ERROR_IN_C|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE)$|PATH_LENGTH_EXCEEDED)/,
  words: [
    /self.signed certificate|certificate (has expired|is not yet valid)|does not match certificate's altnames/i,
    /unable to (verify the first|get (local )?issuer) certificate|invalid peer certificate/i,
    /certificate for this server is invalid|trust anchor for certification path/i, // phones
  ],
};
const HOST_NAME: Sign = {
  codes: /ALTNAME|HOSTNAME_MISMATCH|COMMON_NAME_INVALID/,
  words: [/altnames|NotValidForName|not valid for name|hostname \S+ not verified/i],
};
const VALIDITY: Sign = {
  codes: /CERT_(HAS_EXPIRED|NOT_YET_VALID|DATE)/,
  words: [
    /certificate (has )?expired|certificate: Expired|certificate is not (yet )?valid|certificate not valid (yet|before)/,
  ],
};

/** The other side wants a certificate of ours. With TLS 1.3 it says so after the request was sent. */
const CLIENT_CERTIFICATE: Sign = {
  codes: /ALERT_(.*CERTIFICATE|UNKNOWN_CA)|SSL_CLIENT_AUTH_CERT/,
  words: [/fatal alert: (Certificate|BadCertificate|UnknownCA)/],
};

/** The handshake cannot succeed: the other side speaks no TLS, or none that this side speaks. */
const HANDSHAKE: Sign = {
  codes:
    /^(EPROTO$|ERR_TLS_(.*PROTOCOL|DH_PARAM)|ERR_SSL_.*(VERSION|PROTOCOL|UNSUPPORTED|HANDSHAKE_FAILURE|CIPHER|UNRECOGNIZED_NAME|PACKET_LENGTH|HTTP_REQUEST|TOO_(SMALL|WEAK)))/,
  words: [
    /wrong version number|received corrupt message of type|An SSL error has occurred/,
    /fatal alert: (HandshakeFailure|ProtocolVersion|UnrecognisedName|NoApplicationProtocol)/,
  ],
};

/** What answered does not speak HTTP/1.1. A message that ends early is another matter: the connection broke. */
const NOT_HTTP: Sign = {
  codes: /^(HPE_(?!INVALID_EOF_STATE|CLOSED_CONNECTION|INVALID_CHUNK)|(Malformed|ERR_INVALID)_HTTP_RESPONSE$)/i,
  words: [/Expected HTTP\/|invalid HTTP version/],
};

/** A proxy refused to open a tunnel. */
const TUNNEL: Sign = {
  codes: /^UND_ERR_PRX_TLS$/,
  words: [/Proxy response \(\d+\) !== 200|refused to open a tunnel|unsuccessful tunnel/],
};
const PROXY_LOGIN: Sign = {
  codes: /ERR_PROXY_AUTH|SOCKS5_AUTH/,
  words: [/Proxy response \(407\)|tunnel: 407|proxy auth(entication|orization) required/i],
};

/** `fetch` itself does not take the request. */
const NOT_A_REQUEST: Sign = {
  codes:
    /^(ERR_INVALID_(URL|PROTOCOL|ARG_\w+)|ERR_UNSUPPORTED_\w+|ERR_UNSAFE_PORT|ERR_\w+_URL_SCHEME|UND_ERR_INVALID_ARG)$/,
  words: [
    /unknown scheme|bad port|scheme must be a|scheme '?\S*'? not supported|failed to parse url|url is invalid/i,
    /only (absolute urls|https?(\(s\))? protocols) are supported/i,
  ],
};
const OTHER_UNDICI: Sign = { codes: /^UND_ERR_INVALID_ARG$/, words: [] };

/** For a 407, whoever tells of it. */
export const PROXY_CREDENTIALS: string =
  'The proxy wants credentials (407): give them in its URL (HTTPS_PROXY=http://user:password@host:port), or as the token of the ProxyAgent in fetchOptions.dispatcher.';

const TRUST =
  'If a proxy that inspects TLS or a private CA is in use, make it trusted: NODE_EXTRA_CA_CERTS=/path/to/ca.pem, or node --use-system-ca.';
const SCHEME = 'check the scheme (https or http) and port of baseUrl';

/** What lasts, and what to do about it; the first one that shows counts. `isLate`: the request was sent by then. */
const LASTING: { sign: Sign; remedy: string; isLate?: true }[] = [
  { sign: FORBIDDEN, remedy: 'This program may not connect there: allow it (--allow-net, the firewall, the policy).' },
  { sign: PROXY_LOGIN, remedy: PROXY_CREDENTIALS },
  { sign: HOST_NAME, remedy: `The certificate is for another host: check the host of baseUrl. ${TRUST}` },
  {
    sign: VALIDITY,
    remedy: `The certificate has expired or is not valid yet: have it renewed, and check the clock of this machine. ${TRUST}`,
  },
  { sign: CERTIFICATE, remedy: `The certificate is not trusted here. ${TRUST}` },
  {
    sign: CLIENT_CERTIFICATE,
    remedy: 'The server wants a client certificate: give one with the dispatcher in fetchOptions.',
    isLate: true,
  },
  {
    sign: HANDSHAKE,
    remedy: `The other side speaks no TLS that this side speaks: ${SCHEME}, and the proxy on the way.`,
  },
  { sign: NOT_HTTP, remedy: `What answers there does not speak HTTP/1.1: ${SCHEME}.`, isLate: true },
  {
    sign: OTHER_UNDICI,
    remedy: 'A dispatcher needs the fetch of the same undici: pass both, as fetch and in fetchOptions.',
  },
  { sign: NOT_A_REQUEST, remedy: `fetch does not take this address: ${SCHEME}.` },
];

/** Whether an error surely came before anything of the request was sent. */
export const cameBeforeSending = (error: unknown): boolean =>
  holdsOf(error, (facts) => {
    if (/^(connect|socket|bind|getaddrinfo|query\w+)$/.test(facts.syscall)) return true;
    if (facts.http2ErrorCode === REFUSED_STREAM) return true;
    if (shows(UNOPENED, facts) || shows(TUNNEL, facts)) return true;
    if (LASTING.some(({ sign, isLate }) => !isLate && shows(sign, facts))) return true;
    // A host can become unreachable under a connection, too: then it is a read or a write that fails.
    return !facts.syscall && shows(UNREACHED, facts);
  });

/** All that undici says of an answer 407 (Fetch, "HTTP-network-or-cache fetch", step 15): a network error without a word. */
function isWordless(error: unknown): boolean {
  const { message, cause } = look(error);
  const inner = look(cause);
  return message === 'fetch failed' && inner.message === '' && inner.code === undefined && inner.errors === undefined;
}

/** What to do about a fault that no repetition heals; `undefined` for every other one. */
export const lastingRemedy = (error: unknown): string | undefined =>
  isWordless(error)
    ? PROXY_CREDENTIALS
    : LASTING.find(({ sign }) => holdsOf(error, (facts) => shows(sign, facts)))?.remedy;
