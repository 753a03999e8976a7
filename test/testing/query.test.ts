/** How the mock answers questions: rested on its passages, whole or in the streaming dialect, and remembered. */

import { faults } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { send, useMock } from './harness.ts';

const { twig } = useMock({ rateLimits: false });
const question = { agent_id: 'agent_abc123', query: 'What is your refund policy?' };

interface Event {
  event: string;
  // biome-ignore lint/suspicious/noExplicitAny: what came, to be looked at by the assertions.
  data: any;
}

/** The events as they are on the wire: two lines and a blank one each, and nothing else. */
function eventsOf(text: string): Event[] {
  expect(text).toMatch(/^(event: \w+\ndata: [^\n]+\n\n)+$/);
  return [...text.matchAll(/event: (\w+)\ndata: ([^\n]+)\n\n/g)].map(([, event = '', data = '']) => ({
    event,
    data: JSON.parse(data),
  }));
}

describe('a streamed answer', () => {
  it('speaks the dialect: deltas, sources, metadata, done', async () => {
    const { status, headers, body } = await send('POST', '/query', { body: { ...question, stream: true } });
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    const names = eventsOf(body).map(({ event }) => event);
    expect(names.slice(-3)).toEqual(['sources', 'metadata', 'done']);
    expect(names.slice(0, -3).length).toBeGreaterThan(5);
    expect(new Set(names.slice(0, -3))).toEqual(new Set(['delta']));
  });

  it('is the answer that comes whole without stream', async () => {
    const whole = await send('POST', '/query', { body: question });
    const { body } = await send('POST', '/query', { body: { ...question, stream: true } });
    const events = eventsOf(body);
    const text = events.map(({ data }) => data.delta ?? '').join('');
    expect(text).toBe(whole.body.response);
    const merged = Object.assign({}, ...events.map(({ data }) => data));
    expect(merged.sources).toEqual(whole.body.sources);
    expect({ ...merged.metadata, interaction_id: '' }).toEqual({ ...whole.body.metadata, interaction_id: '' });
  });

  it('ends with the session: the one of the question, or a new one', async () => {
    const sessionOf = async (body: object): Promise<string> =>
      eventsOf((await send('POST', '/query', { body: { ...question, stream: true, ...body } })).body).at(-1)?.data
        .session_id;
    expect(await sessionOf({ session_id: 'sess_mine' })).toBe('sess_mine');
    expect(await sessionOf({})).toMatch(/^sess_\w{10}$/);
    expect(await sessionOf({})).not.toBe(await sessionOf({}));
  });

  it('carries every text unharmed', async () => {
    const answer = '  Grüße 👩‍👩‍👧 \n\n日本語 "quoted" \\ \u2028 end\r\n';
    twig.data.answers['Hard?'] = answer;
    const { body } = await send('POST', '/query', { body: { ...question, query: 'Hard?', stream: true } });
    expect(
      eventsOf(body)
        .map(({ data }) => data.delta ?? '')
        .join(''),
    ).toBe(answer);
  });
});

describe('a fault inside the process', () => {
  it('breaks a body off as an error, not as its end', async () => {
    for (const stream of [true, false]) {
      twig.faults.next('query', faults.disconnect({ afterBytes: 20 }));
      await expect(send('POST', '/query', { body: { ...question, stream } })).rejects.toThrow('terminated');
    }
  });

  it('is disarmed by reset()', async () => {
    twig.faults.next('query', faults.disconnect());
    twig.reset();
    expect((await send('POST', '/query', { body: question })).status).toBe(200);
  });
});

