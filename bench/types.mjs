// What a consumer of a few lines costs the type checker.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { output } from './lib/child.mjs';
import { interleave, median, pick, summarise } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';

const program = (first, create, ask) => `${first}\nconst client = ${create};\n${ask}\n`;
const programs = {
  'an empty file': 'export {};\n',
  '@twig/sdk': program(
    "import { TwigClient } from '@twig/sdk';",
    "new TwigClient({ apiKey: 'k' })",
    'for await (const agent of client.agents.list()) console.log((await client.agents.get(agent.id)).name);',
  ),
  '@octokit/core': program(
    "import { Octokit } from '@octokit/core';",
    "new Octokit({ auth: 'k' })",
    "console.log((await client.request('GET /users/{username}', { username: 'a' })).data.name);",
  ),
  stripe: program(
    "import Stripe from 'stripe';",
    "new Stripe('k')",
    'for await (const one of client.customers.list()) console.log((await client.customers.retrieve(one.id)).id);',
  ),
  '@anthropic-ai/sdk': program(
    "import Anthropic from '@anthropic-ai/sdk';",
    "new Anthropic({ apiKey: 'k' })",
    'for await (const one of client.models.list()) console.log((await client.models.retrieve(one.id)).id);',
  ),
  openai: program(
    "import OpenAI from 'openai';",
    "new OpenAI({ apiKey: 'k' })",
    'for await (const one of client.models.list()) console.log((await client.models.retrieve(one.id)).id);',
  ),
  '@mistralai/mistralai': program(
    "import { Mistral } from '@mistralai/mistralai';",
    "new Mistral({ apiKey: 'k' })",
    "console.log(await client.models.retrieve({ modelId: 'm' }));",
  ),
};

/** Has a process tell at its end what it took of the processor. */
const TELL = `data:text/javascript,process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  console.log('Processor: ' + (user + system) / 1000);
})`.replaceAll('\n', ' ');

const options = { target: 'es2022', module: 'nodenext', strict: true, skipLibCheck: true, noEmit: true, types: [] };
const compilerOptions = { ...options, lib: ['es2022', 'esnext.disposable', 'dom', 'dom.iterable'] };
const here = fileURLToPath(new URL('.', import.meta.url));
const tsc = join(here, 'node_modules/typescript/lib/tsc.js');
// Inside, so that the packages are found.
const cwd = mkdtempSync(join(here, 'node_modules/types-'));
writeFileSync(join(cwd, 'package.json'), '{"type":"module"}');
writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['main.ts'] }));
try {
  const samples = await interleave(programs, { rounds: 3, warmup: 0 }, async (code) => {
    writeFileSync(join(cwd, 'main.ts'), code);
    const printed = await output(['--import', TELL, tsc, '-p', '.', '--extendedDiagnostics'], { cwd });
    const number = (label) => Number(new RegExp(`${label}:\\s+([\\d.]+)`).exec(printed)[1]);
    return { time: number('Processor'), instantiations: number('Instantiations'), memory: number('Memory used') };
  });
  const rows = summarise(pick(samples, 'time')).map((row) => ({
    ...row,
    instantiations: samples[row.name][0].instantiations,
    MB: short(median(pick(samples, 'memory')[row.name]) / 1000),
  }));
  report({ id: 'types', title: 'Type-checking three lines', unit: 'ms' }, rows);
} finally {
  rmSync(cwd, { recursive: true });
}
