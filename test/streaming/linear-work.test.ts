/** Reading takes work in proportion to what is read, however it is cut: nothing that has come is looked at again. */

import { expect, it, vi } from 'vitest';
import { scriptedClient } from '../support/client.ts';
import { turn } from '../support/turns.ts';

/** How many characters, and in how many pieces, went to the parser of events. */
const fed = vi.hoisted(() => ({ characters: 0, pieces: 0 }));
vi.mock(import('eventsource-parser'), async (original) => {
  const module = await original();
  return {
    ...module,
    createParser(config) {
      const parser = module.createParser(config);
      return {
        ...parser,
        feed(text) {
          fed.characters += text.length;
          fed.pieces++;
          parser.feed(text);
        },
      };
    },
  };
});

const total = (numbers: number[]): number => numbers.reduce((sum, number) => sum + number, 0);
const DONE = 'event: done\ndata: {}\n\n';
const textOf = (lengths: number[]): string =>
  lengths.map((length) => `event: delta\ndata: {"delta":"${'x'.repeat(length)}"}\n\n`).join('') + DONE;

/** The answer to a stream of deltas of these lengths, in pieces of so many bytes. */
async function read(lengths: number[], size: number): Promise<string> {
  const bytes = new TextEncoder().encode(textOf(lengths));
  let at = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      // Lets the test's time limit end what would take an hour.
      if (at % 2 ** 16 === 0) await turn();
      controller.enqueue(bytes.subarray(at, at + size));
      at += size;
      if (at >= bytes.length) controller.close();
    },
  });
  const { client } = scriptedClient(() => new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
  return (await stream.finalResponse()).response;
}

it.each([
  ['one event of a megabyte in pieces of 64 bytes', [2 ** 20], 64],
  ['5,000 events in pieces of 7 bytes', Array.from({ length: 5000 }, () => 20), 7],
  ['5,000 events in pieces of 64 KiB', Array.from({ length: 5000 }, () => 20), 2 ** 16],
])('decodes and parses every character once: %s', async (_what, lengths, size) => {
  fed.characters = 0;
  fed.pieces = 0;
  const decode = vi.spyOn(TextDecoder.prototype, 'decode');
  const parse = vi.spyOn(JSON, 'parse');
  const text = await read(lengths, size);
  expect(text.length).toBe(total(lengths));
  const whole = textOf(lengths).length;
  const pieces = Math.ceil(whole / size);
  expect(total(decode.mock.calls.map(([bytes]) => bytes?.byteLength ?? 0))).toBe(whole);
  expect(fed).toEqual({ characters: whole, pieces });
  expect(total(parse.mock.calls.map(([json]) => json.length))).toBeLessThanOrEqual(whole);
});

it('comes to the end of the largest event in the smallest pieces', async () => {
  // Less than a second, where work on all that has come at each of a quarter million pieces would take an hour.
  const length = 16 * 2 ** 20 - 100;
  expect((await read([length], 64)).length).toBe(length);
});
