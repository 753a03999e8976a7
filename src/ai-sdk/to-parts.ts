/** The events of a streamed answer, as parts of the AI SDK. */

import type { PartialQueryResponse } from '../query-response.ts';
import type { QueryStreamEvent } from '../streaming/reduce.ts';
import { createPairJoiner } from '../streaming/surrogates.ts';
import { toProviderMetadata, toResponseMetadata, toTextMetadata, toUsage } from './to-metadata.ts';
import { createSourceMapper } from './to-source.ts';
import type { TwigFinishReason, TwigStreamPart } from './types.ts';

/** An answer has one text. */
const TEXT_ID = '0';

/** What the parts of one answer are made with. */
export interface PartMapper {
  /** The parts that an event becomes. */
  ofEvent(event: QueryStreamEvent): TwigStreamPart[];
  /** The parts of a break: what came is closed, so that nobody waits for more of it. */
  ofFailure(error: unknown, code: string | undefined, partial: PartialQueryResponse): TwigStreamPart[];
}

/** Makes the mapper of one answer. */
export function createPartMapper(call: {
  agentId: string;
  /** The conversation, where it is known before the answer names it. */
  sessionId: unknown;
  /** Whether the text part may carry the conversation. */
  carriesSession: boolean;
  includeRawChunks: boolean;
}): PartMapper {
  const { agentId, carriesSession } = call;
  const toSources = createSourceMapper();
  /** The halves of pairs that deltas cut: whoever writes the parts of a stream writes each for itself. */
  const joiner = createPairJoiner();
  let text = '';
  let isBegun = false;

  const textMetadata = (sessionId: unknown, interactionId?: string): ReturnType<typeof toTextMetadata> | object =>
    carriesSession ? toTextMetadata(agentId, sessionId, interactionId) : {};

  const ofText = (delta: string): TwigStreamPart[] => {
    if (delta === '') return [];
    const isFirst = !isBegun;
    isBegun = true;
    const part: TwigStreamPart = { type: 'text-delta', id: TEXT_ID, delta };
    // Before its session is known, a part that carried the agent alone would say nothing.
    const known = typeof call.sessionId === 'string' ? textMetadata(call.sessionId) : {};
    return isFirst ? [{ type: 'text-start', id: TEXT_ID, ...known }, part] : [part];
  };

  const ofEnd = (answer: PartialQueryResponse): TwigStreamPart[] => {
    const rest = ofText(joiner.end());
    if (!isBegun) return [];
    const sessionId = answer.sessionId || call.sessionId;
    return [...rest, { type: 'text-end', id: TEXT_ID, ...textMetadata(sessionId, answer.metadata.interactionId) }];
  };

  const ofFinish = (answer: PartialQueryResponse, finishReason: TwigFinishReason): TwigStreamPart => ({
    type: 'finish',
    finishReason,
    usage: toUsage(answer.metadata),
    providerMetadata: toProviderMetadata(answer, agentId, text),
  });

  const ofKnown = (event: QueryStreamEvent): TwigStreamPart[] => {
    switch (event.type) {
      case 'delta':
        text += event.text;
        return ofText(joiner.next(event.text));
      case 'sources':
        return toSources(event.sources);
      case 'done': {
        const { response } = event;
        return [
          { type: 'response-metadata', ...toResponseMetadata(response.metadata) },
          ...ofEnd(response),
          ofFinish(response, { unified: 'stop', raw: undefined }),
        ];
      }
      default:
        return [];
    }
  };

  return {
    ofEvent: (event) => [
      ...(call.includeRawChunks ? [{ type: 'raw' as const, rawValue: event }] : []),
      ...ofKnown(event),
    ],
    // The text is closed before the error: a page stops reading there.
    ofFailure: (error, code, partial) => [
      ...ofEnd(partial),
      { type: 'error', error },
      ofFinish({ ...partial, response: text }, { unified: 'error', raw: code }),
    ],
  };
}