describe('an answer', () => {
  const ask = async (query: string, more = {}) =>
    (await send('POST', '/query', { body: { ...question, query, ...more } })).body;

  it('rests on the passages that share words with the question, and names them', async () => {
    const { response, sources } = await ask('Tell me about pricing and the refund policy');
    expect(sources.map((source: { chunk_id: string }) => source.chunk_id).sort()).toEqual([
      'chk_pricing',
      'chk_refund',
    ]);
    expect(response).toContain('$99/month');
  });

  it('names three sources at most, the best ones', async () => {
    const { sources } = await ask('refund pricing orders password');
    expect(sources).toHaveLength(3);
    const found = await send('POST', '/semantic-search', {
      body: { query: 'refund pricing orders password', org_id: 'o', top_k: 3 },
    });
    const idsOf = (items: { chunk_id: string }[]) => items.map(({ chunk_id }) => chunk_id);
    expect(idsOf(sources)).toEqual(idsOf(found.body.chunks));
  });

  it('rests on published articles, and on no drafts', async () => {
    expect((await ask('How do I reset my password?')).sources).toMatchObject([{ chunk_id: 'chk_kb_password' }]);
    expect((await ask('Holiday hours?')).sources).toEqual([]);
  });

  it('rests on the data sources of the agent alone', async () => {
    expect((await ask('refund policy', { agent_id: 'agent_def456' })).sources).toEqual([]);
  });

  it('says so when nothing fits', async () => {
    expect((await ask('Xyzzy?')).response).toBe('I could not find anything about “Xyzzy?” in my sources.');
  });

  it('is the one that the test wrote down for the question', async () => {
    twig.data.answers['Meaning of life?'] = '42';
    expect((await ask('Meaning of life?')).response).toBe('42');
    expect((await ask('constructor')).response).toContain('could not find');
  });

  it('is no longer than max_tokens, of the question or else of the agent', async () => {
    expect((await ask('refund policy', { max_tokens: 3 })).response.trim()).toBe('Our refund policy');
    await send('PUT', '/agents/agent_abc123', { body: { max_tokens: 2 } });
    const { response, metadata } = await ask('refund policy');
    expect(response.trim()).toBe('Our refund');
    expect(metadata.tokens_output).toBe(2);
  });

  it('names the model and the strategy of its agent', async () => {
    expect((await ask('x', { agent_id: 'agent_def456' })).metadata).toMatchObject({
      model: 'gpt-4o',
      rag_strategy: 'redwood',
    });
  });

  it('is remembered as an interaction, streamed or not', async () => {
    const { metadata, response } = await ask('refund policy', { session_id: 'sess_a' });
    const expected = {
      id: metadata.interaction_id,
      session_id: 'sess_a',
      query: 'refund policy',
      response,
      feedback: null,
    };
    expect(twig.data.interactions.at(-1)).toMatchObject(expected);
    await ask('refund policy', { stream: true });
    expect(twig.data.interactions).toHaveLength(44);
  });
});

describe('a search', () => {
  const search = async (more = {}) =>
    (await send('POST', '/semantic-search', { body: { query: 'refund pricing', org_id: 'org_1', ...more } })).body;
  const ids = ({ chunks }: { chunks: { chunk_id: string }[] }) => chunks.map(({ chunk_id }) => chunk_id);

  it('finds the best first, no more than top_k, none below the threshold', async () => {
    const { chunks, metadata } = await search();
    const scores = chunks.map(({ similarity_score }: { similarity_score: number }) => similarity_score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(metadata.total_chunks_searched).toBe(5);
    expect(ids(await search({ top_k: 1 }))).toEqual(ids({ chunks }).slice(0, 1));
    expect(ids(await search({ similarity_threshold: 0.5 })).sort()).toEqual(['chk_pricing', 'chk_refund']);
  });

  it('looks through the given data sources and the knowledge base', async () => {
    expect(ids(await search({ data_source_ids: ['ds_2'] })).sort()).toEqual([
      'chk_kb_password',
      'chk_refund',
      'chk_shipping',
    ]);
  });

  it('gives the same embedding for the same text, and another for another', async () => {
    const { query_embedding: first } = await search();
    expect((await search()).query_embedding).toEqual(first);
    expect((await search({ query: 'else' })).query_embedding).not.toEqual(first);
  });
});
