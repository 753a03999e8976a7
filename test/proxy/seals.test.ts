/** Whose conversation it is: ids are handed out sealed for a visitor, and only his own are taken back. */

import { TwigConfigError, TwigPermissionError } from '@twig/sdk';
import type { TwigProxyGrant, TwigProxyOptions } from '@twig/sdk/proxy';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { json, rejection, sse } from '../support/client.ts';
import { asked, everything, page, post, question, upstream } from './harness.ts';

interface Sent {
  path: string;
  body: Record<string, unknown>;
}
let sent: Sent[] = [];
let gone: unknown;
/** Writes the next piece of a stream that the test holds in its hand. */
let write: (text: string) => void;
let answering: () => Response;
beforeEach(() => {
  sent = [];
  gone = undefined;
  answering = () => json(answer());
});
afterEach(() => vi.unstubAllGlobals());

const answer = (more: Record<string, unknown> = {}) => ({
  response: 'Yes.',
  sources: [{ chunk_id: 'chunk_1', similarity_score: 1, session_id: 'of the document' }],
  metadata: { interaction_id: 'int_1', latency_ms: 1 },
  session_id: 'sess_1',
  ...more,
});
const event = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const streamed = (...more: string[]): string[] => [
  event('delta', { delta: 'Yes.' }),
  event('sources', { sources: answer().sources }),
  event('metadata', { metadata: answer().metadata }),
  ...more,
  event('done', { session_id: 'sess_1' }),
];

const client = upstream.withOptions({
  fetch: async (url, init) => {
    sent.push({ path: new URL(url).pathname, body: JSON.parse(init.body ?? '{}') });
    init.signal.addEventListener('abort', () => {
      gone ??= 'aborted';
    });
    if (url.endsWith('/feedback')) return json({ interaction_id: 'int_1', feedback: 'positive' });
    return answering();
  },
});

/** A page of a visitor. */
function of(visitor: string, options: Partial<TwigProxyOptions> = {}) {
  const authorize = (): TwigProxyGrant => ({ agentIds: ['agent_abc123'], orgIds: ['org_1'], visitor });
  return page({ client, operations: everything, sealSecret: 'the seal', authorize, ...options });
}

/** What the page of a visitor was given. */
async function idsOf(visitor: string, options: Partial<TwigProxyOptions> = {}) {
  const { sessionId = '', metadata } = await of(visitor, options).client.query(question);
  sent = [];
  return { sessionId, interactionId: metadata.interactionId };
}

describe.each(['node:crypto', 'Web Crypto'])('with %s', (runtime) => {
  beforeEach(() => {
    if (runtime === 'Web Crypto') vi.stubGlobal('process', { ...process, getBuiltinModule: undefined });
  });

  it('a visitor continues his conversation and rates its answers, and his page notices nothing', async () => {
    const { client, errors } = of('ada');
    const first = await client.query(question);
    const second = await client.query({ ...question, sessionId: first.sessionId });
    expect(second.sessionId).toBe(first.sessionId);
    expect(second.sources).toMatchObject([{ chunkId: 'chunk_1', sessionId: 'of the document' }]);
    expect(await client.interactions.submitFeedback(second.metadata.interactionId, { feedback: 'positive' })).toEqual({
      interactionId: second.metadata.interactionId,
      feedback: 'positive',
    });
    expect(sent.map(({ path, body }) => [path, body.session_id])).toEqual([
      ['/api/v1/query', undefined],
      ['/api/v1/query', 'sess_1'],
      ['/api/v1/interactions/int_1/feedback', undefined],
    ]);
    expect(errors).toEqual([]);
  });

  it('a stream hands the same ids out, and what else it holds is as it was', async () => {
    const { sessionId, interactionId } = await idsOf('ada');
    answering = () => sse(streamed(event('thought', { step: { session_id: 'sess_1' } })));
    const stream = await of('ada').client.query({ ...question, sessionId, stream: true });
    const unknown: unknown[] = [];
    for await (const one of stream) if (one.type === 'unknown') unknown.push(one.data);
    expect(await stream.finalResponse()).toEqual({
      response: 'Yes.',
      sources: [{ chunkId: 'chunk_1', similarityScore: 1, sessionId: 'of the document' }],
      metadata: { interactionId, latencyMs: 1 },
      sessionId,
    });
    expect(unknown).toEqual([{ step: { sessionId } }]);
    expect(sent[0]?.body.session_id).toBe('sess_1');
  });

  it('the ids of another visitor are 403, and nothing is sent', async () => {
    const { sessionId, interactionId } = await idsOf('ada');
    for (const visitor of ['bob', 'ada ', 'Ada', 'ad', 'adaa', 'ada","session']) {
      const { client } = of(visitor);
      expect(await rejection(client.query({ ...question, sessionId }))).toBeInstanceOf(TwigPermissionError);
      expect(await rejection(client.query({ ...question, sessionId, stream: true }))).toBeInstanceOf(
        TwigPermissionError,
      );
      const rating = client.interactions.submitFeedback(interactionId, { feedback: 'negative' });
      expect(await rejection(rating)).toBeInstanceOf(TwigPermissionError);
    }
    expect(sent).toEqual([]);
  });

  it('an id with any one character changed, added or taken away is 403, and nothing is sent', async () => {
    const { sessionId, interactionId } = await idsOf('ada');
    const altered = (id: string): string[] =>
      [...id].flatMap((char, at) => [
        id.slice(0, at) + (char === '1' ? '2' : '1') + id.slice(at + 1),
        id.slice(0, at) + char.toUpperCase() + id.slice(at + 1),
        id.slice(0, at) + id.slice(at + 1),
      ]);
    const { proxy } = of('ada');
    for (const id of [...altered(sessionId), `${sessionId}0`, `0${sessionId}`, `${sessionId}.${sessionId}`]) {
      if (id === sessionId) continue;
      expect([id, (await proxy(asked({ session_id: id }))).status]).toEqual([id, 403]);
    }
    for (const id of altered(interactionId)) {
      if (id === interactionId) continue;
      const path = `/api/v1/interactions/${encodeURIComponent(id)}/feedback`;
      expect([id, (await proxy(post(path, '{"feedback":"positive"}'))).status]).toEqual([id, 403]);
    }
    expect(sent).toEqual([]);
  });
});

