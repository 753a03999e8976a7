// A thousand questions under the rate limit, answers written as they come; start it again after Ctrl-C and it goes on.
//
//   node examples/batch.ts questions.txt answers.jsonl [requests a minute]
//
// One question a line. The key is in TWIG_API_KEY, the agent's id in TWIG_AGENT_ID. The third argument is for those
// whose limit is not the documented one of 100 requests a minute.

import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { TwigClient, TwigError } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { SingleBar } from 'cli-progress';

const [input = 'questions.txt', output = 'answers.jsonl', perMinute = '100'] = process.argv.slice(2);
const agentId = process.env.TWIG_AGENT_ID ?? 'agent_abc123';
const questions = readFileSync(input, 'utf8').split('\n').filter(Boolean);

// A line that Ctrl-C or a crash cut in two is no answer: its question is asked again.
const lines = existsSync(output) ? readFileSync(output, 'utf8').split('\n') : [];
const answered = new Set(
  lines.flatMap((line) => {
    try {
      return [(JSON.parse(line) as { question: string }).question];
    } catch {
      return [];
    }
  }),
);
const open = questions.filter((question) => !answered.has(question));

const stop = new AbortController();
process.once('SIGINT', () => stop.abort(new Error('stopped by Ctrl-C')));

const limits = { execute: { perMinute: Number(perMinute), burst: 120 } };
const client = new TwigClient({ rateLimiter: new RateLimiter({ limits, concurrency: 10 }) });
const file = createWriteStream(output, { flags: 'a' });
if (lines.at(-1)) file.write('\n');
const bar = new SingleBar({
  format: '{bar} {value}/{total} · {eta_formatted} left',
  noTTYOutput: true,
  notTTYSchedule: 1000,
});
bar.start(questions.length, questions.length - open.length);
const failed: string[] = [];

async function ask(query: string): Promise<void> {
  try {
    const { response, metadata } = await client.query({ agentId, query }, { signal: stop.signal });
    file.write(`${JSON.stringify({ question: query, response, interactionId: metadata.interactionId })}\n`);
    bar.increment();
  } catch (error) {
    if (!(error instanceof TwigError)) throw error;
    if (!stop.signal.aborted) failed.push(`${query}: ${error.message}`);
  }
}

// All at once: the limiter lets ten be under way, and as many a minute as the API allows.
await Promise.all(open.map(ask));
bar.stop();
await new Promise((resolve) => file.end(resolve));
for (const line of failed) console.error(line);
if (stop.signal.aborted) console.log('Stopped. Start again to go on.');
process.exitCode = stop.signal.aborted ? 130 : failed.length ? 1 : 0;
