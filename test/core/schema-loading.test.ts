/** When the schemas are loaded, who waits for them, and how often an answer that drifted is looked at. */

import { TwigAbortError, TwigConnectionError, TwigResponseValidationError } from '@twig/sdk';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { kit } from '../../src/params/schema-kit.ts';
import { json, rejection, type Script, scriptedClient } from '../support/client.ts';

/** What has happened, in order; and how the schemas are loaded. */
const stage = vi.hoisted(() => ({ events: [] as string[], load: async (): Promise<unknown> => undefined }));

vi.mock(import('../../src/call/load.ts'), async (original) => ({
  ...(await original()),
  loadSchemaKit: (() => {
    stage.events.push('load');
    return stage.load();
  }) as never,
}));

/** A promise to be settled by hand. */
function gate<T>() {
  let open: (value: T) => void = () => {};
  let fail: (error: unknown) => void = () => {};
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

beforeEach(() => {
  stage.events = [];
  stage.load = async () => kit;
});

const odd = { id: 'a', name: 7 };

function validating(responseValidation: 'off' | 'warn' | 'strict', script: Script = () => json(odd)) {
  const warn = (message: string): void => void stage.events.push(message);
  return scriptedClient(script, { responseValidation, logLevel: 'warn', logger: { ...console, warn } });
}

const nameIsNoText = '[twig] agents.get: the answer is not as documented at "name": expected string';

describe('the schemas', () => {
  it('are loaded while the first request is under way', async () => {
    const answer = gate<Response>();
    const { client } = validating('warn', () => {
      stage.events.push('sent');
      return answer.promise;
    });
    const call = client.agents.get('a');
    await vi.waitFor(() => expect(stage.events).toEqual(['sent', 'load']));
    answer.open(json(odd));
    await call;
    expect(stage.events).toEqual(['sent', 'load', nameIsNoText]);
  });

  it('are loaded once for a client and all that are made from it', async () => {
    const { client } = validating('warn');
    for (let count = 0; count < 3; count++) await client.withOptions({ maxRetries: count }).agents.get('a');
    await client.agents.list().catch(() => {});
    expect(stage.events.filter((event) => event === 'load')).toHaveLength(1);
  });

  it('are not loaded for a call that has none, nor with validation off', async () => {
    const { client } = validating('strict');
    await client.request('GET', '/api/v1/agents');
    await client.agents.delete('a');
    await validating('off').client.agents.get('a');
    expect(stage.events).toEqual([]);
  });
});

describe("'warn' before the schemas are there", () => {
  it('hands the answer out, and tells later how it drifted when it came, whatever was made of it since', async () => {
    const loading = gate<unknown>();
    stage.load = () => loading.promise;
    const { client } = validating('warn');
    const agent = await client.agents.get('a');
    agent.name = 'mended';
    await client.agents.get('a');
    expect(stage.events).toEqual(['load']);
    loading.open(kit);
    await vi.waitFor(() => expect(stage.events).toEqual(['load', nameIsNoText]));
  });

  it('looks at the list of a page, too', async () => {
    const loading = gate<unknown>();
    stage.load = () => loading.promise;
    const { client } = validating('warn', () => json({ agents: [odd] }));
    const page = await client.agents.list();
    page.data.length = 0;
    loading.open(kit);
    await vi.waitFor(() => expect(stage.events.at(-1)).toContain('"*.name"'));
  });

  it('goes on without them when they cannot be loaded, and says so once', async () => {
    stage.load = () => Promise.reject(new Error('404'));
    const { client } = validating('warn');
    for (let count = 0; count < 3; count++) expect(await client.agents.get('a')).toMatchObject({ name: 7 });
    await client.agents.update('a', { name: 'x' });
    const warnings = (): string[] => stage.events.filter((event) => event !== 'load');
    await vi.waitFor(() => expect(warnings()).toHaveLength(1));
    expect(warnings()[0]).toContain('responses are not validated');
  });
});

describe("'strict' before the schemas are there", () => {
  it('waits for them, and for as long as the call may last', async () => {
    const loading = gate<unknown>();
    stage.load = () => loading.promise;
    const { client } = validating('strict');
    const controller = new AbortController();
    const left = rejection(client.agents.get('a', { signal: controller.signal }));
    const refused = rejection(client.agents.get('a'));
    await vi.waitFor(() => expect(stage.events).toEqual(['load']));
    controller.abort();
    expect(await left).toBeInstanceOf(TwigAbortError);
    loading.open(kit);
    expect(await refused).toBeInstanceOf(TwigResponseValidationError);
  });

  it('rejects when they cannot be loaded, and sends nothing again', async () => {
    stage.load = () => Promise.reject(new Error('404'));
    const { client, sent } = validating('strict');
    const error = (await rejection(client.agents.get('a'))) as TwigConnectionError;
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({
      phase: 'body',
      isRetryable: false,
      cause: { message: '404' },
      meta: { status: 200 },
    });
    expect(sent).toHaveLength(1);
    stage.load = async () => kit;
    expect(await rejection(client.agents.get('a'))).toBeInstanceOf(TwigResponseValidationError);
  });
});

describe('after a drift', () => {
  /** The first answer of each operation drifts in its name, all that follow in their model. */
  const firstName: Script = ({ url }, index) =>
    json(index === 0 || url.endsWith('b') ? odd : { id: 'a', name: 'n', model: 7 });

  it("'warn' looks at every hundredth answer of the operation, of all clients made from one", async () => {
    const { client } = validating('warn', firstName);
    const warnings = (): string[] => stage.events.filter((event) => event !== 'load');
    await client.agents.get('a');
    for (let count = 0; count < 99; count++) await (count % 2 ? client : client.withOptions({})).agents.get('a');
    expect(warnings()).toEqual([nameIsNoText]);
    await client.agents.get('a');
    expect(warnings()).toEqual([nameIsNoText, nameIsNoText.replace('name', 'model')]);
  });

  it("'warn' goes on looking at the other operations", async () => {
    const { client } = validating('warn');
    await client.agents.get('a');
    await client.agents.update('a', { name: 'x' });
    expect(stage.events.at(-1)).toBe(nameIsNoText.replace('get', 'update'));
  });

  it("'strict' looks at each", async () => {
    const { client } = validating('strict');
    for (let count = 0; count < 3; count++) {
      expect(await rejection(client.agents.get('a'))).toBeInstanceOf(TwigResponseValidationError);
    }
  });
});
