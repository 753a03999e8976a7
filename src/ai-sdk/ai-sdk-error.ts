/**
 * Errors as the AI SDK knows them: by global symbols (`isInstance` of `AISDKError`, `@ai-sdk/provider`), so that none of
 * its packages is needed to make one.
 */

/** The errors that are made here. */
export type AISDKErrorName =
  | 'AI_APICallError'
  | 'AI_InvalidArgumentError'
  | 'AI_InvalidPromptError'
  | 'AI_LoadAPIKeyError'
  | 'AI_NoSuchModelError'
  | 'AI_UnsupportedFunctionalityError';

/** Makes an error of the AI SDK. `members` become its own; `cause` is the error that is behind it. */
export function aiSdkError(name: AISDKErrorName, message: string, members: object, cause?: unknown): Error {
  const error = Object.assign(new Error(message, cause === undefined ? undefined : { cause }), members);
  return Object.defineProperties(error, {
    name: { value: name, configurable: true, writable: true },
    [Symbol.for('vercel.ai.error')]: { value: true },
    [Symbol.for(`vercel.ai.error.${name}`)]: { value: true },
  });
}
