/** Pages: where a list ends, and that it ends. */

import { TwigPaginationError, TwigResponseValidationError, TwigValidationError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { json, rejection, type Sent, scriptedClient } from '../support/client.ts';

const items = Array.from({ length: 23 }, (_, i) => ({ id: `agent_${i}`, name: `Agent ${i}` }));
const asked = ({ url }: Sent): { limit: number; offset: number } => {
  const { searchParams } = new URL(url);
  return { limit: Number(searchParams.get('limit') ?? 50), offset: Number(searchParams.get('offset') ?? 0) };
};
/** A server with 23 agents; it may cap its pages, keep its total to itself, or ignore the offset. */
function list({ cap = 200, total = true, offset = true } = {}) {
  return scriptedClient((sent) => {
    const { limit, offset: from } = asked(sent);
    const start = offset ? from : 0;
    const agents = items.slice(start, start + Math.min(limit, cap));
    return json({ agents, ...(total && { total: items.length }) });
  });
}
const ids = (found: { id: string }[]): string[] => found.map(({ id }) => id);
const all = ids(items);

describe('walking over a list', () => {
  it.each([
    ['by its total', {}, 3],
    ['by a page that is shorter than asked, where there is no total', { total: false }, 3],
    ['by its total, where the server caps its pages', { cap: 4 }, 6],
  ])('ends %s, and loses nothing', async (_, server, requests) => {
    const { client, sent } = list(server);
    const found: { id: string }[] = [];
    for await (const agent of client.agents.list({ limit: 10 })) found.push(agent);
    expect(ids(found)).toEqual(all);
    expect(sent).toHaveLength(requests);
  });

  it('sends nothing more after break', async () => {
    const { client, sent } = list();
    for await (const agent of client.agents.list({ limit: 10 })) if (agent.id === 'agent_3') break;
    expect(sent).toHaveLength(1);
  });

  it('goes page by page', async () => {
    const sizes: number[] = [];
    for await (const page of list().client.agents.list({ limit: 10 }).pages()) sizes.push(page.data.length);
    expect(sizes).toEqual([10, 10, 3]);
  });

  it('ends in an error, not in a loop, when the server ignores the offset', async () => {
    const { client, sent } = list({ offset: false });
    const error = await rejection(client.agents.list({ limit: 10 }).toArray({ limit: 100 }));
    expect(error).toBeInstanceOf(TwigPaginationError);
    expect(error).toMatchObject({ code: 'repeated_page' });
    expect(sent).toHaveLength(2);
  });

  it('takes a page for the same when its first item is, whatever else of it has changed', async () => {
    const { client } = scriptedClient((_sent, index) => json({ agents: [{ ...items[0], seen: index }], total: 9 }));
    expect(await rejection(client.agents.list({ limit: 1 }).toArray({ limit: 9 }))).toMatchObject({
      code: 'repeated_page',
    });
  });

  it('knows a repeated page also by items that have no id', async () => {
    const { client } = scriptedClient(() => json({ agents: [{ name: 'Nameless' }], total: 9 }));
    const error = await rejection(client.agents.list({ limit: 1 }).toArray({ limit: 9 }));
    expect(error).toMatchObject({ code: 'repeated_page' });
  });

  it('can be taken up again where a loop left its iterator open', async () => {
    const iterator = list().client.agents.list({ limit: 10 })[Symbol.asyncIterator]();
    const first = await iterator.next();
    const rest: { id: string }[] = [];
    for await (const agent of iterator as AsyncIterable<{ id: string }>) rest.push(agent);
    expect([first.value?.id, ...ids(rest)]).toEqual(all);
  });

  it('loses nothing where the server says offset 0 on every page', async () => {
    const { client } = scriptedClient((sent) => {
      const { limit, offset } = asked(sent);
      return json({ agents: items.slice(offset, offset + limit), total: items.length, offset: 0 });
    });
    expect(ids(await client.agents.list({ limit: 10 }).toArray({ limit: 100 }))).toEqual(all);
  });

  it('ends in an error, not silently, when the server gives nothing although its total says more', async () => {
    const { client } = scriptedClient((sent) =>
      json({ agents: asked(sent).offset ? [] : items.slice(0, 5), total: 23 }),
    );
    expect(await rejection(client.agents.list({ limit: 5 }).toArray({ limit: 100 }))).toMatchObject({
      code: 'empty_page',
    });
  });
});

describe('a page', () => {
  it('tells where it is and what else the answer held', async () => {
    const { client } = scriptedClient(() =>
      json({ agents: items.slice(0, 2), total: 23, limit: 2, offset: 4, next_hint: 'x' }),
    );
    const page = await client.agents.list();
    expect(page).toMatchObject({ total: 23, limit: 2, offset: 4, extra: { nextHint: 'x' } });
    expect(page.meta.status).toBe(200);
    expect(page.hasNextPage()).toBe(true);
  });

  it('gives the next one, and after the last an error', async () => {
    const page = await list().client.agents.list({ limit: 20 });
    const last = await page.getNextPage();
    expect(ids(last.data)).toEqual(all.slice(20));
    expect(last.hasNextPage()).toBe(false);
    expect(await rejection(last.getNextPage())).toMatchObject({ code: 'no_next_page' });
  });

  it('is found under the common names, and as a bare array', async () => {
    for (const body of [
      { data: items },
      { items },
      { results: items },
      { agents: items },
      items,
      { data: items, status: 'success' },
    ]) {
      expect((await scriptedClient(() => json(body)).client.agents.list()).data).toHaveLength(23);
    }
  });

  it.each(['agents', 'dataSources', 'interactions', 'users', 'kb'] as const)(
    'of %s gives items that are null as they came, and strict refuses them',
    async (namespace) => {
      const { client } = scriptedClient(() => json({ items: [null] }));
      expect((await client[namespace].list()).data).toEqual([null]);
      const strict = client.withOptions({ responseValidation: 'strict' });
      expect(await rejection(strict[namespace].list())).toBeInstanceOf(TwigResponseValidationError);
    },
  );

  it('is an error where there is no list, in every mode', async () => {
    for (const responseValidation of ['off', 'warn', 'strict'] as const) {
      const { client } = scriptedClient(() => json({ message: 'no' }), { responseValidation });
      expect(await rejection(client.agents.list())).toBeInstanceOf(TwigResponseValidationError);
    }
  });
});

describe('toArray', () => {
  it('collects as many as were asked for, and reads no page beyond', async () => {
    const { client, sent } = list();
    expect(ids(await client.agents.list({ limit: 10 }).toArray({ limit: 12 }))).toEqual(all.slice(0, 12));
    expect(sent).toHaveLength(2);
  });

  it.each([undefined, {}, { limit: -1 }, { limit: 1.5 }])('needs its limit: %o', async (options) => {
    expect(
      await rejection(
        list()
          .client.agents.list()
          .toArray(options as never),
      ),
    ).toBeInstanceOf(TwigValidationError);
  });
});
