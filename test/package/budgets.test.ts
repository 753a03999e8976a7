/** How large, how quick to load and how cheap to type-check: ceilings that move only by decision, peers beside them. */

import { execFileSync } from 'node:child_process';
import { describe, expect, inject, it } from 'vitest';
import { bundled, measure } from './measure.ts';
import { outdated, tableOf, writeTable } from './readme-table.ts';

const workspace = inject('workspace');

describe('the size of a bundle', () => {
  it.each([
    ['@twig/sdk', 47_600, 34_800],
    ['@twig/sdk/webhooks', 6_500, 6_500],
    ['@twig/sdk/rate-limiter', 7_800, 7_800],
    ['@twig/sdk/redis', 6_900, 6_900],
    ['@twig/sdk/proxy', 8_300, 8_300],
  ])(
    '%s stays under %i bytes, for browsers under %i, and holds nothing that is not used',
    async (entry, ceiling, forBrowsers) => {
      // Workers get what Node gets.
      const { code, gzip } = await bundled(workspace, entry, 'workers');
      const page = await bundled(workspace, entry);
      console.log(`${entry}: ${gzip} bytes gzip, ${page.gzip} for browsers`);
      expect(gzip).toBeLessThanOrEqual(ceiling);
      expect(page.gzip).toBeLessThanOrEqual(forBrowsers);
      for (const name of ['locales', 'new Function', 'node:']) expect(code).not.toContain(name);
    },
  );
});

it('the client holds nothing of the entries beside it', async () => {
  const { code } = await bundled(workspace, '@twig/sdk', 'workers');
  for (const word of ['evalsha', 'vercel.ai.error', 'opentelemetry', 'list_agents']) expect(code).not.toContain(word);
  const { code: store } = await bundled(workspace, '@twig/sdk/redis');
  expect(store).toContain('evalsha');
});

it('a model of the AI SDK costs at most 4 KB more than the client', async () => {
  const client = await bundled(workspace, '@twig/sdk');
  const provider = await bundled(workspace, '@twig/sdk/ai-sdk');
  console.log(`@twig/sdk/ai-sdk: ${provider.gzip - client.gzip} bytes gzip over the client`);
  expect(provider.gzip - client.gzip).toBeLessThanOrEqual(4096);
  expect(provider.code).toContain('vercel.ai.error');
});

const figures = await measure(workspace);
const { '@twig/sdk': ours, openai } = figures;
if (!ours || !openai) throw new Error('nothing was measured');
console.log(tableOf(figures));

describe('beside its peers, measured the same way', () => {
  it('is less than half the size of openai', () => expect(ours.page).toBeLessThan(openai.page / 2));

  it('loads in a third of the time', () => expect(ours.load).toBeLessThan(openai.load / 3));

  it('has sent a first request before openai has', () => expect(ours.firstCall).toBeLessThan(openai.firstCall));

  it('costs ten lines of use a quarter of the time to type-check, and few instantiations', () => {
    expect(ours.check).toBeLessThan(openai.check / 4);
    expect(ours.instantiations).toBeLessThan(500);
  });

  it('has in README.md what was measured', () => {
    if (process.env.FIGURES === 'write') writeTable(figures);
    else expect(outdated(figures), 'README.md is out of date. To write it anew: npm run figures').toEqual([]);
  });
});

it('runs nothing at import: no timer, no random, no environment, no schema, no transport', () => {
  const code = `
    const touched = [];
    for (const name of ['setTimeout', 'setInterval', 'fetch']) globalThis[name] = () => touched.push(name);
    Math.random = () => touched.push('random');
    process.env = new Proxy({}, { get: (_, key) => { if (String(key).startsWith('TWIG')) touched.push(key); } });
    for (const entry of ['', '/webhooks', '/rate-limiter', '/redis', '/proxy', '/ai-sdk', '/otel', '/mcp']) await import('@twig/sdk' + entry);
    console.log(JSON.stringify(touched));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: workspace,
    encoding: 'utf8',
  });
  expect(JSON.parse(printed)).toEqual([]);
});
