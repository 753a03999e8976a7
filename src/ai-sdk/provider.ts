/** The provider: agents as models. */

import { TwigClient } from '../client.ts';
import { TwigConfigError } from '../errors.ts';
import { CLIENT_OPTIONS } from '../options/option-names.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import { aiSdkError } from './ai-sdk-error.ts';
import { createModel } from './model.ts';
import type { TwigModelSettings, TwigProvider, TwigProviderSettings } from './types.ts';

const SETTINGS: KnownNames = { ...CLIENT_OPTIONS, client: true, sessionFromMessages: true };

const MODEL_SETTINGS: KnownNames = { sessionId: true } satisfies Record<keyof TwigModelSettings, true>;

/**
 * Makes a provider of agents for the AI SDK (`ai` 6 and 7). Its client is made with the first call, so a module may hold
 * one where there is no key yet. Throws `TwigConfigError` when `client` is given together with client options, and for a
 * setting of an unknown name.
 *
 * @example
 * ```ts
 * import { createTwig } from '@twig/sdk/ai-sdk';
 *
 * const twig = createTwig({ timeoutMs: 30_000 });
 * const model = twig('agent_abc123'); // for streamText, generateText, ToolLoopAgent …
 * ```
 */
export function createTwig(settings: TwigProviderSettings = {}): TwigProvider {
  refuseUnknown('createTwig: the setting', settings, SETTINGS);
  const { client, sessionFromMessages = true, ...options } = settings;
  const also = Object.entries(options).find(([, value]) => value !== undefined)?.[0];
  if (client && also) {
    throw new TwigConfigError(`createTwig takes a client or client options, not both: leave out client or ${also}.`);
  }
  let made = client;
  const getClient = (): TwigClient => {
    made ??= new TwigClient(options);
    return made;
  };
  const languageModel = (agentId: string, model: TwigModelSettings = {}): ReturnType<typeof createModel> => {
    refuseUnknown('twig(): the setting', model, MODEL_SETTINGS);
    return createModel(getClient, { agentId, settings: model, fromMessages: sessionFromMessages });
  };
  const none =
    (modelType: 'embeddingModel' | 'imageModel') =>
    (modelId: string): never => {
      throw aiSdkError('AI_NoSuchModelError', `No such ${modelType}: ${modelId}. Twig has agents alone.`, {
        modelId,
        modelType,
      });
    };
  return Object.assign((agentId: string, model?: TwigModelSettings) => languageModel(agentId, model), {
    specificationVersion: 'v3' as const,
    languageModel,
    embeddingModel: none('embeddingModel'),
    imageModel: none('imageModel'),
  });
}

/**
 * The provider with its key in `TWIG_API_KEY`.
 *
 * @example
 * ```ts
 * import { twig } from '@twig/sdk/ai-sdk';
 *
 * const model = twig('agent_abc123');
 * ```
 */
export const twig: TwigProvider = /* @__PURE__ */ createTwig();
