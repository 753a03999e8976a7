// An API with a token bucket, as the reference describes it, in this process.

import { once } from 'node:events';
import { createServer } from 'node:http';

/** Starts it. `counts` says what it allowed and refused, and when it was first and last asked. */
export async function startApi({ perMinute, burst, answerMs: [least, most] }) {
  const msPerToken = 60_000 / perMinute;
  const counts = { allowed: 0, refused: 0, firstAt: undefined, lastAt: 0, refusedAt: [] };
  let tokens = burst;
  let at = performance.now();
  const server = createServer((request, response) => {
    const now = performance.now();
    tokens = Math.min(burst, tokens + (now - at) / msPerToken);
    at = now;
    counts.firstAt ??= now;
    counts.lastAt = now;
    const isAllowed = tokens >= 1;
    if (isAllowed) tokens--;
    counts[isAllowed ? 'allowed' : 'refused']++;
    if (!isAllowed) counts.refusedAt.push(Math.round(now - counts.firstAt));
    const headers = {
      'content-type': 'application/json',
      'x-ratelimit-limit': String(perMinute),
      'x-ratelimit-remaining': String(Math.floor(tokens)),
      'x-ratelimit-reset': String(Math.ceil((Date.now() + Math.max(0, 1 - tokens) * msPerToken) / 1000)),
    };
    request.resume();
    setTimeout(
      () => {
        response.writeHead(isAllowed ? 200 : 429, headers);
        response.end(isAllowed ? '{"ok":true}' : '{"error":{"code":"rate_limited","message":"slow down"}}');
      },
      least + Math.random() * (most - least),
    );
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    counts,
    /** How much of what it could have allowed it did. */
    used: () => counts.allowed / (burst + (counts.lastAt - counts.firstAt) / msPerToken),
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
