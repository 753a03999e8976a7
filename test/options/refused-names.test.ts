/** Options whose misspelling would do harm in silence: refused, with the name that was meant. */

import { TwigClient } from '@twig/sdk';
import { createTwig, type TwigProviderSettings } from '@twig/sdk/ai-sdk';
import { observeLimiter, twigTelemetry } from '@twig/sdk/otel';
import { createTwigProxy, type TwigProxyOptions } from '@twig/sdk/proxy';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTwigMock, faults } from '@twig/sdk/testing';
import { startTwigServer } from '@twig/sdk/testing/server';
import { createWebhookHandler, memoryDedupe, TwigConfigError, type WebhookOptions, Webhooks } from '@twig/sdk/webhooks';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';

const client = new TwigClient({ apiKey: 'k' });
const fallback = (): void => {};
const authorize = () => ({ agentIds: ['a'] });

describe('a name that nobody knows is refused, and the nearest one named, by', () => {
  it.each<[string, string, string, (options: object) => unknown]>([
    ['Webhooks', 'tolerance', 'toleranceSeconds', (options) => new Webhooks(options)],
    ['Webhooks', 'secrets', 'secret', (options) => new Webhooks(options)],
    ['createWebhookHandler', 'tolerance', 'toleranceSeconds', (o) => createWebhookHandler({ fallback, ...o })],
    ['createWebhookHandler', 'dedup', 'dedupe', (options) => createWebhookHandler({ fallback, ...options })],
    ['createWebhookHandler', 'onerror', 'onError', (options) => createWebhookHandler({ fallback, ...options })],
    ['createWebhookHandler', 'maxBody', 'maxBodyBytes', (options) => createWebhookHandler({ fallback, ...options })],
    ['memoryDedupe', 'ttl', 'ttlSeconds', memoryDedupe],
    ['memoryDedupe', 'maxSize', 'size', memoryDedupe],
    ['createTwigProxy', 'maxQuery', 'maxQueryLength', (o) => createTwigProxy({ client, authorize, ...o })],
    ['createTwigProxy', 'secret', 'sealSecret', (options) => createTwigProxy({ client, authorize, ...options })],
    ['createTwigProxy', 'operation', 'operations', (options) => createTwigProxy({ client, authorize, ...options })],
    ['createTwigMock', 'latency', 'latencyMs', createTwigMock],
    ['createTwigMock', 'rateLimit', 'rateLimits', createTwigMock],
    ['twigTelemetry', 'captureContents', 'captureContent', twigTelemetry],
    ['twigTelemetry', 'tracer', 'tracerProvider', twigTelemetry],
    ['observeLimiter', 'names', 'name', (options) => observeLimiter(new RateLimiter(), options)],
    ['faults.status', 'retryAfterMs', 'retryAfter', (options) => faults.status(503, options)],
    ['faults.rateLimit', 'retry', 'retryAfter', faults.rateLimit],
    ['faults.disconnect', 'afterByte', 'afterBytes', faults.disconnect],
    ['faults.truncateStream', 'after', 'afterEvents', faults.truncateStream],
    ['faults.malformedEvent', 'events', 'afterEvents', faults.malformedEvent],
    ['faults.errorEvent', 'messages', 'message', faults.errorEvent],
    ['faults.slowStream', 'delay', 'delayMs', faults.slowStream],
    ['faults.htmlError', 'statusCode', 'status', faults.htmlError],
    ['createTwig', 'sessionFromMessage', 'sessionFromMessages', createTwig],
    ['createTwig', 'timeout', 'timeoutMs', createTwig],
    ['twig()', 'session', 'sessionId', (settings) => createTwig({ client })('a', settings)],
  ])('%s: %s, for %s', (who, name, nearest, make) => {
    expect(() => make({ [name]: undefined })).toThrow(TwigConfigError);
    expect(() => make({ [name]: undefined })).toThrow(
      new RegExp(`^${who.replace('()', '\\(\\)')}: .*${name} is unknown`),
    );
    expect(() => make({ [name]: undefined })).toThrow(`did you mean ${nearest}?`);
  });

  it('members of options alike', () => {
    const origins = ['https://page.test'];
    const cors = { origins, credentials: true };
    expect(() => createTwigProxy({ client, authorize, cors } as TwigProxyOptions)).toThrow(/in cors, credentials/);
    const limits = (rateLimits: object): object => ({ rateLimits });
    expect(() => createTwigMock(limits({ exec: { perMinute: 1 } }))).toThrow('did you mean execute?');
    expect(() => createTwigMock(limits({ read: { perMinute: 1, bursts: 1 } }))).toThrow('did you mean burst?');
    const captureContent = { maxByte: 5, maxBytes: 5 };
    expect(() => twigTelemetry({ captureContent })).toThrow('did you mean maxBytes?');
  });

  it('startTwigServer, which rejects', async () => {
    const error = await rejection(startTwigServer({ hostname: 'x' } as object));
    expect(error).toBeInstanceOf(TwigConfigError);
    expect(String(error)).toContain('hostname is unknown: did you mean host?');
  });

  it('the calls of Webhooks, which reject', async () => {
    const webhooks = new Webhooks({ secret: 's' });
    const wrong = { tolerance: 5 } as WebhookOptions;
    const request = new Request('https://x.test', { method: 'POST', body: '{}' });
    for (const call of [
      webhooks.verify('{}', '', wrong),
      webhooks.unwrap(request, wrong),
      webhooks.sign('{}', wrong),
      client.webhooks.verify('{}', '', wrong),
    ]) {
      const error = await rejection(call);
      expect(error).toBeInstanceOf(TwigConfigError);
      expect(String(error)).toContain('did you mean toleranceSeconds?');
    }
  });
});

