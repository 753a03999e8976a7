/** What is known of an answer besides its text, as the AI SDK hands it on. */

import type { PartialQueryResponse } from '../query-response.ts';
import type { JsonObject, ProviderMetadata, TwigModelUsage } from './types.ts';
import { withoutNulls } from './without-nulls.ts';

/** `providerMetadata` of a result. `streamedText` is what was given piece by piece, where it was. */
export function toProviderMetadata(
  answer: PartialQueryResponse,
  agentId: string,
  streamedText: string = answer.response,
): ProviderMetadata {
  // Metadata of an answer is JSON; whatever a server adds to it is handed on.
  const { response: _, ...known } = withoutNulls(answer.metadata) as JsonObject;
  const twig = {
    ...known,
    ...(answer.sessionId && { sessionId: answer.sessionId }),
    ...(answer.response !== streamedText && { response: answer.response }),
    agentId,
  };
  return { twig };
}

/** `providerMetadata` of the text part: by it a conversation goes on, and an answer is rated. */
export function toTextMetadata(
  agentId: string,
  sessionId: unknown,
  interactionId?: string | undefined,
): { providerMetadata: ProviderMetadata } {
  const named = {
    ...(typeof sessionId === 'string' && { sessionId }),
    ...(interactionId && { interactionId }),
  };
  return { providerMetadata: { twig: { agentId, ...named } } };
}

/** Tokens as far as the server counted them. */
export function toUsage({ tokensInput, tokensOutput, costUsd }: PartialQueryResponse['metadata']): TwigModelUsage {
  const raw = withoutNulls({ tokensInput, tokensOutput, costUsd });
  return {
    inputTokens: { total: tokensInput ?? undefined, noCache: undefined, cacheRead: undefined, cacheWrite: undefined },
    outputTokens: { total: tokensOutput ?? undefined, text: undefined, reasoning: undefined },
    ...(Object.keys(raw).length > 0 && { raw }),
  };
}

/** The id of the answer and the model that gave it. */
export function toResponseMetadata({ interactionId, model }: PartialQueryResponse['metadata']): {
  id?: string;
  modelId?: string;
} {
  return { ...(interactionId && { id: interactionId }), ...(model && { modelId: model }) };
}
