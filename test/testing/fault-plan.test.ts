/** Which calls an armed fault meets. */

import { type Fault, faults } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { send, useMock } from './harness.ts';

const { twig } = useMock();

describe('an armed fault', () => {
  const statuses = async (count: number): Promise<string> => {
    const seen: string[] = [];
    for (let i = 0; i < count; i++) seen.push(String((await send('GET', '/agents')).status));
    return seen.join(' ');
  };
  const down: Fault = faults.status(503);

  it('meets one call, and only of its operation', async () => {
    twig.faults.next('query', down);
    expect(await statuses(2)).toBe('200 200');
    twig.faults.next('agents.list', down);
    expect(await statuses(2)).toBe('503 200');
  });

  it('waits for its turn behind those that were armed before it', async () => {
    twig.faults.next('agents.list', down);
    twig.faults.next('agents.list', faults.status(500));
    expect(await statuses(3)).toBe('503 500 200');
  });

  it('meets the n-th call from then on', async () => {
    twig.faults.nth('agents.list', 3, down);
    expect(await statuses(4)).toBe('200 200 503 200');
  });

  it('counts the calls that others meet', async () => {
    twig.faults.next('agents.list', faults.status(500));
    twig.faults.nth('agents.list', 2, down);
    expect(await statuses(3)).toBe('500 503 200');
  });

  it('meets a call without a key too', async () => {
    twig.faults.next('agents.list', down);
    expect((await send('GET', '/agents', { key: null })).status).toBe(503);
    expect((await send('GET', '/agents', { key: null })).status).toBe(401);
  });

  it('meets calls by chance, the same ones for the same seed', async () => {
    const pattern = async (seed: number, probability = 0.5): Promise<string> => {
      twig.faults.clear();
      twig.faults.random('agents.list', probability, down, seed);
      return statuses(20);
    };
    const first = await pattern(1);
    expect(await pattern(1)).toBe(first);
    expect(await pattern(2)).not.toBe(first);
    expect(first).toMatch(/200.*503|503.*200/);
    expect(await pattern(1, 0)).not.toContain('503');
    expect(await pattern(1, 1)).not.toContain('200');
  });

  it('for streams waits for a streamed call', async () => {
    const question = { agent_id: 'agent_abc123', query: 'refund policy' };
    twig.faults.next('query', faults.truncateStream());
    expect((await send('POST', '/query', { body: question })).body.response).toContain('30 days');
    const { body } = await send('POST', '/query', { body: { ...question, stream: true } });
    expect(body).toMatch(/^event: delta\ndata: [^\n]+\n\n$/);
  });

  it('is disarmed by clear()', async () => {
    twig.faults.next('*', down);
    twig.faults.random('*', 1, down);
    twig.faults.clear();
    expect(await statuses(1)).toBe('200');
  });

  it('is refused when it could never meet a call', () => {
    // @ts-expect-error What a program without types could pass.
    expect(() => twig.faults.next('agent.list', down)).toThrow('There is no operation "agent.list"');
    expect(() => twig.faults.nth('query', 0, down)).toThrow('n must be an integer ≥ 1, not 0');
    expect(() => twig.faults.random('query', 2, down)).toThrow('probability must be from 0 to 1, not 2');
  });
});
