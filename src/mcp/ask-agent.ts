/** `ask_agent`: a question and its answer, streamed so that the client hears of it while it is written. */

import type { QueryResponse, Source } from '../query-response.ts';
import { FENCED, fence } from './fence.ts';
import type { ToolSettings } from './options.ts';
import { checkAgent } from './reach.ts';
import { createRoom } from './room.ts';
import {
  array,
  boolean,
  id,
  maybeNumber,
  maybeText,
  named,
  object,
  optional,
  string,
  text,
  toolSchema,
} from './schema.ts';
import { READS, refusal, type Tool, type ToolCall } from './tool.ts';

interface Args {
  agentId?: string | undefined;
  question: string;
  sessionId?: string | undefined;
  includePassages?: boolean | undefined;
}

/** A source as the model sees it. */
interface Cited {
  title: string | undefined;
  url: string | undefined;
  score: number | undefined;
  chunkId: string;
  text?: string;
}

/** The agent that is asked: the one named, or the only one that there is. */
function agentOf(settings: ToolSettings, agentId: string | undefined): string {
  const { agentIds = [] } = settings;
  const id = agentId ?? (agentIds.length === 1 ? agentIds[0] : undefined);
  if (id === undefined) throw refusal('agentId is missing.', 'Choose one of those that list_agents tells.');
  checkAgent(settings, id);
  return id;
}

async function ask({ client }: ToolSettings, agentId: string, args: Args, call: ToolCall): Promise<QueryResponse> {
  const { question: query, sessionId } = args;
  const { signal, progress } = call;
  const stream = await client.query({ agentId, query, sessionId, stream: true }, { signal });
  let length = 0;
  for await (const piece of stream.textStream) {
    length += piece.length;
    await progress(length, `${length} characters`);
  }
  return stream.finalResponse();
}

function lineOf({ title, url, score, chunkId, text }: Cited, at: number): string {
  const head = [`${at + 1}. ${title ?? 'untitled'}`, url, score === undefined ? undefined : `score ${score}`, chunkId];
  return head.filter((part) => part !== undefined).join(' | ') + (text ? `\n${text}` : '');
}

/** Makes the tool. */
export function askAgent(settings: ToolSettings): Tool<Args> {
  const { agentIds, clock, maxAnswerChars } = settings;
  const isOnly = agentIds?.length === 1;
  return {
    name: 'ask_agent',
    scope: 'execute',
    title: 'Ask a Twig agent',
    description: `Asks an agent, which answers from its organisation's documents. ${FENCED}`,
    inputSchema: toolSchema<Args>(
      object({
        agentId: isOnly ? optional(id()) : id(),
        question: text(4000),
        sessionId: named(optional(id()), 'Of an earlier answer, to go on'),
        includePassages: named(optional(boolean()), "The sources' text too"),
      }),
    ),
    outputSchema: toolSchema(
      object({
        answer: string(),
        sources: array(
          object({
            title: maybeText(),
            url: maybeText(),
            score: maybeNumber(),
            chunkId: string(),
            text: maybeText(),
          }),
        ),
        sessionId: maybeText(),
        interactionId: maybeText(),
        note: maybeText(),
      }),
    ),
    annotations: { ...READS, idempotentHint: false },
    async run(args, call) {
      const agentId = agentOf(settings, args.agentId);
      const { response, sources, metadata, sessionId } = await ask(settings, agentId, args, call);
      const room = createRoom(maxAnswerChars);
      const answer = room.take(response);
      const cited = sources.map(
        ({ chunkId, documentTitle, documentUrl, similarityScore, chunkText }: Source): Cited => ({
          title: documentTitle ?? undefined,
          url: documentUrl ?? undefined,
          score: similarityScore ?? undefined,
          chunkId,
          ...(args.includePassages && chunkText && { text: room.take(chunkText) }),
        }),
      );
      const note = room.note();
      const interactionId = metadata.interactionId ?? undefined;
      const quoted = cited.length ? `${answer}\n\nSources:\n${cited.map(lineOf).join('\n')}` : answer;
      const ids = Object.entries({ sessionId, interactionId }).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}: ${JSON.stringify(value)}`],
      );
      return {
        text: [fence(quoted, clock), ...(note ? [note] : []), ...ids].join('\n'),
        data: { answer, sources: cited, sessionId, interactionId, note },
      };
    },
  };
}
