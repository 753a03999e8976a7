/** The key: where it comes from, what is refused, and when a function is asked for it. */

import { TwigClient, TwigConfigError, TwigError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it, vi } from 'vitest';
import { inTurn, json, rejection, type Sent, scriptedClient } from '../support/client.ts';

const agent = { id: 'a', name: 'x' };
const sentKey = (sent: Sent | undefined): string | undefined => sent?.init.headers.authorization;

describe('the key', () => {
  it('comes from the option, else from TWIG_API_KEY', async () => {
    vi.stubEnv('TWIG_API_KEY', 'twigsk_live_env');
    const own = scriptedClient(() => json(agent), { apiKey: 'any-format-at-all' });
    await own.client.agents.get('a');
    expect(sentKey(own.sent[0])).toBe('Bearer any-format-at-all');
    const env = scriptedClient(() => json(agent), { apiKey: undefined });
    await env.client.agents.get('a');
    expect(sentKey(env.sent[0])).toBe('Bearer twigsk_live_env');
  });

  it.each([
    ['that is missing', {}],
    ['that is undefined', { apiKey: undefined }],
    ['of a function that gives nothing', { apiKey: () => undefined }],
    ['of a function that gives an empty text', { apiKey: () => '' }],
    ['of a function that gives null', { apiKey: (() => null) as never }],
    ['of a function that promises nothing', { apiKey: async () => undefined }],
    ['of a variable that is not set', { apiKey: () => process.env.NOT_SET }],
  ])(
    '%s makes a client, and rejects every call: option and variable are named, nothing is sent',
    async (_name, options) => {
      for (const value of [undefined, '']) {
        vi.stubEnv('TWIG_API_KEY', value);
        const { client, sent } = scriptedClient(() => json(agent), { apiKey: undefined, ...options });
        expect(client.environment).toBe('unknown');
        const calls = [
          client.agents.get('a'),
          client.agents.list(),
          client.agents.list().toArray({ limit: 1 }),
          client.query({ agentId: 'a', query: 'q', stream: true }),
          client.agents.get('a').asResponse(),
          client.dataSources.waitUntilReady('ds_1'),
          client.withOptions({ maxRetries: 0 }).request('POST', '/x'),
        ];
        for (const call of calls) {
          const error = await rejection(call);
          expect(error).toBeInstanceOf(TwigConfigError);
          expect((error as Error).message).toMatch(/no key.*apiKey.*TWIG_API_KEY/i);
        }
        expect(sent).toHaveLength(0);
      }
    },
  );

  it('that comes into the environment after the client was made is found', async () => {
    vi.stubEnv('TWIG_API_KEY', undefined);
    const { client, sent } = scriptedClient(() => json(agent), { apiKey: undefined });
    expect(await rejection(client.agents.get('a'))).toMatchObject({ code: 'missing_api_key' });
    vi.stubEnv('TWIG_API_KEY', 'twigsk_live_late');
    await client.agents.get('a');
    expect(sent.map(sentKey)).toEqual(['Bearer twigsk_live_late']);
    vi.stubEnv('TWIG_API_KEY', 'with space');
    expect(await rejection(client.agents.get('a'))).toMatchObject({ code: 'invalid_config' });
  });

  it("that is missing is no matter where the Authorization is the caller's", async () => {
    vi.stubEnv('TWIG_API_KEY', undefined);
    const headers = { authorization: 'Bearer of-mine' };
    const { client, sent } = scriptedClient(() => json(agent), { apiKey: undefined, headers });
    await client.agents.get('a');
    expect(sent.map(sentKey)).toEqual(['Bearer of-mine']);
  });

  it('and the secret of webhooks may both be missing when the module is imported', async () => {
    vi.stubEnv('TWIG_API_KEY', undefined);
    vi.stubEnv('TWIG_WEBHOOK_SECRET', undefined);
    const { client } = scriptedClient(() => json(agent), { apiKey: undefined });
    const error = await rejection(client.webhooks.verify('{}', 'sha256=00'));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect((error as Error).message).toMatch(/secret.*TWIG_WEBHOOK_SECRET/);
  });

  it.each(['', ' ', 'with space', ' lead', 'trail\n', 'tab\tbed', 'nul\u0000', 'schlüssel', 'c1\u0085'])(
    '%j is refused and not printed',
    (apiKey) => {
      for (const source of ['option', 'environment']) {
        if (source === 'environment' && (apiKey === '' || apiKey.includes('\u0000'))) continue;
        if (source === 'environment') vi.stubEnv('TWIG_API_KEY', apiKey);
        let error: unknown;
        try {
          new TwigClient(source === 'option' ? { apiKey } : {});
        } catch (thrown) {
          error = thrown;
        }
        expect(error).toBeInstanceOf(TwigConfigError);
        if (apiKey.trim()) expect(JSON.stringify(error)).not.toContain(apiKey.trim());
      }
    },
  );

  it('of another type is refused', () => {
    for (const apiKey of [7, {}, true])
      expect(() => new TwigClient({ apiKey: apiKey as never })).toThrow(TwigConfigError);
  });

  it('null sends no Authorization', async () => {
    vi.stubEnv('TWIG_API_KEY', 'twigsk_live_env');
    const { client, sent } = scriptedClient(() => json(agent), { apiKey: null });
    await client.agents.get('a');
    expect(sent[0]?.init.headers).not.toHaveProperty('authorization');
  });

  it('tells the environment, whatever its prefix', () => {
    const environmentOf = (apiKey: string | null | (() => string)) => new TwigClient({ apiKey }).environment;
    expect(environmentOf('twigsk_live_1')).toBe('live');
    expect(environmentOf('sk_test_1')).toBe('test');
    expect(environmentOf('7d1f0b7c-0000-4000-8000-000000000000')).toBe('unknown');
    expect(environmentOf(() => 'twigsk_live_1')).toBe('unknown');
    expect(environmentOf(null)).toBe('unknown');
  });
});

