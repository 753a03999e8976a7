// The same few things in every runtime: ask, stream, page, abort, verify a webhook. Only what the web platform has.

import { TwigAbortError, TwigClient } from '@twig/sdk';
import { twigTelemetry } from '@twig/sdk/otel';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { Webhooks } from '@twig/sdk/webhooks';

export const expect = (condition, what) => {
  if (!condition) throw new Error(`expected ${what}`);
};

/**
 * What a runtime's own words for a fault become: whether a POST, which only a failure to connect allows to be sent again,
 * was made again, and whether a fault that lasts was told at once. For runtimes that tell: nobody listens on `closedPort`.
 */
async function tellsFaults(options, closedPort) {
  // The waits between attempts pass at once, the limits of time never.
  const sleep = (ms) => (ms < 60_000 ? Promise.resolve() : new Promise(() => {}));
  const clock = { now: Date.now, random: () => 0, sleep };
  const ask = async (baseUrl) => {
    const client = new TwigClient({ ...options, baseUrl, clock });
    return client.query({ agentId: 'agent_abc123', query: 'q' }).catch((thrown) => thrown);
  };
  for (const address of [`http://localhost:${closedPort}`, `http://127.0.0.1:${closedPort}`, 'https://no.invalid']) {
    const { phase, meta } = await ask(address);
    expect(phase === 'connect' && meta.attempts.length === 3, `three attempts to connect to ${address}`);
  }
  const { isRetryable, meta, hint } = await ask(options.baseUrl.replace('http:', 'https:'));
  expect(!isRetryable && meta.attempts.length === 1, 'one attempt of https at a port that speaks http');
  expect(/scheme/.test(hint), 'the remedy');
}

/** A span for each call, finished with its last byte; and on the channel, where the runtime has Node's, start and end. */
async function isObserved(options) {
  const finished = [];
  const startSpan = (name, { attributes }) => ({
    isRecording: () => true,
    setAttributes: (more) => Object.assign(attributes, more),
    setStatus() {},
    addEvent() {},
    spanContext: () => ({ traceId: '0', spanId: '0', traceFlags: 0 }),
    end: () => finished.push({ name, attributes }),
  });
  const instrumentation = twigTelemetry({ tracerProvider: { getTracer: () => ({ startSpan }) } });
  const client = new TwigClient({ ...options, instrumentation });

  const published = [];
  const note = (moment) => (message) => message.operation === 'kb.list' && published.push([moment, message]);
  const subscribers = { start: note('start'), asyncEnd: note('asyncEnd') };
  let channel;
  try {
    channel = process.getBuiltinModule('node:diagnostics_channel').tracingChannel('twig:call');
  } catch {
    // Browsers, and what imitates Node.
  }
  channel?.subscribe(subscribers);
  await client.kb.list();
  channel?.unsubscribe(subscribers);
  const moments = published.filter(([, message]) => message === published[0][1]).map(([moment]) => moment);
  expect(!channel || moments.join() === 'start,asyncEnd', `start and end on the channel, not ${moments}`);

  const stream = await client.query({ agentId: 'agent_abc123', query: 'q', stream: true });
  expect(finished.length === 1, 'no end of the stream at its headers');
  await stream.finalResponse();
  expect(finished.map(({ name }) => name).join() === 'twig.kb.list,invoke_agent', 'a span for each call');
  expect(finished[1].attributes['gen_ai.response.time_to_first_chunk'] >= 0, 'the time to the first event');
}

/** One client for all runs, as a module of a server has it. */
export function createScenario(baseUrl, closedPort) {
  const options = { apiKey: 'twigsk_test_x', baseUrl, dangerouslyAllowBrowser: true, logLevel: 'off' };
  const client = new TwigClient({ ...options, rateLimiter: new RateLimiter({ concurrency: 4 }) });

  return async function run() {
    const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };
    const answer = await client.query(question);
    expect(answer.response.includes('refund'), 'an answer');

    const stream = await client.query({ ...question, stream: true });
    let text = '';
    let pieces = 0;
    for await (const piece of stream.textStream) {
      text += piece;
      pieces++;
    }
    expect(pieces > 1 && text === answer.response, 'the same answer in pieces');

    const names = [];
    for await (const agent of client.agents.list({ limit: 1 })) names.push(agent.name);
    expect(names.length >= 2, 'every page');

    const stop = new AbortController();
    const left = await client.query({ ...question, stream: true }, { signal: stop.signal });
    let error;
    try {
      for await (const _ of left) stop.abort('enough');
    } catch (thrown) {
      error = thrown;
    }
    expect(error instanceof TwigAbortError && error.cause === 'enough', 'the abort');

    const missing = await client.agents.get('agent_none').catch((thrown) => thrown);
    expect(missing.status === 404 && missing.requestId, 'a typed error');

    await isObserved(options);

    if (closedPort) await tellsFaults(options, closedPort);

    const webhooks = new Webhooks({ secret: 'the secret' });
    const body = '{"event":"agent.updated","timestamp":"2024-01-15T10:30:00Z","data":{"agent_id":"a"}}';
    const event = await webhooks.unwrap(body, await webhooks.sign(body));
    expect(event.data.agentId === 'a', 'the event');
    const forged = await webhooks.verify(`${body} `, await webhooks.sign(body)).catch((thrown) => thrown);
    expect(forged.code === 'invalid_signature', 'the forgery refused');

    const many = await Promise.all(Array.from({ length: 8 }, () => client.agents.list({ limit: 1 })));
    expect(many.length === 8, 'calls that queue for the limiter');
    return 'ok';
  };
}
