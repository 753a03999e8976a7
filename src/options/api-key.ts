/** The key: what it may be made of, and how a function is asked for one. */

import { TwigConfigError, TwigError } from '../errors.ts';
import type { ApiKeyProvider } from './options.ts';

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

/** Asks for the key of an attempt. */
export async function askKey(provider: ApiKeyProvider): Promise<string> {
  try {
    return checkKey(await provider());
  } catch (cause) {
    throw cause instanceof TwigError ? cause : new TwigConfigError('The apiKey function failed.', { cause });
  }
}
