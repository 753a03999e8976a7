/** Options that nobody knows: told once, with the name that was meant. */

import { TwigClient, type TwigClientOptions, TwigConfigError } from '@twig/sdk';
import { describe, expect, it, vi } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

const agent = { id: 'a', name: 'x', status: 'active', agents: [], response: '' };

/** A client and the warnings that it wrote. */
function warnedClient(options: object = {}, logLevel: TwigClientOptions['logLevel'] = 'warn') {
  const warnings: string[] = [];
  const logger = { error: vi.fn(), warn: (line: string) => void warnings.push(line), info: vi.fn(), debug: vi.fn() };
  return {
    ...scriptedClient(() => json(agent), { responseValidation: 'off', logger, logLevel, ...options }),
    warnings,
  };
}

describe('an unknown option of a client', () => {
  it.each([
    ['timeout', 'timeoutMs'],
    ['retries', 'maxRetries'],
    ['baseURL', 'baseUrl'],
    ['defaultHeaders', 'headers'],
    ['api_key', 'apiKey'],
    ['limiter', 'rateLimiter'],
    ['log_level', 'logLevel'],
    ['dangerouslyAllowBrowsers', 'dangerouslyAllowBrowser'],
  ])('%s is told, and %s named, when the client is made', (name, nearest) => {
    const { warnings } = warnedClient({ [name]: 5 });
    expect(warnings).toEqual([`[twig] client option ${name} is unknown: did you mean ${nearest}?`]);
  });

  it('is told by withOptions too, and once by all that come of one client', async () => {
    const { client, warnings } = warnedClient({ timeout: 5 });
    const other = client.withOptions({ retries: 1 } as object);
    other.withOptions({ retries: 2, timeout: 6 } as object);
    await other.agents.get('a');
    expect(warnings).toEqual([
      '[twig] client option timeout is unknown: did you mean timeoutMs?',
      '[twig] client option retries is unknown: did you mean maxRetries?',
    ]);
  });

  it('is told of a hook as well', () => {
    const { warnings } = warnedClient({ hooks: { onrequest: () => {}, onRetries: () => {}, onError: () => {} } });
    expect(warnings).toEqual([
      '[twig] hook onrequest is unknown: did you mean onRequest?',
      '[twig] hook onRetries is unknown: did you mean onRetry?',
    ]);
  });

  it('that belongs to calls is told so', () => {
    expect(warnedClient({ idempotencyKey: 'x' }).warnings).toEqual([
      '[twig] client option idempotencyKey is unknown: it is an option of each call.',
    ]);
  });

  it('that is a hook is told so', () => {
    expect(warnedClient({ onRetry: () => {} }).warnings).toEqual([
      '[twig] client option onRetry is unknown: it is a hook: give it in hooks.',
    ]);
  });

  it('sets nothing', async () => {
    const { client } = warnedClient({ log: 'x', shared: 'x', followRedirects: 'x' });
    expect(await client.agents.get('a')).toMatchObject({ id: 'a' });
  });

  it('is not told below the level of warnings, nor by a console that nobody has', () => {
    expect(warnedClient({ timeout: 5 }, 'error').warnings).toEqual([]);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    new TwigClient({ apiKey: 'x', timeout: 5 } as TwigClientOptions);
    expect(warn).toHaveBeenCalledExactlyOnceWith('[twig] client option timeout is unknown: did you mean timeoutMs?');
  });
});

it.each(['twigsk_test_x', null, 5])('options that are no object are refused: %o', (options) => {
  expect(() => new TwigClient(options as never)).toThrow(TwigConfigError);
});

