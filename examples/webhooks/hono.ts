// Hono: the handler takes its Request as it is. The same app runs on Bun, Deno and Workers.

import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { createHandler } from './events.ts';

export function start(secret: string, seen: (text: string) => void, port = 3000): Server {
  const handler = createHandler(secret, seen);
  const app = new Hono();
  app.post('/webhooks/twig', async (context) => (await handler(context.req.raw)) as Response);
  app.get('/', (context) => context.text('The rest of the app.'));
  return serve({ fetch: app.fetch, port, hostname: '127.0.0.1' }) as Server;
}
