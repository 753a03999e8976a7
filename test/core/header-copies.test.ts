/** When the headers of a response are copied, and what is shown of them. */

import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient, sse } from '../support/client.ts';

const KEY = 'twigsk_test_0123456789';

/** An answer that counts how often all of its headers are gone over. */
function counting(response: Response) {
  const counts = { walks: 0 };
  class Counted extends Headers {
    override [Symbol.iterator]() {
      counts.walks++;
      return super[Symbol.iterator]();
    }
    override entries() {
      counts.walks++;
      return super.entries();
    }
    override forEach(visit: (value: string, key: string, parent: Headers) => void) {
      counts.walks++;
      super.forEach(visit);
    }
  }
  const headers = new Counted({ ...Object.fromEntries(response.headers), 'x-echo': KEY, 'x-request-id': 'req_1' });
  return { response: Object.defineProperty(response, 'headers', { value: headers }), counts };
}

describe('the headers of a response', () => {
  it('are not gone over for a call of which only the data is asked', async () => {
    const { response, counts } = counting(json({ id: 'a', name: 'x' }));
    await scriptedClient(() => response).client.agents.get('a');
    expect(counts.walks).toBe(0);
  });

  it('are plain data without the key wherever they are shown', async () => {
    const metas: object[] = [];
    const ask = (response: Response) => scriptedClient(() => counting(response).response, { maxRetries: 0 }).client;
    metas.push(
      (
        await ask(json({ id: 'a', name: 'x' }))
          .agents.get('a')
          .withResponse()
      ).meta,
    );
    metas.push((await ask(json({ agents: [] })).agents.list()).meta);
    metas.push((await ask(sse('event: done\ndata: {}\n\n')).query({ agentId: 'a', query: 'q', stream: true })).meta);
    for (const body of [json({ error: { code: 'c' } }, 404), json('no object')]) {
      const error = await rejection(ask(body).agents.get('a'));
      metas.push((error as { meta: object }).meta);
    }
    for (const meta of metas) {
      const { value } = Object.getOwnPropertyDescriptor(meta, 'headers') ?? {};
      expect(value.get('x-echo')).toBe('[redacted]');
      expect(meta).toMatchObject({ requestId: 'req_1' });
    }
  });
});