describe('what was not handed out', () => {
  it.each<[string, unknown]>([
    ['the bare id', 'sess_1'],
    ['a guess', `sess_1.${'0'.repeat(64)}`],
    ['an empty one', ''],
    ['a seal without an id', `.${'0'.repeat(64)}`],
    ['a number', 5],
    ['true', true],
    ['a list of it', ['sess_1']],
    ['an object that looks like it', { toString: 'sess_1', length: 70 }],
  ])('%s is 403, and nothing is sent', async (_, id) => {
    const { proxy } = of('ada');
    expect((await proxy(asked({ session_id: id }))).status).toBe(403);
    expect((await proxy(asked({ session_id: id, stream: true }))).status).toBe(403);
    expect(sent).toEqual([]);
  });

  it('an id of one kind is none of the other', async () => {
    answering = () => json(answer({ metadata: { interaction_id: 'sess_1', latency_ms: 1 } }));
    const { sessionId, interactionId } = await idsOf('ada');
    const { client } = of('ada');
    expect(interactionId).not.toBe(sessionId);
    expect(await rejection(client.query({ ...question, sessionId: interactionId }))).toBeInstanceOf(
      TwigPermissionError,
    );
    const rating = client.interactions.submitFeedback(sessionId, { feedback: 'negative' });
    expect(await rejection(rating)).toBeInstanceOf(TwigPermissionError);
    expect(sent).toEqual([]);
  });

  it.each(['int_1', '..%2fagents', '%2e%2e', `x.${'f'.repeat(64)}`, `..%2fx.${'f'.repeat(64)}`])(
    'feedback on %s is not passed on',
    async (id) => {
      const { proxy } = of('ada');
      const path = `/api/v1/interactions/${id}/feedback/`;
      expect((await proxy(post(path, '{"feedback":"positive"}'))).status).toBeGreaterThanOrEqual(403);
      expect(sent).toEqual([]);
    },
  );

  it('a good id under one name does not carry a bare one under another', async () => {
    const { sessionId } = await idsOf('ada');
    const names = [`"session_id":"${sessionId}"`, '"sessionId":"sess_2"'];
    for (const both of [names, names.toReversed()]) {
      await of('ada').proxy(post('/api/v1/query', `{"agent_id":"agent_abc123","query":"q",${both}}`));
    }
    expect(sent.map(({ body }) => body.session_id)).toEqual(['sess_1']);
  });

  it('visitors and ids that run into each other, or differ in half a surrogate pair, are told apart', async () => {
    const seen = new Set<string>();
    const cases = [
      ['a', 'b,c'],
      ['a,b', 'c'],
      ['a","b', 'c'],
      ['\ud800', 'c'],
      ['\udbff', 'c'],
      ['\ufffd', 'c'],
    ] as const;
    for (const [visitor, id] of cases) {
      answering = () => json(answer({ session_id: id }));
      seen.add((await idsOf(visitor)).sessionId.slice(-64));
    }
    expect(seen.size).toBe(cases.length);
  });

  it('an id with dots, with slashes or in any script comes back whole', async () => {
    for (const id of ['a.b.c', `a.${'0'.repeat(64)}`, 'a/b?c#d', 'ünï — ☃', 'line\u2028break']) {
      answering = () => json(answer({ session_id: id, metadata: { interaction_id: id, latency_ms: 1 } }));
      const { client } = of('ada');
      const { metadata, sessionId } = await client.query(question);
      sent = [];
      await client.query({ ...question, sessionId });
      await client.interactions.submitFeedback(metadata.interactionId, { feedback: 'positive' });
      expect(sent[0]?.body.session_id).toBe(id);
      expect(sent[1]?.path).toBe(`/api/v1/interactions/${encodeURIComponent(id)}/feedback`);
    }
  });
});

