// A thousand questions under the rate limit, answers written as they come; start it again after Ctrl-C and it goes on.
//
//   node examples/batch.ts questions.txt answers.jsonl [requests a minute]
//
// One question a line. The key is in TWIG_API_KEY, the agent's id in TWIG_AGENT_ID. The third argument is for those
// whose limit is not the documented one of 100 requests a minute. On several machines with one key, or beside a server
// that uses it too, set REDIS_URL (and `npm install redis`): they share the limit.

import { createWriteStream, existsSync, readFileSync } from 'node:fs';
import { TwigClient, TwigError } from '@twig/sdk';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { redisStore } from '@twig/sdk/redis';
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

interface Redis {
  connect(): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  sendCommand(command: string[]): Promise<unknown>;
  destroy(): void;
}

/** The client of the project. By a name, so that this example does without one where nothing is shared. */
async function connect(url: string, client = 'redis'): Promise<Redis> {
  const { createClient } = await import(client).catch(() => {
    throw new Error('REDIS_URL is set, and there is no client: npm install redis');
  });
  const redis: Redis = createClient({ url, socket: { reconnectStrategy: () => 500 } });
  // The limiter goes on without it, with a part of the limit.
  redis.on('error', (error) => console.error(`Redis: ${error.message}`));
  await redis.connect();
  return redis;
}
const redis = process.env.REDIS_URL ? await connect(process.env.REDIS_URL) : undefined;
const store = redis && redisStore(redis);

const limits = { execute: { perMinute: Number(perMinute), burst: 120 } };
const client = new TwigClient({ rateLimiter: new RateLimiter({ limits, concurrency: 10, store }) });
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
redis?.destroy();
await new Promise((resolve) => file.end(resolve));
for (const line of failed) console.error(line);
if (stop.signal.aborted) console.log('Stopped. Start again to go on.');
process.exitCode = stop.signal.aborted ? 130 : failed.length ? 1 : 0;
