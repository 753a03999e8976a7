/** How large, how quick to load and how cheap to type-check: ceilings that move only by decision, peers beside them. */

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, inject, it } from 'vitest';

const workspace = inject('workspace');

/** Bytes of a bundle with all its dependencies, minified, after gzip. */
async function bundled(code: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: workspace },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    legalComments: 'none',
    // The peers' own imports of Node, which their browser builds do not use.
    external: ['node:*'],
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
}

const everything = (entry: string): string => `export * from '${entry}';`;

describe('the size of a bundle', () => {
  it.each([
    ['@twig/sdk', 38_500],
    ['@twig/sdk/webhooks', 4_700],
    ['@twig/sdk/rate-limiter', 3_600],
  ])('%s stays under %i bytes', async (entry, ceiling) => {
    const size = await bundled(everything(entry));
    console.log(`${entry}: ${size} bytes gzip`);
    expect(size).toBeLessThanOrEqual(ceiling);
  });

  it('is smaller than that of openai, @anthropic-ai/sdk and @mistralai/mistralai', async () => {
    const ours = await bundled("export { TwigClient } from '@twig/sdk';");
    for (const peer of ['openai', '@anthropic-ai/sdk', '@mistralai/mistralai', 'stripe']) {
      const size = await bundled(everything(peer));
      console.log(`${peer}: ${size} bytes gzip, ${(size / ours).toFixed(2)} times ours (${ours})`);
      if (peer !== 'stripe') expect(ours).toBeLessThan(size);
    }
  });
});

/** The median time of a process that runs `code`, in milliseconds. */
function times(codes: Record<string, string>): Record<string, number> {
  const values: Record<string, number[]> = Object.fromEntries(Object.keys(codes).map((name) => [name, []]));
  for (let round = 0; round < 9; round++) {
    for (const [name, code] of Object.entries(codes)) {
      const start = performance.now();
      execFileSync(process.execPath, ['--input-type=module', '-e', code], { cwd: workspace });
      values[name]?.push(performance.now() - start);
    }
  }
  return Object.fromEntries(
    Object.entries(values).map(([name, list]) => [name, list.sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0]),
  );
}

it('loads in a third of the time that openai takes, over an empty process', () => {
  const { empty = 0, ...rest } = times({
    empty: '',
    '@twig/sdk': "import '@twig/sdk'",
    openai: "import 'openai'",
    '@anthropic-ai/sdk': "import '@anthropic-ai/sdk'",
    '@mistralai/mistralai': "import '@mistralai/mistralai'",
    stripe: "import 'stripe'",
  });
  const over = Object.fromEntries(Object.entries(rest).map(([name, time]) => [name, time - empty]));
  console.log('import, milliseconds over an empty process:', over);
  expect(over['@twig/sdk'] ?? 0).toBeLessThan((over.openai ?? 0) / 3);
});

it('runs nothing at import: no timer, no random, no environment, no schema, no transport', () => {
  const code = `
    const touched = [];
    for (const name of ['setTimeout', 'setInterval', 'fetch']) globalThis[name] = () => touched.push(name);
    Math.random = () => touched.push('random');
    process.env = new Proxy({}, { get: (_, key) => { if (String(key).startsWith('TWIG')) touched.push(key); } });
    for (const entry of ['', '/webhooks', '/rate-limiter', '/proxy']) await import('@twig/sdk' + entry);
    console.log(JSON.stringify(touched));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', code], {
    cwd: workspace,
    encoding: 'utf8',
  });
  expect(JSON.parse(printed)).toEqual([]);
});

it('costs a consumer of ten lines little to type-check', () => {
  const cwd = join(workspace, 'types-cost');
  mkdirSync(cwd, { recursive: true });
  const source = `const client = new TwigClient({ apiKey: 'k' });
const answer = await client.query({ agentId: 'a', query: 'q' });
console.log(answer.response, answer.sources[0]?.documentTitle);
const stream = await client.query({ agentId: 'a', query: 'q', stream: true });
for await (const event of stream) if (event.type === 'delta') console.log(event.text);
for await (const agent of client.agents.list({ limit: 10 })) console.log(agent.name);
`;
  writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
  const compilerOptions = {
    target: 'es2022',
    module: 'nodenext',
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    types: [],
    lib: ['es2022', 'dom'],
  };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }));
  const instantiations = (text: string): number => {
    writeFileSync(join(cwd, 'main.ts'), text);
    const tsc = join(workspace, 'node_modules/typescript60/lib/tsc.js');
    const printed = execFileSync(process.execPath, [tsc, '-p', '.', '--extendedDiagnostics'], {
      cwd,
      encoding: 'utf8',
    });
    return Number(/Instantiations:\s+(\d+)/.exec(printed)?.[1]);
  };
  const empty = instantiations('export {};\n');
  const cost = instantiations(`import { TwigClient } from '@twig/sdk';\n${source}`) - empty;
  console.log(`type instantiations of a ten-line consumer: ${cost}`);
  expect(cost).toBeLessThanOrEqual(500);
});

it('publishes maps whose sources are inside, and no file that nobody needs', () => {
  const root = join(workspace, 'node_modules/@twig/sdk');
  const map = JSON.parse(readFileSync(join(root, 'dist/index.js.map'), 'utf8')) as {
    sources: string[];
    sourcesContent?: string[];
  };
  expect(map.sourcesContent?.length ?? 0).toBe(map.sources.length);
  const { scripts = {} } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts?: Record<string, string>;
  };
  for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts).not.toHaveProperty(name);
});
