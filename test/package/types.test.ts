/** The types, as every supported compiler and setting of a consumer reads them, with its own check of our declarations. */

import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { folder, tool } from './support.ts';

const CONSUMER = `import { TwigClient, TwigRateLimitError, type Agent, type QueryStreamEvent } from '@twig/sdk';
import { createWebhookHandler, Webhooks } from '@twig/sdk/webhooks';
import { RateLimiter } from '@twig/sdk/rate-limiter';
import { createTwigProxy } from '@twig/sdk/proxy';
import { createTwig, twigErrorOf } from '@twig/sdk/ai-sdk';
import { registerTwigTools, type ToolRegistry } from '@twig/sdk/mcp';
export const client = new TwigClient({ apiKey: 'k', rateLimiter: new RateLimiter(), timeoutMs: 1000 });
export async function ask(): Promise<string> {
  const answer = await client.query({ agentId: 'a', query: 'q' });
  const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
  let text = answer.response;
  for await (const event of stream) text += textOf(event);
  for await (const agent of client.agents.list()) text += nameOf(agent);
  try { await client.agents.delete('a'); } catch (error) { if (error instanceof TwigRateLimitError) text += String(error.retryAfterMs); }
  return text;
}
const textOf = (event: QueryStreamEvent): string => (event.type === 'delta' ? event.text : '');
const nameOf = (agent: Agent): string => agent.name;
export const webhooks = new Webhooks({ secret: 's' });
export const POST = createWebhookHandler({ secret: 's', fallback: (event) => event.event });
export const proxy = createTwigProxy({ client, authorize: () => ({ agentIds: ['a'] }) });
export const model = createTwig({ client })('a', { sessionId: null });
export const modelError: string | undefined = twigErrorOf(new Error())?.code;
export const addTwig = (server: ToolRegistry): void => registerTwigTools(server, client, { agentIds: ['a'] });
`;

const COMMON = `import sdk = require('@twig/sdk');
export const client = new sdk.TwigClient({ apiKey: 'k' });
`;

const MOCK_CONSUMER = `import { createTestClock, createTwigMock, faults, type TwigMock } from '@twig/sdk/testing';
import { startTwigServer, type TwigServer } from '@twig/sdk/testing/server';
export const mock: TwigMock = createTwigMock({ seed: 1, clock: createTestClock() });
export const handlers: readonly unknown[] = mock.handlers;
export const server: Promise<TwigServer> = startTwigServer({ mock, port: 0 });
export const fault = faults;
`;

const VERSIONS = ['5.4', '5.9', '6.0', '7.0'];
const MODULES = { node16: 'node16', nodenext: 'nodenext', bundler: 'esnext', node: 'commonjs' };
const LIBS = { 'no DOM': ['es2022'], DOM: ['es2022', 'dom', 'dom.iterable'] };

/** What the compiler says of these files. */
function complaints(
  version: string,
  resolution: keyof typeof MODULES,
  lib: keyof typeof LIBS,
  types: string[],
  files: Record<string, string>,
): string[] {
  const compilerOptions = {
    target: 'es2022',
    lib: LIBS[lib],
    types,
    module: MODULES[resolution],
    moduleResolution: resolution,
    strict: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  };
  const cwd = folder(`types-${version}-${resolution}-${lib}-${types}`.replaceAll(/[ .]/g, ''), {
    ...files,
    'package.json': '{"type":"module"}',
    'tsconfig.json': JSON.stringify({ compilerOptions, files: Object.keys(files) }),
  });
  const compiler = tool(`typescript${version.replace('.', '')}/${version === '7.0' ? 'bin/tsc' : 'lib/tsc.js'}`);
  const args = [compiler, '-p', '.', '--pretty', 'false'];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return (stdout + stderr).split('\n').filter(Boolean);
}

const cells = <T extends string>(names: readonly T[]): (readonly [string, T, keyof typeof LIBS])[] =>
  VERSIONS.flatMap((version) =>
    names.flatMap((name) => [[version, name, 'no DOM'] as const, [version, name, 'DOM'] as const]),
  );

describe('without the types of Node', () => {
  it.each(cells(['node16', 'nodenext', 'bundler']))('check with TypeScript %s, %s, %s', (version, resolution, lib) => {
    const files = resolution === 'bundler' ? { 'main.ts': CONSUMER } : { 'main.ts': CONSUMER, 'common.cts': COMMON };
    expect(complaints(version, resolution, lib, [], files)).toEqual([]);
  });
});

// TypeScript 6 gave it up.
const old = cells(['node']).filter(([version]) => version.startsWith('5.'));

describe("with the compiler's old way to find modules", () => {
  it.each(old)('check with TypeScript %s, %s, %s', (version, resolution, lib) => {
    expect(complaints(version, resolution, lib, [], { 'main.ts': CONSUMER, 'common.ts': COMMON })).toEqual([]);
  });
});

describe('with the types of Node, and the mock', () => {
  it.each([...cells(['nodenext']), ...old])('check with TypeScript %s, %s, %s', (version, resolution, lib) => {
    const common = resolution === 'node' ? 'common.ts' : 'common.cts';
    const files = { 'main.ts': CONSUMER, [common]: COMMON, 'mock.ts': MOCK_CONSUMER };
    const found = complaints(version, resolution, lib, ['node'], files);
    // The declarations of msw and of Node are checked as well, and do not all pass: those are not ours.
    expect(found.filter((line) => !/^(\s|\.\.\/node_modules\/(?!@twig\/))/.test(line))).toEqual([]);
  });
});