describe('a function that gives the key', () => {
  it('is asked for each attempt, so that a rotated key is used at once', async () => {
    const clock = createTestClock();
    let count = 0;
    const apiKey = async () => `key-number-${++count}`;
    const script = inTurn(
      () => json({}, 503),
      () => json(agent),
    );
    const { client, sent } = scriptedClient(script, { clock, apiKey });
    const done = client.agents.get('a');
    await clock.advance(1000);
    await done;
    expect(sent.map(sentKey)).toEqual(['Bearer key-number-1', 'Bearer key-number-2']);
  });

  it('is not asked when the caller gives an Authorization, or removes it', async () => {
    const apiKey = vi.fn(() => 'key-number-1');
    const { client, sent } = scriptedClient(() => json(agent), { apiKey });
    await client.agents.get('a', { headers: { Authorization: 'Basic x' } });
    await client.agents.get('a', { headers: { authorization: null } });
    expect(sent.map(sentKey)).toEqual(['Basic x', undefined]);
    expect(apiKey).not.toHaveBeenCalled();
  });

  it('that throws or rejects ends the call with a config error and its cause; nothing is sent or retried', async () => {
    const cause = new Error('the vault is closed');
    for (const apiKey of [
      () => {
        throw cause;
      },
      () => Promise.reject(cause),
    ]) {
      const asked = vi.fn<() => string | Promise<string>>(apiKey);
      const { client, sent } = scriptedClient(() => json(agent), { apiKey: asked });
      const error = await rejection(client.agents.get('a'));
      expect(error).toBeInstanceOf(TwigConfigError);
      expect(error).toMatchObject({ cause });
      expect(asked).toHaveBeenCalledOnce();
      expect(sent).toHaveLength(0);
    }
  });

  it('may reject with an error of this package, which comes as it is', async () => {
    const own = new TwigError('no licence');
    const { client } = scriptedClient(() => json(agent), { apiKey: () => Promise.reject(own) });
    expect(await rejection(client.agents.get('a'))).toBe(own);
  });

  it.each(['', 'a b', 'a\r\nx-admin: 1', undefined, 7])('that gives %j is refused', async (value) => {
    const { client, sent } = scriptedClient(() => json(agent), { apiKey: () => value as string });
    expect(await rejection(client.agents.get('a'))).toBeInstanceOf(TwigConfigError);
    expect(sent).toHaveLength(0);
  });
});

describe('in a browser', () => {
  const browser = () => {
    vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (X11; Linux) Firefox/140.0' });
    vi.stubGlobal('process', undefined);
    vi.stubGlobal('location', { href: 'https://shop.example/help/page' });
  };

  it('a secret key is refused, and the proxy is named as the way to do it', () => {
    browser();
    for (const apiKey of ['twigsk_live_1', () => 'twigsk_live_1']) {
      let error: unknown;
      try {
        new TwigClient({ apiKey });
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toBeInstanceOf(TwigConfigError);
      expect((error as TwigConfigError).hint).toContain('@twig/sdk/proxy');
    }
  });

  it('a client without any is made, and its calls name the proxy; a variable that a bundler imitates is no key', async () => {
    browser();
    const { client, sent } = scriptedClient(() => json(agent), { apiKey: undefined });
    vi.stubGlobal('process', { env: { TWIG_API_KEY: 'twigsk_live_1' } });
    const error = await rejection(client.agents.get('a'));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect((error as Error).message).toMatch(/@twig\/sdk\/proxy.*apiKey.*TWIG_API_KEY/);
    expect(sent).toHaveLength(0);
    expect(() => new TwigClient()).toThrow(TwigConfigError);
  });

  it('dangerouslyAllowBrowser lets it through', () => {
    browser();
    expect(new TwigClient({ apiKey: 'twigsk_test_1', dangerouslyAllowBrowser: true }).environment).toBe('test');
  });

  it('a client without a key talks to a relative proxy, and sends no User-Agent', async () => {
    browser();
    const { client, sent } = scriptedClient(() => json({ response: 'yes' }), { apiKey: null, baseUrl: '/api/twig' });
    await client.query({ agentId: 'a', query: 'q' });
    expect(sent[0]?.url).toBe('https://shop.example/api/twig/api/v1/query');
    expect(sent[0]?.init.headers).not.toHaveProperty('user-agent');
    expect(sent[0]?.init.redirect).toBe('follow');
  });

  it.each<[string, () => void]>([
    ['jsdom in Node', () => vi.stubGlobal('navigator', { userAgent: 'Mozilla/5.0 (linux) jsdom/26' })],
    [
      'Cloudflare Workers',
      () => {
        vi.stubGlobal('process', undefined);
        vi.stubGlobal('navigator', { userAgent: 'Cloudflare-Workers' });
      },
    ],
    [
      'React Native',
      () => {
        vi.stubGlobal('process', { env: {} });
        vi.stubGlobal('navigator', { product: 'ReactNative' });
      },
    ],
    [
      'a runtime without navigator and process',
      () => {
        vi.stubGlobal('process', undefined);
        vi.stubGlobal('navigator', undefined);
      },
    ],
    [
      'Deno that may not read the environment',
      () => {
        const env = new Proxy(
          {},
          {
            get() {
              throw new Error('NotCapable');
            },
          },
        );
        vi.stubGlobal('process', { env });
        vi.stubGlobal('navigator', { userAgent: 'Deno/2.0' });
      },
    ],
  ])('%s is none', (_name, stub) => {
    stub();
    expect(new TwigClient({ apiKey: 'twigsk_live_1' }).environment).toBe('live');
  });
});
