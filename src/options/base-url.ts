/** The base URL: which one a client may be given. */

import { TwigConfigError } from '../errors.ts';
import { lacks, need, probe } from '../runtime.ts';
import { pageUrl } from './environment.ts';

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Checks a base URL and takes off its trailing slashes. Its text is never printed: it may hold a password. */
export function resolveBaseUrl(base: string, allowInsecureHttp: boolean): string {
  const Platform = need('URL', 'baseUrl');
  // By itself first: what imitates a page may have an address that is none.
  const url = probe(() => new Platform(base)) ?? probe(() => new Platform(base, pageUrl()));
  if (!url) throw new TwigConfigError('baseUrl is not an absolute URL. (A relative one works in a page only.)');
  // That of older React Natives throws when it is asked for a part.
  if (!probe(() => url.origin)) throw lacks('URL', 'baseUrl');
  const complaint =
    url.username || url.password
      ? 'must not hold a user or password'
      : url.search || url.hash
        ? 'must not have a query or fragment'
        : url.protocol !== 'https:' && url.protocol !== 'http:'
          ? 'must begin with https://'
          : url.protocol === 'http:' && !LOOPBACK.test(url.hostname) && !allowInsecureHttp
            ? 'is plain http, which shows the key to the network: use https:, or set allowInsecureHttp'
            : undefined;
  if (complaint) throw new TwigConfigError(`baseUrl ${complaint}.`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
