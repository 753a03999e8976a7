/** `@twig/sdk/ai-sdk`: a Twig agent as a model of the AI SDK. */

export { createTwig, twig } from './provider.ts';
export { twigErrorOf } from './twig-error-of.ts';
export type {
  Json,
  JsonObject,
  ProviderMetadata,
  TwigFinishReason,
  TwigGenerateResult,
  TwigLanguageModel,
  TwigModelCallOptions,
  TwigModelContent,
  TwigModelSettings,
  TwigModelSource,
  TwigModelUsage,
  TwigModelWarning,
  TwigPromptMessage,
  TwigProvider,
  TwigProviderMetadata,
  TwigProviderOptions,
  TwigProviderSettings,
  TwigSourceMetadata,
  TwigStreamPart,
  TwigStreamResult,
} from './types.ts';
