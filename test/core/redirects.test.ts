/** The answers that redirect. (Where they may lead, on real sockets: test/sockets.) */

import { expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

it.each(['/elsewhere', 'https://other.example/'])(
  'closes the connection of an answer that redirects, followed or refused: to %s',
  async (location) => {
    let isCancelled = false;
    const cancel = (): void => {
      isCancelled = true;
    };
    const { client } = scriptedClient((_sent, index) =>
      index
        ? json({ id: 'a', name: 'n' })
        : new Response(new ReadableStream({ cancel }), { status: 302, headers: { location } }),
    );
    const call = client.agents.get('a');
    if (location.startsWith('/')) expect(await call).toMatchObject({ id: 'a' });
    else expect(await rejection(call)).toMatchObject({ code: 'connection_failed' });
    expect(isCancelled).toBe(true);
  },
);
