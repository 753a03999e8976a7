/** Logging: what each level says, and that a logger cannot break a call. */

import type { Logger, LogLevel, TwigClientOptions } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it, vi } from 'vitest';
import { inTurn, json, scriptedClient } from '../support/client.ts';

const agent = { id: 'a', name: 'x' };

/** What a call, with a retry and a drift, writes under these options. */
async function linesOf(options: TwigClientOptions): Promise<[level: string, message: string, details?: unknown][]> {
  const lines: [string, string, unknown][] = [];
  const write = (level: string) => (message: string, details?: unknown) => void lines.push([level, message, details]);
  const logger: Logger = { error: write('error'), warn: write('warn'), info: write('info'), debug: write('debug') };
  const clock = createTestClock();
  clock.random = () => 0.5;
  const script = inTurn(
    () => json({}, 503, { 'set-cookie': 'session=1' }),
    () => json({ ...agent, name: 7 }),
  );
  const { client } = scriptedClient(script, { clock, logger, logLevel: undefined, ...options });
  const done = client.agents.update('a', { name: 'the body' });
  await clock.advance(1000);
  await done;
  return lines;
}

describe('the level', () => {
  it.each<[LogLevel, string[]]>([
    ['off', []],
    ['error', []],
    ['warn', ['warn']],
    ['info', ['info', 'warn']],
    ['debug', ['debug', 'debug', 'info', 'debug', 'debug', 'warn']],
  ])('%s', async (logLevel, expected) => {
    const lines = await linesOf({ logLevel });
    expect(lines.map(([level]) => level)).toEqual(expected);
    for (const [, message] of lines) expect(message).toMatch(/^\[twig\] agents\.update: /);
  });

  it('comes from TWIG_LOG when no option gives it, and is warn without both or with nonsense', async () => {
    const levels = async (options: TwigClientOptions) => (await linesOf(options)).map(([level]) => level);
    expect(await levels({})).toEqual(['warn']);
    vi.stubEnv('TWIG_LOG', 'info');
    expect(await levels({})).toEqual(['info', 'warn']);
    expect(await levels({ logLevel: 'off' })).toEqual([]);
    vi.stubEnv('TWIG_LOG', 'loud');
    expect(await levels({})).toEqual(['warn']);
  });
});

it('writes bodies at debug alone, and headers by an allow-list', async () => {
  const lines = await linesOf({ logLevel: 'debug', headers: { cookie: 'secret=1' } });
  const [[, sent, request] = [], [, answered, response] = []] = lines;
  expect(sent).toBe('[twig] agents.update: PUT https://api.twig.so/api/v1/agents/a');
  expect(request).toMatchObject({ attempt: 1, body: '{"name":"the body"}' });
  expect(answered).toBe('[twig] agents.update: 503');
  expect(response).toMatchObject({ status: 503, headers: { 'content-type': 'application/json' } });
  expect(JSON.stringify(lines)).not.toMatch(/secret|session|authorization/i);
  expect(JSON.stringify(await linesOf({ logLevel: 'info' }))).not.toContain('the body');
});

it('tells the wait before a retry at info', async () => {
  const [line] = await linesOf({ logLevel: 'info' });
  expect(line?.[1]).toBe('[twig] agents.update: attempt 1 failed (service_unavailable); the next one in 250 ms');
});

it('goes to the console by default, and survives a logger that throws', async () => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {
    throw new Error('no console');
  });
  const { client } = scriptedClient(() => json({ ...agent, name: 7 }), { logLevel: undefined });
  expect(await client.agents.get('a')).toMatchObject({ id: 'a', name: 7 });
  expect(warn).toHaveBeenCalledOnce();
});

it('survives a logger that is an async function and rejects', async () => {
  let lines = 0;
  const write = async (): Promise<never> => {
    lines++;
    throw new Error('no disk');
  };
  const { client } = scriptedClient(() => json({ ...agent, name: 7 }), {
    logger: { error: write, warn: write, info: write, debug: write },
    logLevel: 'debug',
  });
  await client.agents.get('a');
  expect(lines).toBeGreaterThan(1);
});
