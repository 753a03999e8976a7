// What went wrong, in words for the person who asked.

import { TwigConnectionError, TwigRateLimitError } from '@twig/sdk';

const inWords = (ms: number): string => {
  const seconds = Math.ceil(ms / 1000);
  if (seconds > 90) return `in ${Math.ceil(seconds / 60)} minutes`;
  return seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
};

/** `hasBegun`: whether a part of the answer is on the page. */
export function explain(error: unknown, hasBegun: boolean): string {
  if (error instanceof TwigRateLimitError) {
    const { retryAfterMs } = error;
    return `Many people are asking right now. Please try again ${retryAfterMs ? inWords(retryAfterMs) : 'in a moment'}.`;
  }
  if (hasBegun) return 'The answer broke off before its end.';
  if (error instanceof TwigConnectionError) return 'We could not be reached. Are you online?';
  return 'Something went wrong on our side.';
}
