/** `search_knowledge`: the passages that fit a text, without an answer. */

import { FENCED, fence } from './fence.ts';
import type { ToolSettings } from './options.ts';
import { reachableSources } from './reach.ts';
import { createRoom } from './room.ts';
import { array, maybeNumber, maybeText, object, optional, string, text, toolSchema, whole } from './schema.ts';
import { READS, refusal, type Tool } from './tool.ts';

interface Args {
  query: string;
  topK?: number | undefined;
}

/** Makes the tool. */
export function searchKnowledge(settings: ToolSettings, orgId: string): Tool<Args> {
  const { client, clock, maxAnswerChars } = settings;
  return {
    name: 'search_knowledge',
    scope: 'execute',
    title: 'Search the knowledge',
    description: `Finds passages of documents, without an answer. ${FENCED}`,
    inputSchema: toolSchema<Args>(object({ query: text(4000), topK: optional(whole(1, 20)) })),
    outputSchema: toolSchema(
      object({
        passages: array(object({ text: string(), title: maybeText(), score: maybeNumber() })),
        note: maybeText(),
      }),
    ),
    annotations: READS,
    async run({ query, topK }, { signal }) {
      const dataSourceIds = await reachableSources(settings, signal);
      if (dataSourceIds?.length === 0) throw refusal('The agents here have no data sources.', 'Ask one instead.');
      const { chunks } = await client.semanticSearch({ query, orgId, topK, dataSourceIds }, { signal });
      const room = createRoom(maxAnswerChars);
      const passages = chunks.map((chunk) => ({
        text: room.take(chunk.text),
        title: chunk.documentTitle ?? undefined,
        score: chunk.similarityScore ?? undefined,
      }));
      const note = room.note();
      const lines = passages.map(
        ({ text, title, score }, at) =>
          `${at + 1}. ${title ?? 'untitled'}${score === undefined ? '' : ` | score ${score}`}\n${text}`,
      );
      const found = lines.length ? fence(lines.join('\n\n'), clock) : 'Nothing was found.';
      return { text: note ? `${found}\n${note}` : found, data: { passages, note } };
    },
  };
}
