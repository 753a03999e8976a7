// A walk through the SDK against the mock server: `npm run demo`.

import { setTimeout as sleep } from 'node:timers/promises';
import { TwigClient } from '@twig/sdk';
import { startTwigServer } from '@twig/sdk/testing/server';
import { Webhooks } from '@twig/sdk/webhooks';
import { Presets, SingleBar } from 'cli-progress';
import pc from 'picocolors';
import plot from 'simple-ascii-chart';

const title = (text: string): void => console.log(`\n${pc.bold(pc.cyan(text))}`);

// The mock's time runs twenty times as fast as ours, so that the data source is ready in seconds.
const startedAt = Date.now();
const clock = {
  now: () => startedAt + (Date.now() - startedAt) * 20,
  sleep: async (ms: number) => {
    await sleep(ms / 20);
  },
  random: Math.random,
};

const server = await startTwigServer({ clock, latencyMs: 900 });
const client = new TwigClient({ apiKey: 'twigsk_test_demo', baseUrl: server.url });
console.log(pc.dim(`A mock of the Twig API listens on ${server.url}.`));

title('Agents');
const agents = await client.agents.list().toArray({ limit: 10 });
for (const agent of agents) console.log(`  ${pc.green(agent.id)}  ${agent.name}  ${pc.dim(agent.model ?? '')}`);
const [agent] = agents;
if (!agent) throw new Error('The mock has no agents.');

title('Ask');
const answer = await client.query({ agentId: agent.id, query: 'What is your refund policy?' });
console.log(`  ${answer.response}`);
for (const { documentTitle, similarityScore } of answer.sources) {
  console.log(pc.dim(`  ${(similarityScore ?? 0).toFixed(2)}  ${documentTitle}`));
}

title('Stream');
process.stdout.write('  ');
const stream = await client.query({ agentId: agent.id, query: 'How do I reset my password?', stream: true });
for await (const text of stream.textStream) process.stdout.write(text);
const { metadata } = await stream.finalResponse();
console.log(pc.dim(`\n  ${metadata.tokensOutput} tokens in ${metadata.latencyMs} ms`));

title('Feedback');
await client.interactions.submitFeedback(metadata.interactionId, { feedback: 'positive', comment: 'Very helpful!' });
console.log(`  ${pc.green('positive')} for ${metadata.interactionId}`);

title('Data source');
const source = await client.dataSources.create({
  type: 'website',
  name: 'Product documentation',
  config: { url: 'https://docs.example.com', maxPages: 1000 },
  syncFrequency: 'daily',
});
const bar = new SingleBar(
  {
    format: `  ${source.name} {bar} {percentage} % · {chunks} chunks`,
    hideCursor: true,
    noTTYOutput: true,
    notTTYSchedule: 500,
  },
  Presets.shades_classic,
);
bar.start(100, 0, { chunks: 0 });
await client.dataSources.sync(source.id);
await client.dataSources.waitUntilReady(source.id, {
  pollIntervalMs: 150,
  onProgress: ({ progressPct, chunksIndexed }) => bar.update(progressPct ?? 0, { chunks: chunksIndexed ?? 0 }),
});
bar.update(100);
bar.stop();

title('Search');
const { chunks } = await client.semanticSearch({ query: 'refund', orgId: 'org_123', topK: 3 });
for (const { similarityScore, text } of chunks)
  console.log(`  ${(similarityScore ?? 0).toFixed(2)}  ${text.slice(0, 70)}`);

title('The week');
const day = 86_400_000;
const { metrics, timeSeries } = await client.analytics.get({
  startDate: new Date(clock.now() - 6 * day),
  endDate: new Date(clock.now()),
});
const points = timeSeries.map(({ queries }, index): [number, number] => [index + 1, queries]);
console.log(plot(points, { width: 44, height: 8 }));
console.log(
  `  ${metrics.totalQueries} questions, ${Math.round(metrics.accuracyRate * 100)} % answered well, ${metrics.totalCostUsd.toFixed(2)} USD`,
);

title('Webhook');
const webhooks = new Webhooks({ secret: 'the secret of the endpoint' });
const body = JSON.stringify({
  event: 'data_source.synced',
  timestamp: new Date().toISOString(),
  data: { data_source_id: source.id },
});
const event = await webhooks.unwrap(body, await webhooks.sign(body));
console.log(`  ${pc.green('verified')}  ${event.event}`);
await webhooks.verify(body.replace('ds_', 'xx_'), await webhooks.sign(body)).catch((error: Error) => {
  console.log(`  ${pc.red('refused')}   ${pc.dim(error.message)}`);
});

await server.close();
