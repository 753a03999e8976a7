/** A proxy in front of the mock of the API, and a page's client whose requests go straight to it. */

import { TwigClient } from '@twig/sdk';
import { createTwigProxy, type TwigProxyOptions } from '@twig/sdk/proxy';
import { createTwigMock, type TwigMock } from '@twig/sdk/testing';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export const KEY = 'twigsk_test_the_secret_key';
export const grant = { agentIds: ['agent_abc123'] };
export const question = { agentId: 'agent_abc123', query: 'What is your refund policy?' };
export const everything: TwigProxyOptions['operations'] = ['query', 'semanticSearch', 'submitFeedback'];

/** The client that holds the key. */
export const upstream = new TwigClient({ apiKey: KEY, maxRetries: 0, logLevel: 'off' });

/** Serves the mock to the tests of a file, fresh for each. */
export function serveMock(): TwigMock {
  const twig = createTwigMock({ rateLimits: false });
  const server = setupServer(...twig.handlers);
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
  beforeEach(() => twig.reset());
  afterAll(() => server.close());
  return twig;
}

/** A proxy, a client that uses it, and the errors that `onError` was told of. */
export function page(options: Partial<TwigProxyOptions> = {}, headers: Record<string, string> = {}) {
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const handler = createTwigProxy({ client: upstream, authorize: () => grant, onError, ...options });
  const proxy = (request: Request): Promise<Response> => handler(request) as Promise<Response>;
  const client = new TwigClient({
    apiKey: null,
    baseUrl: 'https://app.test/api/twig',
    maxRetries: 0,
    logLevel: 'off',
    headers,
    fetch: (url, init) => proxy(new Request(url, init as RequestInit)),
  });
  return { proxy, client, errors };
}

/** A request as a page's client sends it. */
export const post = (path: string, body: BodyInit | null, init: RequestInit = {}): Request =>
  new Request(`https://app.test/api/twig${path}`, { method: 'POST', body, ...init });

/** A question in the shape of the wire. */
export const asked = (body: Record<string, unknown> = {}, headers: Record<string, string> = {}): Request =>
  post('/api/v1/query', JSON.stringify({ agent_id: 'agent_abc123', query: 'What is it?', ...body }), { headers });
