/** The secrets that an option holds: one, or several while they are rotated. */

import { TwigConfigError } from '../errors.ts';

/** All of them. Throws `TwigConfigError` with `missing` when there is none, or when one is no text: everybody could guess it. */
export function asSecrets(given: unknown, missing: string): string[] {
  const secrets: unknown[] = Array.isArray(given) ? given : [given];
  if (!secrets.length || secrets.some((one) => typeof one !== 'string' || !one.trim()))
    throw new TwigConfigError(missing);
  // The cast: each was looked at.
  return secrets as string[];
}
