/** A span at its end: how the call went, what it cost, and its status. */

import { type Attributes, type AttributeValue, type Span, SpanStatusCode } from '@opentelemetry/api';
import { TwigAbortError, TwigError } from '../errors.ts';
import { cutText } from '../http/cut-text.ts';
import type { CallEnd, CallStart } from '../options/instrumentation.ts';
import { type ContentLimit, toMessages } from './content.ts';
import { errorTypeOf, statusMessage } from './error-type.ts';
import { ATTR } from './names.ts';
import { membersOf, numberOf, textOf, toAttributes } from './values.ts';

/** What a call came to, for its span and for the metrics. */
export interface Ending {
  /** Of a call that failed. */
  errorType: string | undefined;
  /** Without the key. */
  model: string | undefined;
  inputTokens: number | undefined;
  outputTokens: number | undefined;
}

/** What an answer says of itself; of a stream that broke, what had come. */
function answerOf({ operation }: CallStart, { data, error }: CallEnd): Readonly<Record<string, unknown>> {
  if (operation !== 'query') return {};
  return membersOf(data ?? (error instanceof TwigError ? error.partialResponse : undefined));
}

/** Reads what a call came to. */
export function endingOf(start: CallStart, end: CallEnd): Ending {
  const metadata = membersOf(answerOf(start, end).metadata);
  const model = textOf(metadata.model);
  return {
    errorType: end.outcome === 'failed' ? errorTypeOf(end.error) : undefined,
    model: model && end.clean(model),
    inputTokens: numberOf(metadata.tokensInput),
    outputTokens: numberOf(metadata.tokensOutput),
  };
}

/** The passages that a search found: their ids and scores, and their texts where content is wanted. */
function documentsOf({ data, clean }: CallEnd, limit: ContentLimit): string | undefined {
  const { chunks } = membersOf(data);
  if (!Array.isArray(chunks)) return undefined;
  const documents = chunks.map((chunk) => {
    const { chunkId, similarityScore, text } = membersOf(chunk);
    const id = textOf(chunkId);
    const content = limit === false ? undefined : textOf(text);
    return {
      id: id && clean(id),
      score: numberOf(similarityScore),
      content: content && limit !== false ? cutText(clean(content), limit) : undefined,
    };
  });
  return JSON.stringify(documents);
}

/** What was asked and answered. The texts are cleaned before they are cut and written as JSON, which could hide a key. */
function contentOf({ operation, params }: CallStart, end: CallEnd, limit: ContentLimit): Attributes {
  if (operation === 'semanticSearch') {
    const asked = textOf(params.query);
    const query = limit === false || !asked ? undefined : cutText(end.clean(asked), limit);
    return toAttributes(
      { [ATTR.retrievalQuery]: query, [ATTR.retrievalDocuments]: documentsOf(end, limit) },
      end.clean,
    );
  }
  if (limit === false || operation !== 'query') return {};
  const message = (role: 'user' | 'assistant', text: unknown): string | undefined => {
    const content = textOf(text);
    return content && toMessages(role, cutText(end.clean(content), limit));
  };
  return toAttributes(
    {
      [ATTR.inputMessages]: message('user', params.query),
      [ATTR.outputMessages]: message('assistant', membersOf(end.data).response),
    },
    end.clean,
  );
}

/** Attributes of the end. */
function describeEnd(start: CallStart, end: CallEnd, ending: Ending, timeToFirstChunk: number | undefined): Attributes {
  const { meta, outcome } = end;
  const answer = answerOf(start, end);
  const metadata = membersOf(answer.metadata);
  const resent = meta.attempts.length - 1;
  const values: Record<string, AttributeValue | undefined> = {
    [ATTR.httpStatus]: meta.attempts.at(-1)?.status,
    [ATTR.httpResendCount]: resent > 0 ? resent : undefined,
    [ATTR.requestId]: textOf(meta.requestId),
    [ATTR.usageInputTokens]: ending.inputTokens,
    [ATTR.usageOutputTokens]: ending.outputTokens,
    [ATTR.responseModel]: ending.model,
    [ATTR.responseId]: textOf(metadata.interactionId),
    [ATTR.conversationId]: textOf(answer.sessionId),
    [ATTR.responseTimeToFirstChunk]: timeToFirstChunk,
    [ATTR.costUsd]: numberOf(metadata.costUsd),
    [ATTR.ragStrategy]: textOf(metadata.ragStrategy),
    [ATTR.sourcesCount]: Array.isArray(answer.sources) ? answer.sources.length : undefined,
    [ATTR.errorType]: ending.errorType,
    [ATTR.outcome]: outcome === 'answered' || outcome === 'failed' ? undefined : outcome,
  };
  return toAttributes(values, end.clean);
}

/** Ends a span. The status stays unset but for a failure that is not the caller's own wish. */
export function endSpan(
  span: Span,
  start: CallStart,
  end: CallEnd,
  ending: Ending,
  timeToFirstChunk: number | undefined,
  limit: ContentLimit,
): void {
  if (span.isRecording()) {
    span.setAttributes(describeEnd(start, end, ending, timeToFirstChunk));
    span.setAttributes(contentOf(start, end, limit));
    if (end.outcome === 'failed' && !(end.error instanceof TwigAbortError)) {
      const message = statusMessage(start, end);
      span.setStatus({ code: SpanStatusCode.ERROR, ...(message !== undefined && { message }) });
    }
  }
  span.end();
}
