/** The client and the API together: errors, scopes, limits, pages, and data sources that take their time. */

import {
  TwigAbortError,
  TwigAPIError,
  TwigAuthenticationError,
  TwigBadRequestError,
  TwigDataSourceError,
  TwigNotFoundError,
  TwigPermissionError,
  TwigRateLimitError,
  TwigServerError,
  TwigServiceUnavailableError,
} from '@twig/sdk';
import { faults } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { setup } from './harness.ts';

const { client, clock, twig } = setup({
  keys: { twigsk_test_api: ['read', 'write', 'execute', 'admin'], reader: ['read'] },
});
const once = client.withOptions({ maxRetries: 0 });

describe('errors', () => {
  it.each([
    [400, TwigBadRequestError, 'invalid_request'],
    [401, TwigAuthenticationError, 'unauthorized'],
    [403, TwigPermissionError, 'forbidden'],
    [404, TwigNotFoundError, 'not_found'],
    [429, TwigRateLimitError, 'rate_limit_exceeded'],
    [500, TwigServerError, 'internal_error'],
    [503, TwigServiceUnavailableError, 'service_unavailable'],
    [418, TwigAPIError, 'http_418'],
  ])('%i becomes its class, with code and request id', async (status, kind, code) => {
    twig.faults.next('agents.list', faults.status(status));
    const error = await rejection(once.agents.list());
    expect(error).toBeInstanceOf(kind);
    expect(error).toMatchObject({ status, code, requestId: expect.stringMatching(/^req_/) });
  });

  it('says what is not there', async () => {
    expect(await rejection(client.agents.get('agent_none'))).toMatchObject({ code: 'not_found', status: 404 });
  });

  it('says that the key is wrong, and that it lacks a scope', async () => {
    expect(await rejection(client.withOptions({ apiKey: 'wrong' }).agents.list())).toBeInstanceOf(
      TwigAuthenticationError,
    );
    const reader = client.withOptions({ apiKey: 'reader' });
    await reader.agents.list();
    expect(await rejection(reader.agents.delete('agent_abc123'))).toBeInstanceOf(TwigPermissionError);
  });
});

describe('rate limits', () => {
  it('are told by scope', async () => {
    await client.agents.list();
    await client.query({ agentId: 'agent_abc123', query: 'Hi' });
    expect(client.rateLimits.read).toMatchObject({ limit: 200, remaining: 249 });
    expect(client.rateLimits.execute).toMatchObject({ limit: 100, remaining: 119 });
    expect(client.rateLimits.execute?.resetAt).toBeInstanceOf(Date);
  });

  it('are waited out when the burst is used up', async () => {
    for (let i = 0; i < 15; i++) await client.dataSources.sync('ds_1');
    expect(await rejection(once.dataSources.sync('ds_1'))).toMatchObject({ status: 429, retryAfterMs: 6000 });
    const waiting = client.dataSources.sync('ds_1').withResponse();
    await clock.advance(7000);
    const { meta } = await waiting;
    expect(meta.attempts.map(({ status }) => status)).toEqual([429, 202]);
  });
});

describe('pages', () => {
  it('are walked to the last item, each asked for once', async () => {
    for (let i = 0; i < 10; i++) await client.kb.create({ title: `Article ${i}`, content: '…' });
    twig.requests.length = 0;
    const titles: string[] = [];
    for await (const article of client.kb.list({ limit: 5 })) titles.push(article.title);
    expect(titles).toHaveLength(12);
    expect(new Set(titles).size).toBe(12);
    expect(twig.requests.map(({ url }) => new URL(url).search)).toEqual([
      '?limit=5',
      '?limit=5&offset=5',
      '?limit=5&offset=10',
    ]);
  });
});

describe('waitUntilReady', () => {
  it('follows the processing to its end', async () => {
    const source = await client.dataSources.create({ type: 'website', name: 'Docs' });
    const seen: (string | undefined)[] = [];
    const ready = client.dataSources.waitUntilReady(source.id, { onProgress: ({ status }) => seen.push(status) });
    await clock.advance(300_000);
    expect(await ready).toMatchObject({ status: 'active', progressPct: 100 });
    expect(new Set(seen)).toEqual(new Set(['pending', 'processing', 'active']));
  });

  it('ends with the last status when the processing fails', async () => {
    const error = await rejection(client.dataSources.waitUntilReady('ds_3'));
    expect(error).toBeInstanceOf(TwigDataSourceError);
    expect(error).toMatchObject({ code: 'processing_failed', lastStatus: { status: 'failed' } });
  });

  it('ends with the last status when time is up', async () => {
    const source = await client.dataSources.create({ type: 'website', name: 'Docs' });
    const late = rejection(client.dataSources.waitUntilReady(source.id, { pollIntervalMs: 500, timeoutMs: 1000 }));
    await clock.advance(2000);
    expect(await late).toMatchObject({ code: 'not_ready_in_time', lastStatus: { status: expect.any(String) } });
  });

  it('ends at once when the caller gives up, and looks no more', async () => {
    const source = await client.dataSources.create({ type: 'website', name: 'Docs' });
    const stop = new AbortController();
    const stopped = rejection(client.dataSources.waitUntilReady(source.id, { signal: stop.signal }));
    await clock.advance(1000);
    const looks = twig.requests.length;
    stop.abort('enough');
    const error = await stopped;
    expect(error).toBeInstanceOf(TwigAbortError);
    expect(error).toMatchObject({ cause: 'enough' });
    await clock.advance(60_000);
    expect(twig.requests).toHaveLength(looks);
  });
});
