/** The mock's validation of members and filters, and what pages and filters give. */

import { describe, expect, it } from 'vitest';
import { send, useMock } from './harness.ts';

const { twig } = useMock({ rateLimits: false });

const question = { agent_id: 'agent_abc123', query: 'What is pricing?' };
const agent = { name: 'A', data_source_ids: [] };
const source = { type: 'file', name: 'F' };
const article = { title: 'T', content: 'C' };

describe('a body', () => {
  it.each([
    ['POST', '/query', question, { agent_id: 'no-agent-id' }],
    ['POST', '/query', question, { agent_id: 7 }],
    ['POST', '/query', question, { query: ['a'] }],
    ['POST', '/query', question, { session_id: 1 }],
    ['POST', '/query', question, { stream: 'yes' }],
    ['POST', '/query', question, { temperature: 2.1 }],
    ['POST', '/query', question, { temperature: -0.1 }],
    ['POST', '/query', question, { temperature: '1' }],
    ['POST', '/query', question, { max_tokens: 0 }],
    ['POST', '/query', question, { max_tokens: 1.5 }],
    ['POST', '/semantic-search', { query: 'q', org_id: 'o' }, { top_k: 0 }],
    ['POST', '/semantic-search', { query: 'q', org_id: 'o' }, { similarity_threshold: 1.1 }],
    ['POST', '/semantic-search', { query: 'q', org_id: 'o' }, { data_source_ids: 'ds_1' }],
    ['POST', '/agents', agent, { data_source_ids: 'ds_1' }],
    ['POST', '/agents', agent, { name: {} }],
    ['PUT', '/agents/agent_abc123', {}, { temperature: 3 }],
    ['PUT', '/agents/agent_abc123', {}, { model: null }],
    ['POST', '/data-sources', source, { type: 'carrier_pigeon' }],
    ['POST', '/data-sources', source, { config: 'url' }],
    ['POST', '/data-sources', source, { sync_frequency: 'yearly' }],
    ['POST', '/interactions/int_history01/feedback', { feedback: 'positive' }, { feedback: 'meh' }],
    ['POST', '/interactions/int_history01/feedback', { feedback: 'positive' }, { comment: 1 }],
    ['POST', '/users', { email: 'a@example.com', role: 'admin' }, { email: 'nobody' }],
    ['POST', '/users', { email: 'a@example.com', role: 'admin' }, { role: 'king' }],
    ['POST', '/kb', article, { status: 'secret' }],
    ['PUT', '/kb/kb_password', {}, { tags: 'auth' }],
  ])('of %s %s with %j is refused once it has %j', async (method, path, good, bad) => {
    expect((await send(method, path, { body: good })).status).toBeLessThan(300);
    const before = structuredClone(twig.data);
    const refused = await send(method, path, { body: { ...good, ...bad } });
    expect(refused.status).toBe(400);
    expect(refused.body.error.code).toBe('invalid_request');
    expect(Object.keys(refused.body.error.details)).toEqual(Object.keys(bad));
    expect(twig.data).toEqual(before);
  });

  it('is refused with every complaint at once', async () => {
    const refused = await send('POST', '/agents', { body: { temperature: 9, data_source_ids: [1] } });
    expect(Object.keys(refused.body.error.details)).toEqual(['name', 'data_source_ids.0', 'temperature']);
  });

  it('keeps members that nobody knows, without harm', async () => {
    const body = '{"name":"A","data_source_ids":[],"colour":"red","__proto__":{"polluted":true},"id":"mine"}';
    const { body: made } = await send('POST', '/agents', { body });
    expect(made).toMatchObject({ name: 'A', colour: 'red' });
    expect(made.id).not.toBe('mine');
    const { body: changed } = await send('PUT', `/agents/${made.id}`, {
      body: '{"__proto__":{"polluted":true},"id":"else"}',
    });
    expect([{}, twig.data.agents.at(-1)].map((object) => Object(object).polluted)).toEqual([undefined, undefined]);
    expect(changed.id).toBe(made.id);
  });
});

describe('a query string', () => {
  const dates = 'start_date=2024-01-01&end_date=2024-01-31';
  it.each([
    ...['/agents', '/data-sources', '/interactions', '/users', '/kb'].flatMap((path) =>
      ['limit=0', 'limit=201', 'limit=-1', 'limit=ten', 'limit=1.5', 'limit=', 'offset=-1', 'offset=x'].map((query) => [
        `${path}?${query}`,
        query.split('=')[0],
      ]),
    ),
    ['/data-sources?status=lost', 'status'],
    ['/kb?status=lost', 'status'],
    ['/interactions?feedback=meh', 'feedback'],
    ['/interactions?start_date=15.01.2024', 'start_date'],
    ['/interactions?end_date=2024-02-30', 'end_date'],
    ['/interactions?start_date=2024-01-02&end_date=2024-01-01', 'end_date'],
    ['/analytics?start_date=2024-01-01', 'end_date'],
    ['/analytics?end_date=2024-01-01', 'start_date'],
    ['/analytics?start_date=2024-01-02&end_date=2024-01-01', 'end_date'],
    [`/analytics?${dates}&granularity=minute`, 'granularity'],
  ])('of %s is refused for its %s', async (path = '', name) => {
    const refused = await send('GET', path);
    expect(refused.status).toBe(400);
    expect(Object.keys(refused.body.error.details)).toEqual([name]);
  });

  it.each(['limit=1', 'limit=200', 'offset=0', 'offset=9999'])('may say %s', async (query) => {
    expect((await send('GET', `/agents?${query}`)).status).toBe(200);
  });
});

