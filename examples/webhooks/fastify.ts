// Fastify 5. In a scope of its own, where bodies stay unread; the rest of the app keeps its parsers.

import type { Server } from 'node:http';
import { toNodeHandler } from '@twig/sdk/webhooks';
import Fastify from 'fastify';
import { createHandler } from './events.ts';

export async function start(secret: string, seen: (text: string) => void, port = 3000): Promise<Server> {
  const app = Fastify();
  const handler = toNodeHandler(createHandler(secret, seen));
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, done) => done(null));
    scope.post('/webhooks/twig', async (request, reply) => {
      reply.hijack();
      await handler(request.raw, reply.raw);
    });
  });
  app.get('/', async () => 'The rest of the app.');
  await app.listen({ port, host: '127.0.0.1' });
  return app.server;
}
