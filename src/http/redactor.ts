/** Taking the secrets of a request out of what comes back. */

/** Takes the secrets out of a text. */
export type Redact = (text: string) => string;

const REDACTED = '[redacted]';

/** Shorter ones are no secrets, and would tear words apart. */
const SHORTEST_SECRET = 8;

/**
 * A secret as it may be spelled in JSON, where PHP escapes `/` and .NET `+` (RFC 8259, section 7), and in a URL (RFC 3986,
 * section 2.1). HTTP carries no character beyond Latin-1.
 */
function spellings(secret: string): RegExp {
  const chars = Array.from(secret, (char) => {
    const hex = char.charCodeAt(0).toString(16).padStart(2, '0');
    return `(?:\\\\?${char.replace(/\W/, '\\$&')}|\\\\u00${hex}|%${hex})`;
  });
  return new RegExp(chars.join(''), 'gi');
}

/** Takes the secrets out of headers, in place. */
export function redactHeaders(headers: Headers, redact: Redact): Headers {
  headers.forEach((value, name) => {
    if (redact(value) !== value) headers.set(name, redact(value));
  });
  return headers;
}

/**
 * The headers whose value is a credential, but for its scheme: the client's own, a proxy's, a gateway's. No cookie, which
 * an answer sets again, and no `idempotency-key` (`[^y]`).
 */
const CREDENTIAL = /authorization|\bauth\b|token|secret|[^y]-key$/;

/** Removes the key from what a server sent back, or a `fetch` threw; and the credentials of the headers that were sent. */
export function createRedactor(key: string | null, headers: Record<string, string>): Redact {
  const given = Object.entries(headers).map(([name, value]) =>
    CREDENTIAL.test(name) ? value.replace(/^[\w-]+\s+(?=\S)/, '').trim() : '',
  );
  const secrets = new Set([key ?? '', ...given].filter((secret) => secret.length >= SHORTEST_SECRET));
  let patterns: RegExp[] | undefined;
  return (text) => {
    let clean = text;
    if (/[\\%]/.test(text)) {
      patterns ??= Array.from(secrets, spellings);
      for (const pattern of patterns) clean = clean.replace(pattern, REDACTED);
    } else {
      for (const secret of secrets) clean = clean.replaceAll(secret, REDACTED);
    }
    return clean;
  };
}
