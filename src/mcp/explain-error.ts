/**
 * What a model is told when a call fails: what happened, what it or its user can do, and the request id. The client's own
 * hints are for those who write programs, so the words here are others. An error holds no key, whatever a server echoes.
 */

import { timeOf } from '../clock.ts';
import {
  TwigAbortError,
  TwigAPIError,
  TwigAuthenticationError,
  TwigConfigError,
  TwigConnectionError,
  TwigDataSourceError,
  TwigError,
  TwigNotFoundError,
  TwigPermissionError,
  TwigRateLimitError,
  TwigRateLimiterError,
  TwigServerError,
  TwigStreamError,
  TwigTimeoutError,
  TwigValidationError,
} from '../errors.ts';
import type { RateLimitScope } from '../operations.ts';
import { fence } from './fence.ts';
import type { ToolSettings } from './options.ts';
import { createRoom } from './room.ts';

/** What happened, and what to do about it. */
type Words = [message: string, hint: string];

const seconds = (ms: number): string => `${Math.max(1, Math.ceil(ms / 1000))} s`;

/** When to come again: what the server said with the refusal, else what the headers last said of the limit. */
function waitOf(error: TwigError, scope: RateLimitScope, { client, clock }: ToolSettings): string {
  const asked = error instanceof TwigAPIError ? error.retryAfterMs : undefined;
  const left = asked ?? (client.rateLimits[scope]?.resetAt?.getTime() ?? 0) - timeOf(clock);
  return left > 0 ? `in ${seconds(left)}` : 'in a minute';
}

/** The words for an error of ours, from the particular to the general. */
function wordsFor(error: TwigError, wait: () => string): Words {
  if (error instanceof TwigRateLimiterError) {
    return [
      'Too much is asked at once: this waited for its turn under the rate limit, and was not sent.',
      `Ask again ${wait()}, and less at the same time.`,
    ];
  }
  if (error instanceof TwigRateLimitError) return [error.message, `The rate limit is used up. Ask again ${wait()}.`];
  if (error instanceof TwigAuthenticationError) {
    return [error.message, 'Twig refuses the key of this server. Whoever set it up has to give it another key.'];
  }
  if (error instanceof TwigPermissionError) {
    return [error.message, 'The key of this server may not do this. Whoever set it up has to give it a key that may.'];
  }
  if (error instanceof TwigNotFoundError)
    return [error.message, 'Check the id: list_agents tells those of the agents.'];
  if (error instanceof TwigServerError) return [error.message, `This is a fault of Twig. Ask again ${wait()}.`];
  if (error instanceof TwigAPIError) return [error.message, 'Twig refuses these arguments: change them and try again.'];
  if (error instanceof TwigTimeoutError) {
    const late = `It took longer than ${seconds(error.limitMs)}, and was given up.`;
    return [late, 'Ask again, or ask for less: a narrower question has a shorter answer.'];
  }
  if (error instanceof TwigStreamError || (error instanceof TwigConnectionError && error.phase !== 'connect')) {
    return ['The connection to Twig broke before the whole answer had come.', 'Ask again.'];
  }
  if (error instanceof TwigConnectionError) {
    return [`Twig cannot be reached: ${error.message}`, 'Whoever set up this server has to check its network.'];
  }
  if (error instanceof TwigAbortError) return ['The call was cancelled.', 'Call again if the answer is still wanted.'];
  if (error instanceof TwigConfigError) return [error.message, 'Nothing was sent. This server has to be set up first.'];
  if (error instanceof TwigValidationError) return [error.message, 'Correct the arguments and call again.'];
  if (error instanceof TwigDataSourceError) {
    return [
      error.message,
      error.isRetryable ? 'It goes on by itself: calling again would begin anew.' : 'Tell the user.',
    ];
  }
  return [error.message, error.hint ?? ''];
}

/** The part of an answer that had come, cut and fenced like any other. */
function partOf(error: TwigError, { maxAnswerChars, clock }: ToolSettings): string[] {
  const text = error.partialResponse?.response;
  if (!text) return [];
  return [
    `What had come of the answer, which is not the whole:\n${fence(createRoom(maxAnswerChars).take(text), clock)}`,
  ];
}

/** What a model is told of an error. Of what is not the client's own it hears nothing: it could hold anything. */
export function explainError(error: unknown, scope: RateLimitScope, settings: ToolSettings): string {
  if (!(error instanceof TwigError)) return 'Something went wrong inside this tool. Tell the user.';
  const [message, hint] = wordsFor(error, () => waitOf(error, scope, settings));
  const reference = `(code: ${error.code}${error.requestId === undefined ? '' : `, request id: ${error.requestId}`})`;
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return [`${sentence} ${hint} ${reference}`, ...partOf(error, settings)].join('\n');
}
