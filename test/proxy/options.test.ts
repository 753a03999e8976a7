/** Options of the proxy that cannot be meant are refused when it is made, and not by each request. */

import { TwigConfigError } from '@twig/sdk';
import { createTwigProxy, type TwigProxyOptions } from '@twig/sdk/proxy';
import { describe, expect, it } from 'vitest';
import { asked, grant, page, serveMock, upstream } from './harness.ts';

serveMock();
const made = (options: Record<string, unknown>) =>
  createTwigProxy({ client: upstream, authorize: () => grant, ...options } as TwigProxyOptions);

describe('an option that cannot be meant', () => {
  it.each<[string, Record<string, unknown>]>([
    ['maxBodyBytes', { maxBodyBytes: Number.NaN }],
    ['maxBodyBytes', { maxBodyBytes: -1 }],
    ['maxBodyBytes', { maxBodyBytes: '64 KiB' }],
    ['maxQueryLength', { maxQueryLength: Number.NaN }],
    ['maxQueryLength', { maxQueryLength: -4000 }],
    ['operations', { operations: 'query' }],
    ['operations', { operations: ['query', 'semantic-search'] }],
    ['operations', { operations: ['constructor'] }],
    ['operations', { operations: null }],
    ['cors.origins', { cors: {} }],
    // As a text it would hold every origin that is a part of it.
    ['cors.origins', { cors: { origins: 'https://page.test' } }],
    ['cors.origins', { cors: { origins: ['*'] } }],
    ['cors.origins', { cors: { origins: ['https://*.page.test'] } }],
    ['cors.origins', { cors: { origins: ['page.test'] } }],
    ['cors.origins', { cors: { origins: ['localhost:3000'] } }],
    ['cors.origins', { cors: { origins: ['https://page.test/app'] } }],
    ['cors.origins', { cors: { origins: ['https://page.test?a'] } }],
    ['cors.origins', { cors: { origins: ['https://a@page.test'] } }],
    ['cors.origins', { cors: { origins: ['https://page.test:99999'] } }],
    ['cors.origins', { cors: { origins: ['https:page.test'] } }],
    ['cors.origins', { cors: { origins: ['https://page.test', undefined] } }],
    ['cors.origins', { cors: { origins: [''] } }],
  ])('%s of %o', (name, options) => {
    expect(() => made(options)).toThrow(TwigConfigError);
    expect(() => made(options)).toThrow(name);
  });
});

describe('an origin that is let in', () => {
  it.each([
    ['https://page.test', 'https://page.test'],
    ['https://page.test/', 'https://page.test'],
    ['https://Page.Test', 'https://page.test'],
    ['HTTPS://page.test', 'https://page.test'],
    ['https://page.test:443', 'https://page.test'],
    ['http://page.test:80/', 'http://page.test'],
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://[0:0::1]:3000', 'http://[::1]:3000'],
    ['https://bücher.test', 'https://xn--bcher-kva.test'],
    ['chrome-extension://abcdefgh', 'chrome-extension://abcdefgh'],
    ['capacitor://localhost', 'capacitor://localhost'],
    ['null', 'null'],
  ])('may be written %s', async (given, origin) => {
    const { proxy } = page({ cors: { origins: [given] } });
    const response = await proxy(asked({}, { origin, 'sec-fetch-site': 'cross-site' }));
    expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect((await proxy(asked({}, { origin: `${origin}x`, 'sec-fetch-site': 'cross-site' }))).status).toBe(403);
  });
});
