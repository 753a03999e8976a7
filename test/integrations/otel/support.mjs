// Real OpenTelemetry in memory, a server on loopback that answers as it is told, and a client of it.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { MeterProvider, MetricReader } from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import { TwigClient } from '@twig/sdk';
import { twigTelemetry } from '@twig/sdk/otel';

export const KEY = 'twigsk_live_TopSecret0123456789';
export const question = { agentId: 'agent_1', query: 'How do I reset the password of somebody?' };
export const answer = {
  response: 'By the page of somebody.',
  session_id: 'session_1',
  sources: [{ chunk_id: 'c1' }, { chunk_id: 'c2' }],
  metadata: {
    interaction_id: 'int_1',
    latency_ms: 5,
    tokens_input: 12,
    tokens_output: 7,
    cost_usd: 0.002,
    rag_strategy: 'cedar',
    model: 'gpt-4o',
  },
};

const event = (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
export const DELTA = event('delta', { text: 'By the ' });
export const DONE = event('done', answer);

/** Spans of a provider of its own; `register()` makes it the global one, with its context manager and propagator. */
export function spanRecorder(options = {}) {
  const exporter = new InMemorySpanExporter();
  const provider = new NodeTracerProvider({ ...options, spanProcessors: [new SimpleSpanProcessor(exporter)] });
  return {
    provider,
    register: () => provider.register(),
    /** The finished ones; ours alone with `'twig'`, those of Node's fetch with `'undici'`. */
    spans: (scope) =>
      exporter.getFinishedSpans().filter((span) => !scope || span.instrumentationScope.name.includes(scope)),
    reset: () => exporter.reset(),
  };
}

class Reader extends MetricReader {
  async onForceFlush() {}
  async onShutdown() {}
}

/** Metrics of a provider of its own. */
export function metricRecorder() {
  const reader = new Reader();
  return {
    provider: new MeterProvider({ readers: [reader] }),
    /** All metrics by name. */
    async read() {
      const { resourceMetrics } = await reader.collect();
      const all = resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
      return Object.fromEntries(all.map((metric) => [metric.descriptor.name, metric]));
    },
  };
}

export const json =
  (body, status = 200, headers = {}) =>
  (_request, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
/** Server-sent events; with `hold` the connection stays open after them, with `cut` it breaks. */
export const sse =
  (chunks, { hold = false, cut = false } = {}) =>
  async (_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    for (const chunk of chunks) {
      response.write(chunk);
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (cut) response.destroy();
    else if (!hold) response.end();
  };

/** A server that gives these answers in turn, the last one again and again; ended with the test. */
export async function serve(t, ...answers) {
  const requests = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume();
    answers[Math.min(requests.length, answers.length) - 1](request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `http://127.0.0.1:${server.address().port}` };
}

/** The waits between attempts pass at once, the limits of time never: neither is what these are about. */
export const clock = {
  now: Date.now,
  random: () => 0,
  sleep: (ms) => (ms < 60_000 ? Promise.resolve() : new Promise(() => {})),
};

export const clientOf = (baseUrl, telemetry = {}, options = {}) =>
  new TwigClient({
    apiKey: KEY,
    baseUrl,
    clock,
    logLevel: 'off',
    instrumentation: twigTelemetry(telemetry),
    ...options,
  });

/** What a promise rejects with. */
export const rejection = (promise) =>
  promise.then(
    () => {
      throw new Error('expected a rejection');
    },
    (error) => error,
  );

/** Everything that went out with spans and metrics, as one text. */
export const shown = (spans, metrics = {}) =>
  JSON.stringify([
    spans.map(({ name, attributes, events, status, links }) => ({ name, attributes, events, status, links })),
    Object.values(metrics).map(({ descriptor, dataPoints }) => ({ descriptor, dataPoints })),
  ]);

/** Of W3C Trace Context, with a version, a trace, a span and flags, once. */
export const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
