/** The mock as a server inside the test's process. */

import { createTwigMock } from '@twig/sdk/testing';
import { startTwigServer, type TwigServer, type TwigServerOptions } from '@twig/sdk/testing/server';
import { afterEach, describe, expect, it } from 'vitest';

const running: TwigServer[] = [];
afterEach(async () => {
  for (const server of running.splice(0)) await server.close();
});

async function start(options?: TwigServerOptions): Promise<TwigServer> {
  const server = await startTwigServer(options);
  running.push(server);
  return server;
}

const list = async ({ url }: TwigServer): Promise<Response> =>
  fetch(`${url}/api/v1/agents`, { headers: { authorization: 'Bearer twigsk_test_x' } });

describe('startTwigServer', () => {
  it('listens on a free port that this machine alone can reach', async () => {
    const server = await start();
    expect(server.port).toBeGreaterThan(0);
    expect(server.url).toBe(`http://127.0.0.1:${server.port}`);
    expect((await list(server)).status).toBe(200);
  });

  it('takes the mock’s options', async () => {
    const server = await start({ seed: { agents: [{ id: 'agent_mine' }] }, rateLimits: false });
    const response = await list(server);
    expect(await response.json()).toMatchObject({ agents: [{ id: 'agent_mine' }], total: 1 });
    expect(response.headers.has('x-ratelimit-limit')).toBe(false);
    expect(server.mock.requests).toMatchObject([{ operation: 'agents.list', url: `${server.url}/api/v1/agents` }]);
  });

  it('serves a mock that is there already', async () => {
    const mock = createTwigMock();
    const server = await start({ mock });
    expect(server.mock).toBe(mock);
    await list(server);
    expect(mock.requests).toHaveLength(1);
  });

  it('writes an address of version 6 as a URL', async () => {
    const server = await start({ host: '::1' });
    expect(server.url).toBe(`http://[::1]:${server.port}`);
  });

  it('answers the documented 404 outside the API', async () => {
    const { url } = await start();
    const response = await fetch(`${url}/health`);
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({
      error: { code: 'not_found', message: 'There is no endpoint GET /health' },
      request_id: expect.stringMatching(/^req_/),
    });
  });

  it('is refused a port that is taken, with what to do', async () => {
    const { port } = await start();
    await expect(start({ port })).rejects.toThrow(
      `The port ${port} on 127.0.0.1 is taken by another program (listen EADDRINUSE: address already in use 127.0.0.1:${port}). Choose another one, or 0 for any that is free (twig-mock --port 0).`,
    );
  });

  it.each([
    [
      '203.0.113.1',
      /^The host 203\.0\.113\.1 is no address of this machine \(.*EADDRNOTAVAIL.*\)\. Choose 127\.0\.0\.1/,
    ],
    ['nowhere.invalid', /^The host nowhere\.invalid does not resolve \(.*nowhere\.invalid\)\. Choose 127\.0\.0\.1/],
  ])('is refused the host %s, with what to do', async (host, message) => {
    await expect(start({ host })).rejects.toThrow(message);
  });

  it('listens no more when it is closed, and gives its port back', async () => {
    const server = await startTwigServer();
    await list(server);
    await server.close();
    await expect(list(server)).rejects.toThrow('fetch failed');
    expect((await start({ port: server.port })).port).toBe(server.port);
  });
});
