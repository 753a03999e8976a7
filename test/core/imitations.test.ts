/** Runtimes that have a `process` and no Node behind it: whatever throws when it is touched counts as not there. */

import { createHmac } from 'node:crypto';
import { TwigClient, TwigConfigError } from '@twig/sdk';
import { createWebhookHandler, Webhooks } from '@twig/sdk/webhooks';
import { afterEach, describe, expect, it, vi } from 'vitest';

const refuse = (): never => {
  throw new Error('A Node.js API is used which is not supported in the Edge Runtime.');
};
const throwing = (...names: string[]): object =>
  Object.defineProperties({}, Object.fromEntries(names.map((name) => [name, { get: refuse }])));

const imitations: Record<string, () => void> = {
  'a getBuiltinModule that throws': () => vi.stubGlobal('process', { env: {}, getBuiltinModule: refuse }),
  'a getter of getBuiltinModule that throws': () => vi.stubGlobal('process', throwing('getBuiltinModule')),
  'an environment and versions that throw': () => vi.stubGlobal('process', throwing('env', 'versions')),
  'variables that throw': () => vi.stubGlobal('process', { env: new Proxy({}, { get: refuse }) }),
  'a process that throws': () => Object.defineProperty(globalThis, 'process', { get: refuse, configurable: true }),
  'a crypto of Node without its functions': () => vi.stubGlobal('process', { getBuiltinModule: () => ({}) }),
  "functions of Node's crypto that throw when they are called": () =>
    vi.stubGlobal('process', { getBuiltinModule: () => ({ createHmac: refuse, timingSafeEqual: refuse }) }),
  'one of them that throws': () =>
    vi.stubGlobal('process', { getBuiltinModule: () => ({ createHmac, timingSafeEqual: refuse }) }),
  'no process': () => vi.stubGlobal('process', undefined),
};

const real = Object.getOwnPropertyDescriptor(globalThis, 'process') ?? {};
afterEach(() => void Object.defineProperty(globalThis, 'process', real));

describe.each(Object.entries(imitations))('with %s', (_, imitate) => {
  const body = '{"event":"agent.updated","timestamp":"2024-01-15T10:30:00Z","data":{"agent_id":"a"}}';

  it('a signed delivery is handled, and a forged one refused', async () => {
    imitate();
    const handler = createWebhookHandler({ secret: 's', fallback: () => {} });
    const signature = await new Webhooks({ secret: 's' }).sign(body);
    const deliver = (text: string): Promise<Response> =>
      handler(
        new Request('https://app.test', { method: 'POST', body: text, headers: { 'x-twig-signature': signature } }),
      );
    expect((await deliver(body)).status).toBe(200);
    expect((await deliver(`${body} `)).status).toBe(400);
  });

  it('a call is made', async () => {
    imitate();
    const fetch = async (): Promise<Response> => new Response('{"id":"a","name":"n"}');
    expect((await new TwigClient({ apiKey: 'twigsk_test_x', fetch }).agents.get('a')).name).toBe('n');
  });

  it('a page is a page', () => {
    imitate();
    vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' });
    expect(() => new TwigClient({ apiKey: 'twigsk_live_x' })).toThrow(TwigConfigError);
  });
});

describe.each(['navigator', 'location', 'crypto', 'performance'])('a %s that throws when it is touched', (name) => {
  it('counts as not there', async () => {
    const own = Object.getOwnPropertyDescriptor(globalThis, name);
    Object.defineProperty(globalThis, name, { get: refuse, configurable: true });
    try {
      const fetch = async (): Promise<Response> => new Response('{"response":"Yes","sources":[],"metadata":{}}');
      const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch });
      expect((await client.query({ agentId: 'a', query: 'q' })).response).toBe('Yes');
    } finally {
      if (own) Object.defineProperty(globalThis, name, own);
      else Reflect.deleteProperty(globalThis, name);
    }
  });
});

describe('what is there, and is none', () => {
  const fetch = async (): Promise<Response> => new Response('{"id":"a","name":"n"}');
  afterEach(() => vi.unstubAllGlobals());

  it.each([[''], ['/'], [null], ['nowhere'], [{}]])('an address of the page that is %j', async (href) => {
    vi.stubGlobal('location', { href });
    expect((await new TwigClient({ apiKey: 'twigsk_test_x', fetch }).agents.get('a')).name).toBe('n');
    expect(() => new TwigClient({ apiKey: 'twigsk_test_x', baseUrl: '/api' })).toThrow(TwigConfigError);
  });

  it('a userAgent that is no text', async () => {
    vi.stubGlobal('navigator', { userAgent: { toString: refuse } });
    expect((await new TwigClient({ apiKey: 'twigsk_test_x', fetch }).agents.get('a')).name).toBe('n');
  });
});