it('an id that is empty stays so: a page takes a sealed one for an id', async () => {
  for (const id of ['', null]) {
    answering = () => json(answer({ session_id: id, metadata: { interaction_id: id, latency_ms: 1 } }));
    const body = await (await of('ada').proxy(asked())).json();
    expect([body.session_id, body.metadata.interaction_id]).toEqual([id, id]);
  }
});

describe('the secret', () => {
  it('is rotated: the first seals, any opens', async () => {
    const before = await idsOf('ada');
    const both = { sealSecret: ['the new seal', 'the seal'] };
    const after = await idsOf('ada', both);
    expect(after.sessionId).not.toBe(before.sessionId);
    for (const { sessionId } of [before, after]) await of('ada', both).client.query({ ...question, sessionId });
    expect(sent.map(({ body }) => body.session_id)).toEqual(['sess_1', 'sess_1']);
    const only = of('ada', { sealSecret: 'the new seal' });
    expect((await only.client.query({ ...question, sessionId: after.sessionId })).response).toBe('Yes.');
    expect(await rejection(only.client.query({ ...question, sessionId: before.sessionId }))).toBeInstanceOf(
      TwigPermissionError,
    );
  });

  it.each([
    ['missing', undefined],
    ['empty', ''],
    ['blank', ' '],
    ['an empty list', []],
    ['empty in a list', ['the seal', '']],
    ['no text', 5 as never],
  ])('that is %s is no fault of a build; a visitor is answered 500, and onError is told', async (_, sealSecret) => {
    const { proxy, errors } = of('ada', { sealSecret });
    const response = await proxy(asked());
    expect(response.status).toBe(500);
    expect(await response.text()).not.toContain('seal');
    expect(errors).toEqual([expect.any(TwigConfigError)]);
    expect(String(errors[0])).toContain('sealSecret');
    expect(sent).toEqual([]);
  });

  it('is in nothing that a visitor is given', async () => {
    const response = await of('ada').proxy(asked());
    expect(JSON.stringify([await response.text(), [...response.headers]])).not.toContain('the seal');
  });
});

describe('a visitor', () => {
  it.each<[string, unknown]>([
    ['undefined, because nobody is logged in', undefined],
    ['null', null],
    ['empty', ''],
    ['blank', ' '],
    ['a number', 7],
    ['an object', { id: 'ada' }],
  ])('that is %s makes no grant: 403, and onError is told', async (_, visitor) => {
    const { proxy, errors } = of('ada', {
      authorize: () => ({ agentIds: ['agent_abc123'], visitor }) as TwigProxyGrant,
    });
    expect((await proxy(asked({ session_id: 'sess_1' }))).status).toBe(403);
    expect(String(errors[0])).toContain('visitor');
    expect(sent).toEqual([]);
  });

  it.each(['visitorId', 'Visitor', 'user'])('whose name is given as %s is no grant for everybody', async (name) => {
    const { proxy, errors } = of('ada', {
      authorize: () => ({ agentIds: ['agent_abc123'], [name]: 'ada' }) as TwigProxyGrant,
    });
    expect((await proxy(asked({ session_id: 'sess_1' }))).status).toBe(403);
    expect(String(errors[0])).toContain(`${name} is unknown`);
    expect(sent).toEqual([]);
  });

  it('who is not named uses ids as they are', async () => {
    const { client } = of('', { authorize: () => ({ agentIds: ['agent_abc123'] }) });
    const { metadata, sessionId } = await client.query({ ...question, sessionId: 'sess_1' });
    expect([metadata.interactionId, sessionId]).toEqual(['int_1', 'sess_1']);
    answering = () => sse(streamed());
    const stream = await client.query({ ...question, stream: true });
    expect(await stream.finalResponse()).toMatchObject({ sessionId: 'sess_1', metadata: { interactionId: 'int_1' } });
  });
});

describe('a stream with sealed ids', () => {
  beforeEach(() => {
    answering = () =>
      new Response(
        new ReadableStream<Uint8Array>({
          start(controller) {
            write = (text) => controller.enqueue(new TextEncoder().encode(text));
          },
          cancel() {
            gone = 'cancelled';
          },
        }),
        { headers: { 'content-type': 'text/event-stream' } },
      );
  });

  it('comes event by event: each is there before the API has sent the next', async () => {
    const { client } = of('ada');
    const opening = client.query({ ...question, stream: true });
    await expect.poll(() => sent.length).toBe(1);
    const stream = await opening;
    const events = stream[Symbol.asyncIterator]();
    const types: (string | undefined)[] = [];
    for (const piece of streamed()) {
      write(piece);
      types.push((await events.next()).value?.type);
    }
    expect(types).toEqual(['delta', 'sources', 'metadata', 'done']);
  });

  it('that is left while nothing comes closes the connection to the API at once', async () => {
    const response = await of('ada').proxy(asked({ stream: true }));
    const reader = response.body?.getReader();
    write(event('delta', { delta: 'Yes.' }));
    await reader?.read();
    const waiting = reader?.read();
    await reader?.cancel();
    await waiting;
    await expect.poll(() => gone).toBeDefined();
  });
});
