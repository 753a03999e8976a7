/** The key: what it may be made of, and how a function is asked for one. */

import { TwigConfigError, TwigError } from '../errors.ts';
import { env } from '../node.ts';
import type { ApiKeyProvider } from './options.ts';

/** How a page does without a key. */
export const PROXY_REMEDY: string =
  "Put createTwigProxy of '@twig/sdk/proxy' on your server, and use { apiKey: null, baseUrl: '/api/twig' } here.";

/** The `code` of the error of a call that has no key. */
const NO_KEY = 'missing_api_key';

/** Refuses a key that HTTP could not carry, or that was pasted with something around it. Its value is never named. */
export function checkKey(key: unknown): string {
  if (typeof key !== 'string' || !/^[\x21-\x7e]+$/.test(key)) {
    throw new TwigConfigError(
      'apiKey (or TWIG_API_KEY) is blank, or holds white space, control or non-ASCII characters.',
      {
        hint: 'Copy it again from Settings → API Keys, without a line break at its end.',
      },
    );
  }
  return key;
}

/**
 * Stands in for a key that was not there when the client was made: a build imports modules where there are no secrets,
 * and a program may load them after its modules. A page has no environment, whatever its bundler imitates.
 */
export const laterKey =
  (isPage: boolean): ApiKeyProvider =>
  () => {
    const key = isPage ? undefined : env('TWIG_API_KEY');
    if (key) return key;
    throw new TwigConfigError(
      isPage
        ? `No key: a page has none of its own. ${PROXY_REMEDY} The option apiKey, or TWIG_API_KEY, is for the server.`
        : 'No key: pass the option apiKey, or set the environment variable TWIG_API_KEY.',
      { code: NO_KEY },
    );
  };

/** Asks for the key of an attempt. */
export async function askKey(provider: ApiKeyProvider): Promise<string> {
  let key: unknown;
  try {
    key = await provider();
  } catch (cause) {
    throw cause instanceof TwigError
      ? cause
      : new TwigConfigError('The apiKey function failed: see cause, and let it give the key or a promise of it.', {
          cause,
        });
  }
  if (key === undefined || key === null || key === '') {
    throw new TwigConfigError(
      'The apiKey function gave no key. Without the option apiKey, the environment variable TWIG_API_KEY is read.',
      { code: NO_KEY },
    );
  }
  return checkKey(key);
}
