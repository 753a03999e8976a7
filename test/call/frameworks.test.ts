/** What frameworks make of a call that is handed to them as it is. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TwigNotFoundError } from '@twig/sdk';
import express, { type NextFunction, type Request, type Response } from 'express';
import { expect, it } from 'vitest';
import { json, scriptedClient } from '../support/client.ts';
import { leftBehind } from '../support/no-leaks.ts';

it('Express 5 tells its error handler of the failure of a call that a handler gives back, and deprecates nothing', async () => {
  const deprecated: unknown[] = [];
  const note = (warning: unknown): void => void deprecated.push(warning);
  // Node's types do not know the event of depd, which Express uses.
  (process as NodeJS.EventEmitter).on('deprecation', note);
  const { client } = scriptedClient(() => json({ error: { code: 'gone', message: 'Gone' } }, 404));
  const told: unknown[] = [];
  const app = express();
  app.get('/', () => client.agents.get('a'));
  app.get('/list', () => client.agents.list());
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    told.push(error);
    response.status(502).end();
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  try {
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    for (const path of ['/', '/list']) expect((await fetch(`http://127.0.0.1:${port}${path}`)).status).toBe(502);
  } finally {
    server.close();
    process.off('deprecation', note);
  }
  expect(told).toEqual([expect.any(TwigNotFoundError), expect.any(TwigNotFoundError)]);
  expect(deprecated).toEqual([]);
  expect(await leftBehind()).toEqual([]);
});
