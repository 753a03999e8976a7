// From the call to its first event over a stub fetch, and from the event's bytes to the event.

import Anthropic from '@anthropic-ai/sdk';
import { TwigClient } from '@twig/sdk';
import { createParser } from 'eventsource-parser';
import OpenAI from 'openai';
import { report, summarise } from './lib/measure.mjs';
import { KEY } from './lib/peers.mjs';
import { dialects } from './lib/sse.mjs';

const encoder = new TextEncoder();

/** A stream that notes when its first bytes are handed over. */
function timed(dialect) {
  const first = encoder.encode(dialects[dialect].event('Our refund policy '));
  const end = encoder.encode(dialects[dialect].end);
  let sentAt = 0;
  const fetch = async () => {
    let step = 0;
    const body = new ReadableStream(
      {
        async pull(controller) {
          // A turn of the event loop, as a socket would take, so that the reader waits when the bytes come.
          await new Promise((resolve) => setImmediate(resolve));
          if (step === 0) sentAt = performance.now();
          controller.enqueue(step++ === 0 ? first : end);
          if (step === 2) controller.close();
        },
      },
      { highWaterMark: 0 },
    );
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } });
  };
  return { fetch, sentAt: () => sentAt };
}

const twig = timed('twig');
const openai = timed('openai');
const anthropic = timed('anthropic');
const clients = {
  twig: new TwigClient({ apiKey: KEY, fetch: twig.fetch }),
  openai: new OpenAI({ apiKey: KEY, fetch: openai.fetch }),
  anthropic: new Anthropic({ apiKey: KEY, fetch: anthropic.fetch }),
};
const contenders = {
  'parser + JSON.parse': [
    twig,
    async () => {
      const reader = (await twig.fetch()).body.getReader();
      const decoder = new TextDecoder();
      let at = 0;
      const parser = createParser({
        onEvent: ({ data }) => {
          if (JSON.parse(data).delta) at = performance.now();
        },
      });
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return at;
        parser.feed(decoder.decode(value, { stream: true }));
      }
    },
  ],
  '@twig/sdk': [twig, async () => first(await clients.twig.query({ agentId: 'a', query: 'q', stream: true }))],
  '@anthropic-ai/sdk': [
    anthropic,
    async () =>
      first(await clients.anthropic.messages.create({ model: 'm', messages: [], max_tokens: 1, stream: true })),
  ],
  openai: [
    openai,
    async () => first(await clients.openai.chat.completions.create({ model: 'm', messages: [], stream: true })),
  ],
};

async function first(stream) {
  let at = 0;
  for await (const _ of stream) at ||= performance.now();
  return at;
}

const lists = () => Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
const afterCall = lists();
const afterBytes = lists();
for (let i = -500; i < 2000; i++) {
  for (const [name, [source, run]] of Object.entries(contenders)) {
    const start = performance.now();
    const at = await run();
    if (i < 0) continue;
    afterCall[name].push((at - start) * 1000);
    afterBytes[name].push((at - source.sentAt()) * 1000);
  }
}
const each = (values) => Object.fromEntries(Object.entries(values).map(([name, list]) => [name, summarise(list)]));
report('The first event after its bytes', each(afterBytes));
report('The first event after the call', each(afterCall), {
  note: 'One turn of the event loop lies between, in each.',
});
