// A server on loopback, in a process of its own: what it costs is not counted to the clients, nor what it holds.

import { fork } from 'node:child_process';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { HEADERS, OBJECT } from './clients.mjs';
import { eventBytes } from './streams.mjs';

const file = fileURLToPath(import.meta.url);

/** Starts it; it answers after `delayMs`. `end` stops it. */
export async function startServer({ delayMs = 0 } = {}) {
  const child = fork(file, [String(delayMs)], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const port = await new Promise((resolve) => child.once('message', resolve));
  return { url: `http://127.0.0.1:${port}`, end: () => child.kill() };
}

/** What a path of the form `/|open|<client>|…` asks for: one event, and then nothing. */
function open(response, name) {
  response.write(eventBytes(name, 'The first words'));
}

/** `/|fast|<client>|<megabytes>|<bytes>|…`: as many events of that size as fit, as fast as they are taken. */
function fast(response, name, megabytes, bytes) {
  const event = eventBytes(name, 'x'.repeat(Number(bytes)));
  let left = (Number(megabytes) * 2 ** 20) / event.length;
  const more = () => {
    while (left-- > 0) if (!response.write(event)) return void response.once('drain', more);
    response.end();
  };
  more();
}

if (process.argv[1] === file) {
  const body = JSON.stringify(OBJECT);
  const delayMs = Number(process.argv[2]);
  const server = createServer((request, response) => {
    request.resume();
    const [, kind, name, ...numbers] = decodeURIComponent(request.url).split('|');
    const answer = () => response.writeHead(200, HEADERS).end(body);
    if (!kind) return void (delayMs ? setTimeout(answer, delayMs) : answer());
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (kind === 'open') open(response, name);
    else fast(response, name, ...numbers);
  });
  // A connection that waits for its turn is not closed.
  server.keepAliveTimeout = 0;
  server.listen(0, '127.0.0.1', 5000, () => process.send(server.address().port));
  process.once('disconnect', () => process.exit());
}
