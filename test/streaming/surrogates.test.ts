/** Text cut between the halves of a surrogate pair, handed on in UTF-8, which has no half of one. */

import type { QueryStream } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { scriptedClient, sse } from '../support/client.ts';

/** A text as JSON, every code unit escaped: as servers write halves. */
const escaped = (text: string): string =>
  `"${Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`;
const delta = (text: string): string => `event: delta\ndata: {"delta":${escaped(text)}}\n\n`;
const SOURCES = 'event: sources\ndata: {"sources":[]}\n\n';
const DONE = 'event: done\ndata: {}\n\n';
const FAILURE = 'event: error\ndata: {"error":{"code":"internal_error","message":"Gone"}}\n\n';

const open = (wire: string): Promise<QueryStream> =>
  Promise.resolve(
    scriptedClient(() => sse(wire), { maxRetries: 0 }).client.query({ agentId: 'a', query: 'q', stream: true }),
  );

/** Each piece read for itself: no decoder that would put halves together. */
async function pieces(body: unknown): Promise<string[]> {
  const found: string[] = [];
  for await (const bytes of body as ReadableStream<Uint8Array>) {
    found.push(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  }
  return found;
}
const ways: [string, (stream: QueryStream) => Promise<string[]>][] = [
  [
    'textStream',
    async (stream) => {
      const found: string[] = [];
      for await (const text of stream.textStream) found.push(text);
      return found;
    },
  ],
  ['toTextStream()', (stream) => pieces(stream.toTextStream())],
  [
    'toSSEResponse()',
    async (stream) => {
      const wire = (await pieces((stream.toSSEResponse() as Response).body)).join('');
      return [...wire.matchAll(/^data: (\{"delta".*)$/gm)].map(([, data]) => JSON.parse(data as string).delta);
    },
  ],
];

describe.each(ways)('%s', (_name, textsOf) => {
  it.each([
    ['in two', delta('\ud83d') + delta('\ude00'), ['😀']],
    ['after text, and before it', delta('so \ud83d') + delta('\ude00 it is'), ['so ', '😀 it is']],
    ['with another event between', delta('\ud83d') + SOURCES + delta('\ude00'), ['😀']],
    ['several in a row', delta('\ud83d') + delta('\ude00\ud83d') + delta('\ude03'), ['😀', '😃']],
    ['beside an empty delta', delta('\ud83d') + delta('') + delta('\ude00'), ['😀']],
  ])('puts a pair together that was cut %s', async (_case, wire, expected) => {
    expect(await textsOf(await open(wire + DONE))).toEqual(expected);
  });

  it.each([
    ['alone at the end of the stream', delta('so \ud83d'), 'so \ufffd'],
    ['a second one after it', delta('\ud83d') + delta('\ud83d\ude00'), '\ufffd😀'],
    ['before text', delta('\ud83d') + delta('so'), '\ufffdso'],
    ['a low one without a high one', delta('so') + delta('\ude00'), 'so\ufffd'],
    ['in the middle of a piece', delta('a\ud83db'), 'a\ufffdb'],
  ])('writes U+FFFD for a half: %s', async (_case, wire, expected) => {
    expect((await textsOf(await open(wire + DONE))).join('')).toBe(expected);
  });

  it('gives the same text wherever it is cut', async () => {
    const text = 'ab😀c👩‍🚀𝒳';
    for (let first = 0; first <= text.length; first++) {
      for (let second = first; second <= text.length; second++) {
        const parts = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect((await textsOf(await open(parts.map(delta).join('') + DONE))).join('')).toBe(text);
      }
    }
  });
});

describe('toSSEResponse()', () => {
  const wireOf = async (wire: string): Promise<string> => ((await open(wire)).toSSEResponse() as Response).text();

  it('writes a half that stayed alone before the end, and does not take the answer for a corrected one', async () => {
    const wire = await wireOf(delta('so \ud83d') + DONE);
    expect(wire.indexOf('\ufffd')).toBeLessThan(wire.indexOf('event: done'));
    expect(wire).not.toContain('"response"');
  });

  it('writes a half that stayed alone before a fault', async () => {
    const wire = await wireOf(delta('so \ud83d') + FAILURE);
    expect(wire).toContain('{"delta":"\ufffd"}');
    expect(wire.indexOf('\ufffd')).toBeLessThan(wire.indexOf('event: error'));
  });
});
