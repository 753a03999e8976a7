/** An error of the client, as an error of the AI SDK. */

import {
  TwigAbortError,
  TwigAPIError,
  TwigConfigError,
  TwigConnectionError,
  TwigError,
  TwigValidationError,
} from '../errors.ts';
import { aiSdkError } from './ai-sdk-error.ts';
import { headersToObject } from './response-headers.ts';

/** The AI SDK does not keep to a wait of this length or more: it would come back after two seconds (`retryWithExponentialBackoff`). */
const LONGEST_HEEDED_WAIT_MS = 60_000;

/** The call that failed, for the error's members. */
export interface FailedCall {
  url: string;
  /** The parameters that were sent. */
  body: unknown;
  /** The prompt as the AI SDK gave it. */
  prompt: unknown;
}

/**
 * Whether the AI SDK may send the question again. A POST that may have arrived is not; nor is one whose wait the AI SDK
 * would cut short.
 */
function isRetryable(error: TwigError): boolean {
  if (error instanceof TwigAPIError) return error.isRetryable && !((error.retryAfterMs ?? 0) >= LONGEST_HEEDED_WAIT_MS);
  return error instanceof TwigConnectionError && error.isRetryable && error.phase === 'connect';
}

/** The headers of the answer, with the server's wait where the AI SDK looks for it, wherever the server named it. */
function responseHeaders(error: TwigError): Record<string, string> | undefined {
  const headers = error.meta?.headers;
  const wait = error instanceof TwigAPIError ? error.retryAfterMs : undefined;
  if (!headers && wait === undefined) return undefined;
  return {
    ...headersToObject(headers),
    ...(wait !== undefined && { 'retry-after-ms': String(Math.ceil(wait)) }),
  };
}

/** The status that is to blame: a connection that broke has none, however well its answer had begun. */
function statusOf(error: TwigError): number | undefined {
  if (error instanceof TwigConnectionError) return undefined;
  return error instanceof TwigAPIError ? error.status : error.meta?.status;
}

function apiCallError(error: TwigError, { url, body }: FailedCall): Error {
  const { code, hint, message, requestId } = error;
  const details = error instanceof TwigAPIError ? error.details : undefined;
  const status = statusOf(error);
  const headers = responseHeaders(error);
  return aiSdkError(
    'AI_APICallError',
    message,
    {
      url,
      requestBodyValues: body,
      isRetryable: isRetryable(error),
      data: { code, hint, requestId, details },
      ...(status !== undefined && { statusCode: status }),
      ...(headers && { responseHeaders: headers }),
    },
    error,
  );
}

/** The abort as the AI SDK knows it: by the error's name. */
function abortError(reason: unknown): Error {
  if (reason instanceof Error && (reason.name === 'AbortError' || reason.name === 'TimeoutError')) return reason;
  const error = new Error('The call was aborted by the caller.', { cause: reason });
  error.name = 'AbortError';
  return error;
}

/** What the AI SDK should see of a failure. What is none of ours stays as it is. */
export function toAISDKError(error: unknown, call: FailedCall): unknown {
  if (error instanceof TwigAbortError) return abortError(error.cause);
  if (error instanceof TwigValidationError) {
    const path = error.issues[0]?.path ?? '';
    return path === 'query'
      ? aiSdkError('AI_InvalidPromptError', `Invalid prompt: ${error.message}`, { prompt: call.prompt }, error)
      : aiSdkError('AI_InvalidArgumentError', error.message, { argument: path }, error);
  }
  if (error instanceof TwigConfigError && error.code === 'missing_api_key') {
    return aiSdkError('AI_LoadAPIKeyError', error.message, {}, error);
  }
  return error instanceof TwigConfigError || !(error instanceof TwigError) ? error : apiCallError(error, call);
}
