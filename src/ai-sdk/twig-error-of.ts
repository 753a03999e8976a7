/** The client's own error behind one of the AI SDK's. */

import { TwigError } from '../errors.ts';

/** Deeper than errors are wrapped. */
const DEEPEST = 10;

/**
 * The `TwigError` behind an error of the AI SDK: through `RetryError.lastError` and `cause`. `undefined` when there is
 * none.
 *
 * @example
 * ```ts
 * import { TwigRateLimitError } from '@twig/sdk';
 * import { twigErrorOf } from '@twig/sdk/ai-sdk';
 *
 * const onError = (error: unknown): string =>
 *   twigErrorOf(error) instanceof TwigRateLimitError ? 'Too many questions. Please wait.' : 'The answer broke off.';
 * ```
 */
export function twigErrorOf(error: unknown): TwigError | undefined {
  let current = error;
  for (let depth = 0; depth < DEEPEST && typeof current === 'object' && current !== null; depth++) {
    if (current instanceof TwigError) return current;
    const { lastError, cause } = current as { lastError?: unknown; cause?: unknown };
    current = lastError ?? cause;
  }
  return undefined;
}
