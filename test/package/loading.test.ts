/** The tarball, loaded in each way that there is. */

import { describe, expect, it } from 'vitest';
import { BROWSER_ENTRIES, ENTRIES, folder, node, tool, workspace } from './support.ts';

const USE = `
  const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch: async () => new Response('{"id":"a","name":"n"}') });
  client.agents.get('a').then((agent) => console.log(agent.name, VERSION));`;

describe('loading', () => {
  it('gives the version that package.json has', () => {
    const code = `import { VERSION } from '@twig/sdk'; import manifest from '@twig/sdk/package.json' with { type: 'json' }; console.log(VERSION === manifest.version)`;
    expect(node(workspace, '--input-type=module', '-e', code).trim()).toBe('true');
  });

  it('works as an ECMAScript module, every entry', () => {
    const imports = ENTRIES.map((entry) => `await import('${entry}');`).join('\n');
    const cwd = folder('esm', { 'main.mjs': `import { TwigClient, VERSION } from '@twig/sdk';\n${imports}${USE}` });
    expect(node(cwd, 'main.mjs')).toMatch(/^n \d/);
  });

  it('reads no file of ky and zod, which are many, but one of each', () => {
    const code = `import { registerHooks } from 'node:module';
const read = [];
registerHooks({ load(url, context, next) { read.push(url); return next(url, context); } });
const { TwigClient } = await import('@twig/sdk');
await new TwigClient({ apiKey: 'twigsk_test_x', fetch: async () => new Response('{"id":"a","name":"n"}') }).agents.get('a');
console.log(JSON.stringify(read));`;
    const read = JSON.parse(node(workspace, '--input-type=module', '-e', code)) as string[];
    expect(read.filter((url) => /node_modules\/(ky|zod)\//.test(url))).toEqual([]);
    for (const part of ['transport', 'schema-kit']) expect(read.filter((url) => url.includes(part))).toHaveLength(1);
  });

  const commonJs = (entries: readonly string[], ...flags: string[]): string => {
    const requires = entries.map((entry) => `require('${entry}');`).join('\n');
    const cwd = folder('cjs', {
      'main.cjs': `const { TwigClient, VERSION } = require('@twig/sdk');\n${requires}${USE}`,
    });
    return node(cwd, ...flags, 'main.cjs');
  };

  it('works as CommonJS, every entry', () => expect(commonJs(ENTRIES)).toMatch(/^n \d/));

  it('loads no ECMAScript module as CommonJS', () => {
    expect(commonJs(ENTRIES, '--no-experimental-require-module')).toMatch(/^n \d/);
  });

  it('knows the errors of the other copy: instanceof holds across ECMAScript modules and CommonJS', () => {
    const cwd = folder('both', {
      'main.mjs': `import { createRequire } from 'node:module';
import { TwigConfigError, TwigNotFoundError } from '@twig/sdk';
const other = createRequire(import.meta.url)('@twig/sdk');
try { new other.TwigClient({ apiKey: ' ' }); } catch (error) {
  console.log(error instanceof TwigConfigError, error instanceof TwigNotFoundError, other.TwigConfigError !== TwigConfigError);
}`,
    });
    expect(node(cwd, 'main.mjs').trim()).toBe('true false true');
  });

  it('has one copy of the errors for all entry points', () => {
    const code = `import { TwigConfigError } from '@twig/sdk'; import * as webhooks from '@twig/sdk/webhooks'; import * as limiter from '@twig/sdk/rate-limiter'; console.log(webhooks.TwigConfigError === TwigConfigError, limiter.TwigConfigError === TwigConfigError)`;
    expect(node(workspace, '--input-type=module', '-e', code).trim()).toBe('true true');
  });

  it('works in Jest 30, as CommonJS', () => {
    const cwd = folder('jest', {
      'package.json': '{"name":"jest-consumer","private":true}',
      'client.test.js': `const { TwigClient } = require('@twig/sdk');
test('asks', async () => {
  const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch: async () => new Response('{"id":"a","name":"n"}') });
  expect((await client.agents.get('a')).name).toBe('n');
});`,
    });
    expect(node(cwd, tool('jest/bin/jest.js'), '--rootDir', cwd)).toContain('1 passed');
  });

  it("shows every export to Jest's automock, of every entry", () => {
    const cwd = folder('jest-automock', {
      'package.json': '{"name":"jest-automock","private":true}',
      'client.test.js': `const { ask } = require('./ask.js');
const { TwigClient, TwigRateLimitError } = require('@twig/sdk');
jest.mock('@twig/sdk');
const entries = ${JSON.stringify(ENTRIES.filter((entry) => !entry.includes('testing')))};
test.each(entries)('%s', (entry) => {
  const real = jest.requireActual(entry);
  const mock = jest.createMockFromModule(entry);
  for (const name of Object.keys(real)) expect([name, typeof mock[name]]).toEqual([name, typeof real[name]]);
});
test('code that tells errors apart', async () => {
  TwigClient.prototype.query = jest.fn().mockRejectedValue(new TwigRateLimitError());
  expect(await ask()).toBe('later');
});`,
      'ask.js': `const { TwigClient, TwigNotFoundError, TwigRateLimitError } = require('@twig/sdk');
exports.ask = () => new TwigClient().query({}).catch((error) =>
  error instanceof TwigNotFoundError ? 'nobody' : error instanceof TwigRateLimitError ? 'later' : 'never');`,
    });
    expect(node(cwd, tool('jest/bin/jest.js'), '--rootDir', cwd)).toMatch(/Tests: +\d+ passed, \d+ total/);
  });

  it('lets test tools put something in the place of every export of CommonJS', () => {
    const cwd = folder('stubs', {
      'main.cjs': `for (const entry of ${JSON.stringify(ENTRIES)}) {
  const exported = require(entry);
  for (const name of Object.keys(exported)) {
    exported[name] = 'stub';
    if (exported[name] !== 'stub' || !Object.getOwnPropertyDescriptor(exported, name).configurable) console.log(entry, name);
  }
  console.log(entry, exported.__esModule);
}`,
    });
    expect(node(cwd, 'main.cjs')).toBe(ENTRIES.map((entry) => `${entry} true\n`).join(''));
  });

  it("works in Jest's jsdom, which asks for the build for browsers, and is no page", () => {
    const cwd = folder('jest-jsdom', {
      'package.json': '{"name":"jest-jsdom","private":true}',
      // jsdom has no fetch: what people do about it.
      'environment.js': `const { TestEnvironment } = require('jest-environment-jsdom');
module.exports = class extends TestEnvironment {
  constructor(...args) {
    super(...args);
    Object.assign(this.global, { AbortController, AbortSignal, Headers, ReadableStream, Request, Response, TextDecoder, TextDecoderStream, TextEncoder });
  }
};`,
      'client.test.js': `const { TwigClient } = require('@twig/sdk');
test('asks', async () => {
  expect(require.resolve('@twig/sdk')).toContain('browser');
  const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch: async () => new Response('{"id":"a","name":"n"}') });
  expect((await client.agents.get('a')).name).toBe('n');
});`,
    });
    const args = ['--rootDir', cwd, '--env', './environment.js'];
    expect(node(cwd, tool('jest/bin/jest.js'), ...args)).toContain('1 passed, 1 total');
  });

  it('loads where jsdom is all there is', () => {
    const cwd = folder('jest-bare-jsdom', {
      'package.json': '{"name":"jest-bare-jsdom","private":true}',
      'load.test.js': `test.each(${JSON.stringify(BROWSER_ENTRIES)})('%s', (entry) => {
  expect(Object.keys(require(entry))).not.toEqual([]);
  expect(typeof TextEncoder).toBe('undefined');
});`,
    });
    expect(node(cwd, tool('jest/bin/jest.js'), '--rootDir', cwd, '--env', 'jsdom')).toMatch(
      /Tests: +\d+ passed, \d+ total/,
    );
  });
});
