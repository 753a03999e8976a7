/** `twig.handlers` as MSW uses them, and as a version of MSW would that they are not made for. */

import { createTestClock, createTwigMock, faults } from '@twig/sdk/testing';
import { getResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';

const headers = { authorization: 'Bearer twigsk_test_x' };
const get = (url: string) => new Request(url, { headers });

/** What MSW sees of a handler. */
interface Handler {
  kind: string;
  run(run: unknown): Promise<{ request: Request; response: Response } | null>;
  log(logged: { request: Request; response: Response }): void;
}
const handlerOf = (twig = createTwigMock()): Handler => twig.handlers[0] as unknown as Handler;

describe('the handler', () => {
  it.each([
    ['https://api.twig.so/', 404],
    ['https://api.twig.so/api/v1/agents', 200],
    ['http://localhost:3000/twig/api/v1/agents', 200],
    ['http://localhost:3000/agents', undefined],
    ['https://app.example.com/api/v2/agents', undefined],
  ])('%s is answered %s', async (url, status) => {
    expect((await getResponse(createTwigMock().handlers, get(url)))?.status).toBe(status);
  });

  it('leaves the request to be read by who listens to events', async () => {
    const request = new Request('https://api.twig.so/api/v1/agents', { method: 'POST', headers, body: '{"name":"N"}' });
    const result = await handlerOf().run({ request });
    expect(await result?.request.text()).toBe('{"name":"N"}');
  });

  it('lets the page give up a body whose copy was logged', async () => {
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    const clock = createTestClock();
    const twig = createTwigMock({ clock });
    twig.faults.next('query', faults.slowStream());
    const body = JSON.stringify({ agent_id: 'agent_abc123', query: 'What is pricing?', stream: true });
    const request = new Request('https://api.twig.so/api/v1/query', { method: 'POST', headers, body });
    const result = await handlerOf(twig).run({ request });
    const copy = result?.response.clone();
    if (copy) handlerOf(twig).log({ request, response: copy });
    const reader = result?.response.body?.getReader();
    void reader?.read();
    await expect.poll(() => clock.pending).toBe(1);
    void reader?.cancel();
    await expect.poll(() => clock.pending).toBe(0);
    expect(log).toHaveBeenCalledWith('[MSW] POST https://api.twig.so/api/v1/query (200)');
  });

  it.each([
    ['msw 1', [get('https://api.twig.so/api/v1/agents')]],
    ['a version to come', []],
  ])('called by %s it says which versions it is for', async (_, [run]) => {
    await expect(handlerOf().run(run)).rejects.toThrow(
      /^twig\.handlers are for msw 2 and 3, and this is another version/,
    );
  });
});