describe('a list', () => {
  it('has every item once over its pages, and the total on each', async () => {
    const ids: string[] = [];
    for (const offset of [0, 20, 40, 60]) {
      const { body } = await send('GET', `/interactions?limit=20&offset=${offset}`);
      expect(body.total).toBe(42);
      ids.push(...body.interactions.map(({ id }: { id: string }) => id));
    }
    expect(ids).toEqual(twig.data.interactions.map(({ id }) => id));
  });

  it('says which page it is', async () => {
    const { body } = await send('GET', '/agents?limit=1&offset=1');
    expect(body).toMatchObject({ agents: [{ id: 'agent_def456' }], total: 2, limit: 1, offset: 1 });
  });

  it.each([
    ['/data-sources?status=failed', 'data_sources', 1],
    ['/data-sources?status=processing', 'data_sources', 0],
    ['/kb?status=draft', 'articles', 1],
    ['/interactions?agent_id=agent_none', 'interactions', 0],
  ])('%s holds the %s that match', async (path, key, total) => {
    const { body } = await send('GET', path);
    expect(body.total).toBe(total);
    expect(body[key]).toHaveLength(total);
  });

  it('of interactions is filtered by verdict, agent and days, both days included', async () => {
    twig.data.interactions.length = 0;
    const base = { session_id: 's', query: '', response: '', latency_ms: 1, source_count: 0, cost_usd: 0 };
    twig.data.interactions.push(
      { ...base, id: 'a', agent_id: 'x', feedback: 'positive', created_at: '2024-01-01T00:00:00Z' },
      { ...base, id: 'b', agent_id: 'x', feedback: null, created_at: '2024-01-02T23:59:59Z' },
      { ...base, id: 'c', agent_id: 'y', feedback: 'negative', created_at: '2024-01-03T00:00:00Z' },
    );
    const found = async (query: string): Promise<string> => {
      const { body } = await send('GET', `/interactions?${query}`);
      return body.interactions.map(({ id }: { id: string }) => id).join('');
    };
    expect(await found('')).toBe('abc');
    expect(await found('feedback=positive')).toBe('a');
    expect(await found('feedback=negative')).toBe('c');
    expect(await found('feedback=null')).toBe('b');
    expect(await found('agent_id=x')).toBe('ab');
    expect(await found('start_date=2024-01-02&end_date=2024-01-02')).toBe('b');
    expect(await found('end_date=2024-01-01')).toBe('a');
    expect(await found('start_date=2024-01-03')).toBe('c');
  });
});

describe('the memory', () => {
  it('finds what was created, changed, and no more what was deleted', async () => {
    const { body: made } = await send('POST', '/agents', { body: { ...agent, name: 'Neu' } });
    expect((await send('GET', `/agents/${made.id}`)).body).toEqual(made);
    expect(twig.data.agents).toContainEqual(made);
    const { body: changed } = await send('PUT', `/agents/${made.id}`, { body: { name: 'Neuer' } });
    expect((await send('GET', `/agents/${made.id}`)).body).toEqual(changed);
    expect(changed).toMatchObject({ name: 'Neuer', data_source_ids: [], created_at: made.created_at });
    await send('DELETE', `/agents/${made.id}`);
    expect((await send('GET', `/agents/${made.id}`)).status).toBe(404);
    expect((await send('POST', '/query', { body: { ...question, agent_id: made.id } })).status).toBe(404);
  });

  it('answers for what a test put into it, whatever the id looks like', async () => {
    twig.data.agents.push({ ...twig.data.agents[0], id: 'a/b?c ü' } as (typeof twig.data.agents)[0]);
    const { body } = await send('GET', `/agents/${encodeURIComponent('a/b?c ü')}`);
    expect(body.id).toBe('a/b?c ü');
  });

  it('makes a new version of an article with each update', async () => {
    const { body } = await send('POST', '/kb', { body: article });
    expect(body).toMatchObject({ version: 1, status: 'draft', tags: [] });
    await send('PUT', `/kb/${body.id}`, { body: { content: 'D', version: 77 } });
    expect((await send('PUT', `/kb/${body.id}`, { body: { status: 'published' } })).body).toMatchObject({
      version: 3,
      content: 'D',
      status: 'published',
    });
  });

  it('keeps the verdict on an answer', async () => {
    const asked = await send('POST', '/query', { body: question });
    const id = asked.body.metadata.interaction_id;
    await send('POST', `/interactions/${id}/feedback`, { body: { feedback: 'negative', comment: 'No.' } });
    const { body } = await send('GET', '/interactions?feedback=negative&limit=200');
    expect(body.interactions.at(-1)).toMatchObject({ id, ...question, feedback: 'negative' });
    expect(twig.data.interactions.at(-1)).toMatchObject({ id, comment: 'No.' });
  });

  it('returns to the beginning on reset, also what a test changed in place', async () => {
    const before = structuredClone(twig.data);
    const first = twig.data.agents[0];
    if (first) first.name = 'Changed';
    await send('DELETE', '/agents/agent_def456');
    twig.reset();
    expect(twig.data).toEqual(before);
    expect(twig.requests).toEqual([]);
  });
});
