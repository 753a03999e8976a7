// Plain node:http.

import { createServer, type Server } from 'node:http';
import { toNodeHandler } from '@twig/sdk/webhooks';
import { createHandler } from './events.ts';

export const start = (secret: string, seen: (text: string) => void, port = 3000): Server =>
  createServer(toNodeHandler(createHandler(secret, seen))).listen(port);
