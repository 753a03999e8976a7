// Wherever the AI SDK takes a model or a provider, it takes those of Twig. Checked with the types of both majors.

import type { LanguageModelV3, ProviderV3 } from '@ai-sdk/provider';
import {
  createTwig,
  type TwigLanguageModel,
  type TwigProvider,
  type TwigProviderOptions,
  twig,
} from '@twig/sdk/ai-sdk';
import {
  createProviderRegistry,
  customProvider,
  generateText,
  type LanguageModel,
  Output,
  streamText,
  ToolLoopAgent,
  wrapLanguageModel,
} from 'ai';
import { z } from 'zod';

const own: TwigProvider = createTwig({ apiKey: 'k', sessionFromMessages: false, timeoutMs: 5 });
const model: TwigLanguageModel = twig('agent_abc123', { sessionId: undefined });

export const asModel: LanguageModel = model;
export const asModelV3: LanguageModelV3 = model;
export const asProviderV3: ProviderV3 = own;
export const wrapped = wrapLanguageModel({ model, middleware: [] });
export const custom = customProvider({ languageModels: { support: model }, fallbackProvider: own });
export const registry = createProviderRegistry({ twig: own });
export const fromRegistry: LanguageModel = registry.languageModel('twig:agent_abc123');
export const agent = new ToolLoopAgent({ model });
export const whole = generateText({
  model,
  prompt: 'Why?',
  providerOptions: { twig: { sessionId: null, ragStrategy: 'hybrid' } },
  output: Output.object({ schema: z.object({ days: z.number() }) }),
});
export const streamed = streamText({ model: registry.languageModel('twig:agent_abc123'), prompt: 'Why?' });
export const options: TwigProviderOptions = { sessionId: 'sess_1', ragStrategy: 'hybrid' };

// @ts-expect-error: retries are set where the AI SDK is called.
createTwig({ maxRetries: 3 });
// @ts-expect-error: there is no such setting of a model.
twig('agent_abc123', { session: 'sess_1' });
