/** Finds passages and makes answers of them. The same question to the same data gets the same answer. */

import { drawsFor } from './chance.ts';
import type { MockAgent, MockData, MockPassage } from './data.ts';

/** A passage and how well it fits, 0 to 1. */
export interface Hit {
  passage: MockPassage;
  score: number;
}

/** An answer in the shape of the wire. */
export interface Answer {
  response: string;
  sources: Record<string, unknown>[];
  metadata: Record<string, unknown> & { interaction_id: string; latency_ms: number; cost_usd: number };
}

/** What a search looks through: the passages of the sources, and every published article. */
export function searchable(data: MockData, sourceIds: string[] | undefined): MockPassage[] {
  const articles = data.articles
    .filter(({ status }) => status === 'published')
    .map(({ id, title, content }) => ({
      chunk_id: `chk_${id}`,
      data_source_id: 'kb',
      document_id: id,
      document_title: title,
      document_url: `https://example.com/kb/${id}`,
      text: content,
    }));
  const passages = data.passages.filter((passage) => !sourceIds || sourceIds.includes(passage.data_source_id));
  return [...passages, ...articles];
}

/** Short words, and these, would make everything similar to everything. */
const EMPTY_WORDS = /^(?:about|does|from|have|that|this|what|when|where|which|with|your)$/;

const words = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]{4,}/gu) ?? []).filter((word) => !EMPTY_WORDS.test(word));

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** The passages, the best first. One that shares no word with the question stays below 0.5. */
export function rank(passages: MockPassage[], question: string, seed: number): Hit[] {
  const asked = words(question);
  const hits = passages.map((passage) => {
    const known = new Set(words(`${passage.document_title} ${passage.text}`));
    const share = asked.filter((word) => known.has(word)).length / Math.max(asked.length, 1);
    const chance = drawsFor(seed, `${passage.chunk_id}:${question}`)();
    return { passage, score: rounded(share ? 0.6 + 0.3 * share + 0.09 * chance : 0.1 + 0.3 * chance, 2) };
  });
  return hits.sort((a, b) => b.score - a.score);
}

/** The pieces of a text in which it is streamed: words with the space behind them. */
export const piecesOf = (text: string): string[] => text.match(/\s*\S+\s*/g) ?? [text];

const RELEVANT = 0.5;
const MOST_SOURCES = 3;

/** How an agent answers a question. */
export function answerOf(
  data: MockData,
  agent: MockAgent,
  body: { query: string; max_tokens?: number },
  interactionId: string,
  seed: number,
): Answer {
  const hits = rank(searchable(data, agent.data_source_ids), body.query, seed)
    .filter(({ score }) => score >= RELEVANT)
    .slice(0, MOST_SOURCES);
  const found = hits.map(({ passage }) => `${passage.text} (${passage.document_title})`).join(' ');
  const fixed = Object.hasOwn(data.answers, body.query) ? data.answers[body.query] : undefined;
  const whole = fixed ?? (found || `I could not find anything about “${body.query}” in my sources.`);
  const pieces = piecesOf(whole);
  const most = body.max_tokens ?? agent.max_tokens ?? Number.POSITIVE_INFINITY;
  const response = pieces.length > most ? pieces.slice(0, most).join('') : whole;

  const tokensInput = words(body.query).length + words(found).length + 40;
  const tokensOutput = piecesOf(response).length;
  return {
    response,
    sources: hits.map(({ passage, score }) => ({
      chunk_id: passage.chunk_id,
      document_title: passage.document_title,
      document_url: passage.document_url,
      similarity_score: score,
      chunk_text: passage.text,
    })),
    metadata: {
      interaction_id: interactionId,
      latency_ms: 900 + Math.floor(drawsFor(seed, body.query)() * 1600),
      tokens_input: tokensInput,
      tokens_output: tokensOutput,
      cost_usd: rounded(tokensInput * 0.00001 + tokensOutput * 0.00003, 6),
      rag_strategy: agent.rag_strategy,
      model: agent.model,
    },
  };
}

/** A small embedding: enough to show its shape. */
export function embeddingOf(text: string, seed: number): number[] {
  const draw = drawsFor(seed, `embedding:${text}`);
  return Array.from({ length: 8 }, () => rounded(draw() * 2 - 1, 6));
}