it('every option of every one of them is known', async () => {
  const clock = { now: () => 0, sleep: async () => {}, random: () => 0 };
  const webhook = { secret: 's', toleranceSeconds: 1, now: () => 0, clock };
  expect(new Webhooks(webhook)).toBeInstanceOf(Webhooks);
  const dedupe = memoryDedupe({ size: 1, ttlSeconds: 1, claimSeconds: 1, clock });
  createWebhookHandler({ ...webhook, on: {}, fallback, dedupe, onError: fallback, maxBodyBytes: 1 });
  const numbers = { maxBodyBytes: 1, maxQueryLength: 1 };
  const proxy: TwigProxyOptions = { client, authorize, operations: [], sealSecret: 's', ...numbers };
  createTwigProxy({ ...proxy, cors: { origins: [] }, onError: fallback });
  const mock = { seed: 1, rateLimits: { read: { perMinute: 1, burst: 1 } }, keys: {}, latencyMs: 0, clock };
  createTwigMock(mock);
  await (await startTwigServer({ ...mock, port: 0, host: '127.0.0.1' })).close();
  twigTelemetry({ captureContent: { maxBytes: 1 }, propagate: true });
  const settings: TwigProviderSettings = { apiKey: 'k', timeoutMs: 1, sessionFromMessages: false };
  expect(createTwig(settings)('a', { sessionId: null }).modelId).toBe('a');
});

describe('a request whose signature is given once more', () => {
  const webhooks = new Webhooks({ secret: 's' });
  const body = '{"event":"a","timestamp":"2024-01-15T10:30:00Z"}';
  const delivery = async (): Promise<[Request, string]> => {
    const signature = await webhooks.sign(body);
    const headers = { 'x-twig-signature': signature };
    return [new Request('https://x.test', { method: 'POST', body, headers }), signature];
  };

  it('has its options after it', async () => {
    const [request, signature] = await delivery();
    const error = await rejection(webhooks.verify(request, signature, { toleranceSeconds: 1, now: () => 0 }));
    expect(error).toMatchObject({ code: 'timestamp_too_new' });
  });

  it.each([
    ['a text', (request: Request) => request.headers.get('x-twig-signature') ?? ''],
    ['headers', (request: Request) => request.headers],
    ['a header that is not there', () => null as unknown as string],
  ])('as %s is verified by its own', async (_what, signatureOf) => {
    const [request] = await delivery();
    expect(await webhooks.unwrap(request, signatureOf(request))).toMatchObject({ event: 'a' });
  });
});
