/** However the bytes of a stream are cut and ended, the answer is the same. */

import { describe, expect, it } from 'vitest';
import { beginStream, type FaultServer, httpServer, sendPieces } from './fault-server.ts';
import { collect, delta, done, streamed } from './support.ts';

const TEXT = 'Größe: 東京, 🌳.';
const WHOLE = `: hello\n\n${delta('Größe: ')}${delta('東京, 🌳.')}event: sources\ndata: {"sources":[]}\n\n${done}`;

/** Sends one stream after the other, each as a list of pieces. */
const piecewise = (streams: (string | Uint8Array)[][]): Promise<FaultServer> =>
  httpServer((response, _arrival, index) => void sendPieces(beginStream(response), streams[index] ?? []));

/** The answers to as many streams. */
async function readAll(streams: (string | Uint8Array)[][]): Promise<string[]> {
  await using server = await piecewise(streams);
  const client = server.client();
  const texts: string[] = [];
  for (const _stream of streams) {
    const stream = await client.query(streamed);
    texts.push((await stream.finalResponse()).response);
  }
  return texts;
}

/** Every way to cut the bytes in two, and all of them one by one. */
function cuts(text: string): Uint8Array[][] {
  const bytes = new TextEncoder().encode(text);
  const halves = Array.from(bytes, (_byte, at) => [bytes.subarray(0, at), bytes.subarray(at)]);
  return [...halves, Array.from(bytes, (byte) => Uint8Array.of(byte))];
}

describe('cut anywhere', () => {
  it.each([
    ['LF', '\n'],
    ['CR', '\r'],
    ['CRLF', '\r\n'],
  ])('gives the whole answer: UTF-8 at every byte, lines that end in %s', async (_name, lineEnd) => {
    const streams = cuts(WHOLE.replaceAll('\n', lineEnd));
    expect(await readAll(streams)).toEqual(streams.map(() => TEXT));
  });

  it('gives the whole answer: line ends mixed', async () => {
    const lineEnds = ['\r', '\r\n', '\n', '\r\n', '\r'];
    let line = 0;
    const streams = cuts(WHOLE.replace(/\n/g, () => lineEnds[line++ % lineEnds.length] ?? ''));
    expect(await readAll(streams)).toEqual(streams.map(() => TEXT));
  });

  it('passes over a byte order mark at the beginning, and keeps one in the text', async () => {
    const bom = '\uFEFF';
    const stream = `${bom}${delta(`a${bom}b`)}${done}`;
    const streams = cuts(stream);
    expect(await readAll(streams)).toEqual(streams.map(() => `a${bom}b`));
  });
});

describe('the last event', () => {
  const tails = ['\n\n', '\n', '\r', '\r\n', '', '\r\r', '\r\n\r\n', '\n\n: bye', '\n\n: bye\n\n', '\n\nid: 1'];

  it.each(tails.map((tail) => [JSON.stringify(tail), tail]))('counts with the tail %s', async (_name, tail) => {
    await using server = await piecewise([[delta('Yes.'), `${done.trimEnd()}${tail}`]]);
    const { events, error } = await collect(await server.client().query(streamed));
    expect(error).toBeUndefined();
    expect(events.map(({ type }) => type)).toEqual(['delta', 'done']);
    expect(events[1]).toMatchObject({ response: { response: 'Yes.', sessionId: 'sess_1' } });
  });

  it.each(tails.map((tail) => [JSON.stringify(tail), tail]))(
    'is given once, and the end is still missed, with the tail %s',
    async (_name, tail) => {
      await using server = await piecewise([[delta('Yes, '), `${delta('but').trimEnd()}${tail}`]]);
      const { events, error } = await collect(await server.client().query(streamed));
      expect(events).toEqual([
        { type: 'delta', text: 'Yes, ' },
        { type: 'delta', text: 'but' },
      ]);
      expect(error).toMatchObject({ code: 'truncated', eventCount: 2, partialResponse: { response: 'Yes, but' } });
    },
  );
});

it('gives an event of a megabyte in pieces of 64 bytes whole', async () => {
  const bytes = Buffer.from(`${delta('x'.repeat(2 ** 20))}${done}`);
  const pieces = Array.from({ length: Math.ceil(bytes.length / 64) }, (_, i) => bytes.subarray(64 * i, 64 * (i + 1)));
  const [answer] = await readAll([pieces]);
  expect(answer === 'x'.repeat(2 ** 20)).toBe(true);
});
