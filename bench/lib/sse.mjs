// Streams of the shapes that are measured, and their readers.

import Anthropic from '@anthropic-ai/sdk';
import { TwigClient } from '@twig/sdk';
import { createParser } from 'eventsource-parser';
import OpenAI from 'openai';
import { KEY } from './peers.mjs';

const encoder = new TextEncoder();

/** The three dialects: the same texts, as each client knows them. */
export const dialects = {
  twig: {
    event: (text) => `event: delta\ndata: ${JSON.stringify({ delta: text })}\n\n`,
    end: 'event: done\ndata: {"session_id":"s"}\n\n',
  },
  openai: {
    event: (text) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content: text } }] })}\n\n`,
    end: 'data: [DONE]\n\n',
  },
  anthropic: {
    event: (text) =>
      `event: content_block_delta\ndata: ${JSON.stringify({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })}\n\n`,
    end: 'event: message_stop\ndata: {"type":"message_stop"}\n\n',
  },
};

/** The chunks of a stream: `size` is 'event' or a number of bytes. */
export function chunksOf(dialect, texts, size) {
  const { event, end } = dialects[dialect];
  if (size === 'event') return [...texts.map((text) => encoder.encode(event(text))), encoder.encode(end)];
  const bytes = encoder.encode(texts.map(event).join('') + end);
  const chunks = [];
  for (let i = 0; i < bytes.length; i += size) chunks.push(bytes.subarray(i, i + size));
  return chunks;
}

export function respond(chunks) {
  let next = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (next < chunks.length) controller.enqueue(chunks[next++]);
      else controller.close();
    },
  });
  return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
}

/** Readers of a whole stream; each gives the number of characters. */
export const streamReaders = {
  async 'parser + JSON.parse'(chunks) {
    const reader = respond(chunks).body.getReader();
    const decoder = new TextDecoder();
    let length = 0;
    const parser = createParser({
      onEvent: ({ data }) => {
        const { delta } = JSON.parse(data);
        if (delta) length += delta.length;
      },
    });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return length;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  },
  async '@twig/sdk'(chunks) {
    const client = new TwigClient({ apiKey: KEY, fetch: async () => respond(chunks) });
    const stream = await client.query({ agentId: 'agent_abc123', query: 'q', stream: true });
    let length = 0;
    for await (const event of stream) if (event.type === 'delta') length += event.text.length;
    return length;
  },
  async openai(chunks) {
    const client = new OpenAI({ apiKey: KEY, fetch: async () => respond(chunks) });
    const stream = await client.chat.completions.create({ model: 'm', messages: [], stream: true });
    let length = 0;
    for await (const chunk of stream) length += chunk.choices[0]?.delta?.content?.length ?? 0;
    return length;
  },
  async '@anthropic-ai/sdk'(chunks) {
    const client = new Anthropic({ apiKey: KEY, fetch: async () => respond(chunks) });
    const stream = await client.messages.create({ model: 'm', messages: [], max_tokens: 1, stream: true });
    let length = 0;
    for await (const event of stream) length += event.delta?.text?.length ?? 0;
    return length;
  },
};

export const dialectOf = (name) => (name === 'openai' ? 'openai' : name === '@anthropic-ai/sdk' ? 'anthropic' : 'twig');
