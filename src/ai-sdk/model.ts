/** A Twig agent as a language model of the AI SDK: what the other files make, put together. */

import type { TwigClient } from '../client.ts';
import { operation } from '../operations.ts';
import type { CallOptions } from '../options/options.ts';
import { headersToObject } from './response-headers.ts';
import { streamParts } from './stream-parts.ts';
import { type FailedCall, toAISDKError } from './to-ai-sdk-error.ts';
import { toProviderMetadata, toResponseMetadata, toTextMetadata, toUsage } from './to-metadata.ts';
import { createPartMapper } from './to-parts.ts';
import { type AskedAgent, type Question, toQuestion } from './to-query.ts';
import { createSourceMapper } from './to-source.ts';
import type { TwigGenerateResult, TwigLanguageModel, TwigModelCallOptions, TwigStreamResult } from './types.ts';

/** Makes the model. `getClient` gives the client when it is first needed. */
export function createModel(getClient: () => TwigClient, agent: AskedAgent): TwigLanguageModel {
  const { agentId, fromMessages } = agent;

  /** Asks; what fails is told in the AI SDK's errors. */
  const ask = async <T>(
    options: TwigModelCallOptions,
    send: (client: TwigClient, question: Question, callOptions: CallOptions, call: FailedCall) => Promise<T>,
  ): Promise<T> => {
    const question = toQuestion(options, agent);
    const { headers, params } = question;
    const client = getClient();
    const url = client.baseUrl + operation('query').path;
    const call: FailedCall = { url, body: params, prompt: options.prompt };
    try {
      // The AI SDK retries: both together would send nine requests.
      return await send(client, question, { signal: options.abortSignal, headers, maxRetries: 0 }, call);
    } catch (error) {
      throw toAISDKError(error, call);
    }
  };

  return {
    specificationVersion: 'v3',
    provider: 'twig',
    modelId: agentId,
    supportedUrls: { '*/*': [/^.*$/] },

    doGenerate: (options) =>
      ask(options, async (client, { params, warnings }, callOptions): Promise<TwigGenerateResult> => {
        const { data, meta } = await client.query({ ...params, stream: false }, callOptions).withResponse();
        const { metadata, response, sources } = data;
        const sessionId = data.sessionId || params.sessionId;
        const carried = fromMessages && toTextMetadata(agentId, sessionId, metadata.interactionId);
        return {
          content: [
            ...(response ? [{ type: 'text' as const, text: response, ...carried }] : []),
            ...createSourceMapper()(sources),
          ],
          finishReason: { unified: 'stop', raw: undefined },
          usage: toUsage(metadata),
          providerMetadata: toProviderMetadata(data, agentId),
          request: { body: params },
          response: { ...toResponseMetadata(metadata), headers: headersToObject(meta.headers), body: data },
          warnings,
        };
      }),

    doStream: (options) =>
      ask(options, async (client, { params, warnings }, callOptions, call): Promise<TwigStreamResult> => {
        const answer = await client.query({ ...params, stream: true }, callOptions);
        const mapper = createPartMapper({
          agentId,
          sessionId: params.sessionId,
          carriesSession: fromMessages,
          includeRawChunks: options.includeRawChunks === true,
        });
        return {
          stream: streamParts(answer, warnings, mapper, call),
          request: { body: params },
          response: { headers: headersToObject(answer.meta.headers) },
        };
      }),
  };
}
