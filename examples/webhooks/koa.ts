// Koa 3. `respond = false` leaves the answer to the handler.

import type { Server } from 'node:http';
import { toNodeHandler } from '@twig/sdk/webhooks';
import Koa from 'koa';
import { createHandler } from './events.ts';

export function start(secret: string, seen: (text: string) => void, port = 3000): Server {
  const handler = toNodeHandler(createHandler(secret, seen));
  const app = new Koa();
  app.use(async (context, next) => {
    if (context.path !== '/webhooks/twig') return next();
    context.respond = false;
    await handler(context.req, context.res);
  });
  app.use((context) => {
    context.body = 'The rest of the app.';
  });
  return app.listen(port);
}
