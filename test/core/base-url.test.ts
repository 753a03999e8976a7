/** Where requests go. */

import { TwigClient, TwigConfigError } from '@twig/sdk';
import { describe, expect, it, vi } from 'vitest';
import { json, scriptedClient } from '../support/client.ts';

const baseUrlOf = (baseUrl?: string, allowInsecureHttp?: boolean): string =>
  new TwigClient({ apiKey: 'twigsk_test_1', baseUrl, allowInsecureHttp }).baseUrl;

describe('the base URL', () => {
  it('comes from the option, then from TWIG_BASE_URL, then it is the documented one', () => {
    expect(baseUrlOf()).toBe('https://api.twig.so');
    vi.stubEnv('TWIG_BASE_URL', 'https://eu.twig.example');
    expect(baseUrlOf()).toBe('https://eu.twig.example');
    expect(baseUrlOf('https://own.example')).toBe('https://own.example');
    vi.stubEnv('TWIG_BASE_URL', '');
    expect(baseUrlOf()).toBe('https://api.twig.so');
  });

  it.each([
    ['https://app.twig.so/', 'https://app.twig.so'],
    ['https://host.example/edge/twig//', 'https://host.example/edge/twig'],
    ['HTTPS://Host.Example:443/Path', 'https://host.example/Path'],
    ['https://host.example:8443', 'https://host.example:8443'],
  ])('%s becomes %s, its path kept', (given, expected) => {
    expect(baseUrlOf(given)).toBe(expected);
  });

  it('keeps its path prefix before the path of each call', async () => {
    const { client, sent } = scriptedClient(() => json({ id: 'a', name: 'x' }), { baseUrl: 'https://h.example/edge' });
    await client.agents.get('a');
    expect(sent[0]?.url).toBe('https://h.example/edge/api/v1/agents/a');
  });

  it.each([
    'http://localhost:4010',
    'http://api.localhost',
    'http://127.0.0.1:80',
    'http://127.1.2.3',
    'http://[::1]:4010',
    'http://0x7f.1',
  ])('may be plain http for the loopback host %s', (baseUrl) => {
    expect(baseUrlOf(baseUrl)).toMatch(/^http:/);
  });

  it.each([
    'http://api.twig.so',
    'http://localhost.evil.example',
    'http://127.0.0.1.evil.example',
    'http://10.0.0.1',
    'http://[::2]',
    'http://0.0.0.0',
    'http://evil-localhost',
  ])('is refused as plain http for %s, unless that is allowed', (baseUrl) => {
    expect(() => baseUrlOf(baseUrl)).toThrow(TwigConfigError);
    expect(() => baseUrlOf(baseUrl)).toThrow(/allowInsecureHttp/);
    expect(baseUrlOf(baseUrl, true)).toBe(new URL(baseUrl).origin);
  });

  it.each([
    'https://user:hunter2@api.twig.so',
    'https://hunter2@api.twig.so',
    'https://api.twig.so/?key=hunter2',
    'https://api.twig.so/#hunter2',
    'ftp://api.twig.so/hunter2',
    'javascript:hunter2',
    'api.twig.so/hunter2',
    '/hunter2',
    'https://',
    '//hunter2.example',
  ])('%s is refused, and not printed', (baseUrl) => {
    let error: unknown;
    try {
      baseUrlOf(baseUrl, true);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(TwigConfigError);
    expect((error as Error).message).toContain('baseUrl');
    expect((error as Error).message).not.toContain('hunter2');
  });

  it('that is no text is refused', () => {
    for (const baseUrl of [7, {}, []]) expect(() => baseUrlOf(baseUrl as never)).toThrow(TwigConfigError);
  });

  it('may be relative where there is a page to resolve it against', () => {
    vi.stubGlobal('location', { href: 'https://shop.example/help/page?x=1' });
    expect(baseUrlOf('/api/twig')).toBe('https://shop.example/api/twig');
    expect(baseUrlOf('twig/')).toBe('https://shop.example/help/twig');
  });

  it('is not taken from the page when it is absolute', () => {
    vi.stubGlobal('location', { href: 'https://shop.example/' });
    expect(baseUrlOf('https://api.twig.so')).toBe('https://api.twig.so');
  });
});
