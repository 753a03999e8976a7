// Draws docs/images/trace.svg: the trace of a streamed answer with a retry, from the spans that OpenTelemetry recorded.
// `node picture.mjs`, after `npm run test:integrations otel` has installed the package.

import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind, trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { TwigClient } from '@twig/sdk';
import { twigTelemetry } from '@twig/sdk/otel';
import { answer, DONE, KEY, question, spanRecorder } from './support.mjs';

const recorder = spanRecorder();
recorder.register();
const undici = new UndiciInstrumentation();
undici.setTracerProvider(recorder.provider);
undici.enable();

let count = 0;
const server = createServer(async (request, response) => {
  request.resume();
  await sleep(90);
  if (count++ === 0) {
    const body = JSON.stringify({ error: { code: 'service_unavailable', message: 'Overloaded.' } });
    return response.writeHead(503, { 'content-type': 'application/json' }).end(body);
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_7f3a' });
  response.flushHeaders();
  await sleep(160);
  for (const text of answer.response.split(/(?<= )/)) {
    response.write(`event: delta\ndata: ${JSON.stringify({ text })}\n\n`);
    await sleep(60);
  }
  response.end(DONE);
}).listen(0, '127.0.0.1');
await new Promise((resolve) => server.once('listening', resolve));

const client = new TwigClient({
  apiKey: KEY,
  baseUrl: `http://127.0.0.1:${server.address().port}`,
  logLevel: 'off',
  instrumentation: twigTelemetry(),
});
await trace.getTracer('app').startActiveSpan('POST /api/chat', { kind: SpanKind.SERVER }, async (span) => {
  const stream = await client.query({ ...question, stream: true });
  await stream.finalResponse();
  await sleep(30);
  span.end();
});
while (recorder.spans('undici').length < 2) await sleep(5);
server.close();

const ms = ([seconds, nanos]) => seconds * 1000 + nanos / 1e6;
const spans = recorder.spans().sort((a, b) => ms(a.startTime) - ms(b.startTime));
const [root] = spans;
const call = spans.find(({ name }) => name === 'invoke_agent');
const from = ms(root.startTime);
const total = ms(root.endTime) - from;

const WIDTH = 920;
const LEFT = 250;
const SCALE = (WIDTH - LEFT - 90) / total;
const ROW = 34;
const TOP = 58;
const x = (time) => LEFT + (ms(time) - from) * SCALE;
const escaped = (text) => String(text).replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
const text = (at, y, content, more = '') =>
  `<text x="${at.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped(content)}</text>`;
const COLOURS = { twig: '#2f855a', undici: '#3182ce', app: '#718096' };
const kindOf = ({ instrumentationScope: { name } }) =>
  name.includes('twig') ? 'twig' : name.includes('undici') ? 'undici' : 'app';
const depthOf = (span) => (span === root ? 0 : span === call ? 1 : 2);

const parts = [];
for (let tick = 0; tick * 100 <= total; tick++) {
  const at = LEFT + tick * 100 * SCALE;
  const bottom = TOP + spans.length * ROW;
  parts.push(`<line x1="${at.toFixed(1)}" x2="${at.toFixed(1)}" y1="${TOP - 8}" y2="${bottom}" stroke="#e2e8f0"/>`);
  if (tick % 2 === 0) parts.push(text(at, TOP - 14, `${tick * 100} ms`, 'class="axis" text-anchor="middle"'));
}
for (const [index, span] of spans.entries()) {
  const y = TOP + index * ROW;
  const kind = kindOf(span);
  const [start, end] = [x(span.startTime), x(span.endTime)];
  const status = span.attributes['http.response.status_code'];
  const label = kind === 'undici' ? `${span.name} → ${status}` : span.name;
  parts.push(text(20 + depthOf(span) * 20, y + 19, label, kind === 'twig' ? 'font-weight="700"' : ''));
  const failed = kind === 'undici' && status >= 500;
  parts.push(
    `<rect x="${start.toFixed(1)}" y="${y + 5}" width="${(end - start).toFixed(1)}" height="20" rx="4" fill="${failed ? '#c53030' : COLOURS[kind]}"/>`,
  );
  parts.push(text(end + 6, y + 19, `${Math.round(ms(span.endTime) - ms(span.startTime))} ms`, 'class="axis"'));
}
const yCall = TOP + spans.indexOf(call) * ROW;
const mark = (at, name) => {
  parts.push(
    `<circle cx="${at.toFixed(1)}" cy="${yCall + 15}" r="5" fill="#fff" stroke="#1a202c" stroke-width="1.5"/>`,
  );
  parts.push(text(at + 9, yCall + 19, name, 'class="mark"'));
};
for (const event of call.events) mark(x(event.time), event.name);
const firstAt = call.attributes['gen_ai.response.time_to_first_chunk'] * 1000;
mark(x(call.startTime) + firstAt * SCALE, `first event, ${Math.round(firstAt)} ms`);

let y = TOP + spans.length * ROW + 30;
const list = [
  ...Object.entries(call.attributes).filter(([name]) => !name.startsWith('server.')),
  ...call.events.flatMap(({ name, attributes }) =>
    Object.entries(attributes).map(([key, value]) => [key.startsWith(name) ? key : `${name}: ${key}`, value]),
  ),
];
parts.push(text(20, y, 'invoke_agent', 'font-weight="700"'));
const lines = Math.ceil(list.length / 2);
for (const [index, [name, value]] of list.entries()) {
  const at = index < lines ? 20 : WIDTH / 2 + 10;
  const line = y + 22 + (index % lines) * 20;
  parts.push(text(at, line, name, 'class="name"'));
  parts.push(text(at + 262, line, typeof value === 'number' ? Number(value.toFixed(3)) : value, 'class="value"'));
}
y += 22 + lines * 20 + 4;
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" font-family="system-ui, sans-serif" font-size="13" fill="#1a202c" role="img" aria-label="A trace: a request of the application, in it invoke_agent, in it two HTTP requests, of which the first failed">
<style>.axis{font-size:11px;fill:#4a5568}.mark{font-size:11px;fill:#fff}.name{font-family:ui-monospace,monospace;font-size:11.5px;fill:#4a5568}.value{font-family:ui-monospace,monospace;font-size:11.5px;fill:#1a202c}</style>
<rect width="100%" height="100%" rx="8" fill="#fff"/>
${text(20, 26, 'A streamed answer, with a retry', 'font-weight="700" font-size="15"')}
${parts.join('\n')}
</svg>
`;
writeFileSync(new URL('../../../docs/images/trace.svg', import.meta.url), svg);