describe('an unknown option of a call', () => {
  const calls: [string, (client: TwigClient, options: object) => unknown][] = [
    ['get', (client, options) => client.agents.get('a', options)],
    ['list', (client, options) => client.agents.list({}, options)],
    ['pages', (client, options) => client.agents.list({}, options).pages().next()],
    ['toArray', (client, options) => client.agents.list({}, options).toArray({ limit: 1 })],
    ['create', (client, options) => client.agents.create({ name: 'a', dataSourceIds: [] }, options)],
    ['delete', (client, options) => client.agents.delete('a', options)],
    ['query', (client, options) => client.query({ agentId: 'a', query: 'q' }, options)],
    ['semanticSearch', (client, options) => client.semanticSearch({ query: 'q', orgId: 'o' }, options)],
    ['request', (client, options) => client.request('GET', '/x', options)],
  ];

  it.each(calls)('of %s is told once, however often it is given', async (_name, call) => {
    const { client, warnings, sent } = warnedClient();
    await call(client, { timeout: 5, singal: undefined });
    await call(client, { timeout: 5 });
    await call(client.withOptions({ maxRetries: 1 }), { timeout: 5 });
    expect(warnings).toEqual([
      '[twig] call option timeout is unknown: did you mean timeoutMs?',
      '[twig] call option singal is unknown: did you mean signal?',
    ]);
    expect(sent).toHaveLength(3);
  });

  it('of request() may be meant for one of its own', async () => {
    const { client, warnings } = warnedClient();
    await client.request('GET', '/x', { querry: { a: 1 } } as object);
    await client.request('GET', '/x', { query: { a: 1 }, scope: 'admin' });
    expect(warnings).toEqual(['[twig] call option querry is unknown: did you mean query?']);
  });

  it('of waitUntilReady may be meant for one of its own', async () => {
    const { client, warnings } = warnedClient();
    await client.dataSources.waitUntilReady('ds_1', { pollInterval: 5, timeout: 5, onProgres: () => {} } as object);
    expect(warnings).toEqual([
      '[twig] waitUntilReady option pollInterval is unknown: did you mean pollIntervalMs?',
      '[twig] waitUntilReady option timeout is unknown: did you mean timeoutMs?',
      '[twig] waitUntilReady option onProgres is unknown: did you mean onProgress?',
    ]);
  });

  it('that belongs to the client is told so, and does not stand before what the client was given', async () => {
    const { client, warnings, sent } = warnedClient();
    const stranger = vi.fn();
    await client.agents.get('a', { fetch: stranger, apiKey: 'other-key', baseUrl: 'https://evil.example' } as object);
    expect(stranger).not.toHaveBeenCalled();
    expect(sent[0]?.url).toBe('https://api.twig.so/api/v1/agents/a');
    expect(sent[0]?.init.headers.authorization).toBe('Bearer twigsk_test_0123456789');
    expect(warnings).toEqual(
      ['fetch', 'apiKey', 'baseUrl'].map(
        (name) => `[twig] call option ${name} is unknown: it is an option of the client: see withOptions().`,
      ),
    );
  });

  it.each<[string, (client: TwigClient, options: object) => unknown]>([
    ['query', (client, options) => client.query({ agentId: 'a', query: 'q', ...options })],
    ['list', (client, options) => client.agents.list({ ...options, limit: 1 })],
    ['create', (client, options) => client.agents.create({ name: 'a', dataSourceIds: [], ...options })],
  ])('is told where it stands among the parameters of %s', async (_name, call) => {
    const { client, warnings } = warnedClient();
    await call(client, { timeoutMs: 5 });
    await call(client, { timeoutMs: 5 });
    expect(warnings).toEqual(['[twig] parameter timeoutMs is unknown: it is an option of each call.']);
  });

  it('that is a parameter is told so', async () => {
    const { client, warnings } = warnedClient();
    await client.query({ agentId: 'a', query: 'q' }, { stream: true } as object);
    expect(warnings).toEqual(['[twig] call option stream is unknown: it is a parameter of query().']);
  });

  it('may have any name among what request() sends', async () => {
    const { client, warnings } = warnedClient();
    await client.request('POST', '/x', { body: { headers: {}, timeoutMs: 5 }, query: { signal: 'x' } });
    expect(warnings).toEqual([]);
  });

  it('is told of a call that fails, too', async () => {
    const { client, warnings } = warnedClient();
    await rejection(client.agents.get('', { timeout: 5 } as object));
    expect(warnings).toHaveLength(1);
  });

  it('is none that is known', async () => {
    const { client, warnings } = warnedClient({ timeoutMs: 5000, clock: undefined, allowInsecureHttp: false });
    const { signal } = new AbortController();
    await client.agents.get('a', { signal, timeoutMs: 5000, maxRetries: 1, headers: {}, priority: 'high' });
    await client.agents.get('a', { deadlineMs: 5000, retryAmbiguous: true, idempotencyKey: 'x', fetchOptions: {} });
    await client.agents.list({ limit: 1, page: 2 } as object);
    expect(warnings).toEqual([]);
  });
});
