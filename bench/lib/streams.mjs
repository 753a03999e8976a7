// Streamed answers: the dialects, and how each client opens one and is read.

import { createParser } from 'eventsource-parser';
import { createClient } from './clients.mjs';

const encoder = new TextEncoder();
const choices = (delta) => [{ index: 0, delta, finish_reason: null }];

/** The same texts, as each client knows them. */
const dialects = {
  twig: {
    event: (text) => `event: delta\ndata: ${JSON.stringify({ delta: text })}\n\n`,
    end: 'event: done\ndata: {"session_id":"s"}\n\n',
  },
  'twig, no text': {
    event: (text) => `event: note\ndata: ${JSON.stringify({ note: text })}\n\n`,
    end: 'event: done\ndata: {}\n\n',
  },
  openai: {
    event: (text) => `data: ${JSON.stringify({ id: 'c', model: 'm', choices: choices({ content: text }) })}\n\n`,
    end: 'data: [DONE]\n\n',
  },
  anthropic: {
    event: (text) =>
      `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`,
    end: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  },
};

/** The floor: reads with the parser alone, in a loop without a generator. */
async function parse(response, onEvent) {
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = createParser({ onEvent: ({ data }) => onEvent(JSON.parse(data)) });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}

const messages = [{ role: 'user', content: 'q' }];

/** How each opens a stream, `open(client)`, reads its events, and the text of an event. */
export const streams = {
  'parser + JSON.parse': {
    dialect: 'twig',
    create: (fetch, base) => () => fetch(`${base}/api/v1/query`, { method: 'POST', body: '{}' }),
    open: (get) => get(),
    each: parse,
    text: (event) => event.delta,
  },
  '@twig/sdk': {
    dialect: 'twig',
    open: (client) => client.query({ agentId: 'a', query: 'q', stream: true }),
    text: (event) => event.text,
  },
  '@anthropic-ai/sdk': {
    dialect: 'anthropic',
    open: (client) => client.messages.create({ model: 'm', messages, max_tokens: 1, stream: true }),
    text: (event) => event.delta?.text,
  },
  openai: {
    dialect: 'openai',
    open: (client) => client.chat.completions.create({ model: 'm', messages, stream: true }),
    text: (chunk) => chunk.choices[0]?.delta?.content,
  },
  '@mistralai/mistralai': {
    dialect: 'openai',
    open: (client) => client.chat.stream({ model: 'm', messages }),
    text: ({ data }) => data.choices[0]?.delta?.content,
  },
};

/** Events that are not part of the answer, and so are not kept in `partialResponse`. */
export const NOT_TEXT = '@twig/sdk, events that are no text';
const dialectOf = (name) => dialects[name === NOT_TEXT ? 'twig, no text' : streams[name].dialect];

/** A function that opens one stream after the other, over a fetch. */
export async function opener(name, fetch, base = 'https://api.twig.so') {
  const { create, open } = streams[name];
  const client = create ? create(fetch, base) : await createClient(name, fetch, base);
  return () => open(client);
}

/** Reads a stream to its end. */
export async function read(name, stream, onEvent) {
  const { each } = streams[name];
  if (each) return each(stream, onEvent);
  for await (const event of stream) onEvent(event);
}

/** Reads a stream to its end; the number of characters. */
export async function readAll(name, stream) {
  const { text } = streams[name];
  let length = 0;
  await read(name, stream, (event) => {
    length += text(event)?.length ?? 0;
  });
  return length;
}

/** The bytes of one event, and of the end. */
export const eventBytes = (name, text) => encoder.encode(dialectOf(name).event(text));
export const endBytes = (name) => encoder.encode(dialectOf(name).end);

/** A whole stream in chunks: one per event, or of `size` bytes. */
export function chunksOf(name, texts, size) {
  const events = [...texts.map((text) => eventBytes(name, text)), endBytes(name)];
  if (size === 'event') return events;
  const bytes = Buffer.concat(events);
  const chunks = [];
  for (let i = 0; i < bytes.length; i += size) chunks.push(new Uint8Array(bytes.subarray(i, i + size)));
  return chunks;
}

/** A response that gives what `pull` enqueues, when it is asked. */
export const streamResponse = (pull) =>
  new Response(new ReadableStream({ pull }, { highWaterMark: 0 }), {
    headers: { 'content-type': 'text/event-stream' },
  });

/** A response of chunks. */
export function respond(chunks) {
  let next = 0;
  return streamResponse((controller) => {
    if (next < chunks.length) controller.enqueue(chunks[next++]);
    else controller.close();
  });
}
