/** Ids: what may stand in a path or a body, and how it travels. */

import { type TwigClient, TwigValidationError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { json, rejection, scriptedClient } from '../support/client.ts';

const inPath: [string, (client: TwigClient, id: string) => PromiseLike<unknown>][] = [
  ['agents.get', (client, id) => client.agents.get(id)],
  ['agents.update', (client, id) => client.agents.update(id, { name: 'x' })],
  ['agents.delete', (client, id) => client.agents.delete(id)],
  ['dataSources.sync', (client, id) => client.dataSources.sync(id)],
  ['dataSources.status', (client, id) => client.dataSources.status(id)],
  ['dataSources.waitUntilReady', (client, id) => client.dataSources.waitUntilReady(id)],
  ['interactions.submitFeedback', (client, id) => client.interactions.submitFeedback(id, { feedback: 'positive' })],
  ['kb.update', (client, id) => client.kb.update(id, { title: 'x' })],
];

const inParams: [string, string, (client: TwigClient, id: string) => PromiseLike<unknown>][] = [
  ['query', 'agentId', (client, agentId) => client.query({ agentId, query: 'q' })],
  ['query', 'sessionId', (client, sessionId) => client.query({ agentId: 'a', query: 'q', sessionId })],
  ['semanticSearch', 'orgId', (client, orgId) => client.semanticSearch({ query: 'q', orgId })],
  ['interactions.list', 'agentId', (client, agentId) => client.interactions.list({ agentId })],
  [
    'analytics.get',
    'agentId',
    (client, agentId) => client.analytics.get({ startDate: '2024-01-01', endDate: '2024-01-01', agentId }),
  ],
];

/** The path of the issues with which a call is refused; fails when anything was sent. */
async function refused(call: (client: TwigClient, id: string) => PromiseLike<unknown>, id: unknown): Promise<string[]> {
  const { client, sent } = scriptedClient(() => json({}));
  const error = await rejection(call(client, id as string));
  expect(error).toBeInstanceOf(TwigValidationError);
  expect(sent).toHaveLength(0);
  return (error as TwigValidationError).issues.map(({ path }) => path);
}

const NO_IDS = [
  '',
  ' ',
  ' a',
  'a ',
  'a\n',
  'a\u0000b',
  'a\u001fb',
  'a\u007fb',
  'a\u0085b',
  'a\u009fb',
  '\ud800',
  'a\udc00b',
];
const NO_TEXTS = [undefined, null, 7, {}, ['a']];
const DOTS = [
  '.',
  '..',
  '%2e',
  '%2E%2e',
  '.%2e',
  '%252e%252e',
  '%25252e',
  '../x',
  'x/..',
  'x\\..\\y',
  '..%2fx',
  'x%5c..',
  'a%252f..',
];

describe.each(inPath)('the id of %s', (_name, call) => {
  it.each([...NO_IDS, ...NO_TEXTS, ...DOTS])('refuses %j before anything is sent', async (id) => {
    expect(await refused(call, id)).toEqual(['id']);
  });
});

describe.each(inParams)('%s: %s', (_name, path, call) => {
  it.each(NO_IDS)('refuses %j before anything is sent', async (id) => {
    expect(new Set(await refused(call, id))).toEqual(new Set([path]));
  });
});

describe('an id in a path', () => {
  it.each([
    ['agent_abc123', 'agent_abc123'],
    ['a/b', 'a%2Fb'],
    ['a?b#c', 'a%3Fb%23c'],
    ['a:b', 'a%3Ab'],
    ['a b', 'a%20b'],
    ['100%', '100%25'],
    ['%41', '%2541'],
    ['größe-日本-🌱', 'gr%C3%B6%C3%9Fe-%E6%97%A5%E6%9C%AC-%F0%9F%8C%B1'],
    ['v1.2', 'v1.2'],
    ['...', '...'],
    ['..x', '..x'],
    ['$&', '%24%26'],
  ])('travels encoded: %j as %s', async (id, encoded) => {
    const { client, sent } = scriptedClient(() => json({ id, name: 'x' }));
    await client.agents.get(id);
    expect(sent[0]?.url).toBe(`https://api.twig.so/api/v1/agents/${encoded}`);
    // What a URL parser makes of it is still one segment.
    expect(new URL(sent[0]?.url ?? '').pathname).toBe(`/api/v1/agents/${encoded}`);
  });
});

it('sends an id in a body as it is', async () => {
  for (const agentId of ['..', '%2e%2e', 'a/b', 'a?b#c', 'größe:1']) {
    const { client, sent } = scriptedClient(() => json({ response: '' }));
    await client.query({ agentId, query: 'q' });
    expect(JSON.parse(sent[0]?.init.body ?? '')).toEqual({ agent_id: agentId, query: 'q' });
  }
});

describe('the path of request()', () => {
  it.each([
    'agents',
    '',
    '//evil.example/x',
    'https://evil.example/x',
    '/\\evil.example',
    '/a/../b',
    '/a/%2e%2e/b',
    '/a/%252e./b',
    '/a/.',
    '/a b',
    '/a#b',
    '/a\nb',
    undefined,
  ])('refuses %j before anything is sent', async (path) => {
    const { client, sent } = scriptedClient(() => json({}));
    const error = await rejection(client.request('GET', path as string));
    expect(error).toBeInstanceOf(TwigValidationError);
    expect((error as TwigValidationError).issues[0]?.path).toBe('path');
    expect(sent).toHaveLength(0);
  });

  it('goes out below the base URL, with the query of the path and of the options', async () => {
    const { client, sent } = scriptedClient(() => json({}), { baseUrl: 'https://app.twig.so/edge/' });
    await client.request('GET', '/api/agents?a=..', { query: { someKey: ['x', 'y z'], on: true, off: undefined } });
    expect(sent[0]?.url).toBe('https://app.twig.so/edge/api/agents?a=..&some_key=x&some_key=y%20z&on=true');
  });
});
