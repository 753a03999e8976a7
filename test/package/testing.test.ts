/** The mock as its users install it: in small projects of the common test runners, as a command, and without msw. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';

const workspace = inject('workspace');
const fixtures = join(workspace, 'fixtures');
const bin = (path: string): string => join(workspace, 'node_modules', path);
beforeAll(() => cpSync(join(import.meta.dirname, 'fixtures'), fixtures, { recursive: true }));

/** Runs Node in a folder, as a user's shell would, with the given `NODE_OPTIONS`. */
function node(cwd: string, args: string[], options = ''): { status: number | null; output: string } {
  const shell = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_OPTIONS|NODE_ENV|TEST$|FORCE_)/.test(name),
  );
  const env = { ...Object.fromEntries(shell), NO_COLOR: '1', NODE_OPTIONS: options };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, env, encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

describe('a project of', () => {
  const jest = bin('jest/bin/jest.js');
  it.each([
    ['Vitest', 'vitest', [bin('vitest/vitest.mjs'), 'run'], '', 'Tests  4 passed (4)'],
    ['Jest 30, in CommonJS', 'jest', [jest], '--experimental-vm-modules', '4 passed, 4 total'],
    ['Jest 30, in CommonJS, transformed', 'jest', [jest, '--config', 'transform.json'], '', '4 passed, 4 total'],
    ['Jest 30, in ECMAScript modules', 'jest-esm', [jest], '--experimental-vm-modules', '4 passed, 4 total'],
    ['node:test', 'node-test', ['--test'], '', 'pass 5\n'],
  ])('%s tests its code with the mock', (_, folder, args, options, summary) => {
    const { status, output } = node(join(fixtures, folder), args, options);
    expect(output).toContain(summary);
    expect(status).toBe(0);
  });
});

describe('the command twig-mock', () => {
  it('serves curl, and ends with Ctrl-C', async () => {
    const child = spawn(bin('.bin/twig-mock'), ['--port', '0', '--fault', 'agents.list=status:503@2']);
    try {
      const [line] = await once(child.stdout, 'data');
      const [url] = /http:\S+/.exec(String(line)) ?? [];
      const curl = (...args: string[]): string =>
        spawnSync('curl', ['-s', '-H', 'Authorization: Bearer x', ...args], { encoding: 'utf8' }).stdout;
      expect(JSON.parse(curl(`${url}/api/v1/agents`))).toMatchObject({ total: 2 });
      expect(curl('-o', '/dev/null', '-w', '%{http_code}', `${url}/api/v1/agents`)).toBe('503');
      const question = { agent_id: 'agent_abc123', query: 'What is pricing?', stream: true };
      const stream = curl('-N', '-d', JSON.stringify(question), `${url}/api/v1/query`);
      expect(stream).toMatch(/^event: delta\ndata: [\s\S]*\n\nevent: done\ndata: .*\n\n$/);
      child.kill('SIGINT');
      expect(await once(child, 'exit')).toEqual([0, null]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

describe('without msw', () => {
  const folder = mkdtempSync(join(tmpdir(), 'twig-no-msw-'));
  beforeAll(() => {
    for (const name of ['@twig/sdk', 'ky', 'p-retry', 'is-network-error', 'eventsource-parser', 'zod'])
      cpSync(bin(name), join(folder, 'node_modules', name), { recursive: true });
    return () => rmSync(folder, { recursive: true });
  });

  const USE = `
    const twig = createTwigMock();
    const server = await startTwigServer({ mock: twig });
    const names = [];
    for (const options of [{ fetch: twig.fetch }, { baseUrl: server.url }]) {
      const client = new TwigClient({ apiKey: 'twigsk_test_x', ...options });
      names.push((await client.agents.get('agent_abc123')).name);
    }
    await server.close();
    console.log(names.join(), twig.requests.length, twig.handlers.length);`;
  const IMPORTS = [
    ['TwigClient', '@twig/sdk'],
    ['createTwigMock', '@twig/sdk/testing'],
    ['startTwigServer', '@twig/sdk/testing/server'],
  ];

  it('the mock answers as a function and as a server, both ways to load it', () => {
    const said = { status: 0, output: 'Support Agent,Support Agent 2 1\n' };
    const imports = IMPORTS.map(([name, entry]) => `import { ${name} } from '${entry}';`).join('\n');
    expect(node(folder, ['--input-type=module', '-e', imports + USE])).toEqual(said);
    const requires = IMPORTS.map(([name, entry]) => `const { ${name} } = require('${entry}');`).join('\n');
    expect(node(folder, ['-e', `${requires}\n(async () => {${USE}})();`])).toEqual(said);
  });

  it('twig-mock explains itself', () => {
    const command = join(folder, 'node_modules/@twig/sdk/dist/testing/cli.js');
    expect(node(folder, [command, '--help'])).toMatchObject({ status: 0, output: expect.stringContaining('--port') });
  });
});
