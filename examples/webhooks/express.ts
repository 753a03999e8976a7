// Express 5. The webhook comes before express.json(), so that its body is still raw.

import type { Server } from 'node:http';
import { toNodeHandler } from '@twig/sdk/webhooks';
import express from 'express';
import { createHandler } from './events.ts';

export function start(secret: string, seen: (text: string) => void, port = 3000): Server {
  const app = express();
  app.post('/webhooks/twig', toNodeHandler(createHandler(secret, seen)));
  app.use(express.json());
  app.get('/', (_request, response) => void response.send('The rest of the app.'));
  return app.listen(port);
}
