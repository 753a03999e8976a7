// What a model of the AI SDK adds to the first delta: from the call of `doStream` to its first `text-delta`, beside the
// client alone, over the same stub fetch in the same run.

import { TwigClient } from '@twig/sdk';
import { createTwig } from '@twig/sdk/ai-sdk';
import { interleave, median, summarise, wall } from './lib/measure.mjs';
import { report } from './lib/report.mjs';
import { endBytes, eventBytes, streamResponse } from './lib/streams.mjs';

const first = eventBytes('@twig/sdk', 'Our refund policy ');
const end = endBytes('@twig/sdk');
const fetch = async () => {
  let step = 0;
  return streamResponse(async (controller) => {
    await new Promise((resolve) => setImmediate(resolve));
    controller.enqueue(step++ === 0 ? first : end);
    if (step === 2) controller.close();
  });
};

const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch });
const model = createTwig({ client })('agent_abc123');
const prompt = [{ role: 'user', content: [{ type: 'text', text: 'q' }] }];
const settings = { prompt, headers: { 'user-agent': 'ai/7' }, providerOptions: {} };

/** Reads to the end; the time of the first thing of the type. */
async function firstOf(type, stream) {
  let at = 0;
  for await (const one of stream) if (one.type === type) at ||= wall();
  return at;
}

const contenders = {
  '@twig/sdk': async () => firstOf('delta', await client.query({ agentId: 'agent_abc123', query: 'q', stream: true })),
  '@twig/sdk/ai-sdk': async () => firstOf('text-delta', (await model.doStream(settings)).stream),
};
const samples = await interleave(contenders, { rounds: 2000, warmup: 500 }, async (run) => {
  const calledAt = wall();
  return (await run()) - calledAt;
});
const rows = summarise(samples).map((row) => ({ ...row, added: 0 }));
// Round by round, so that what disturbs the machine disturbs both.
const [alone, provided] = Object.values(samples);
rows[1].added = Number(median(provided.map((value, round) => value - alone[round])).toFixed(1));
report({ id: 'ai-sdk', title: 'The first delta of a model of the AI SDK, after the call' }, rows);
