// Runs the benchmarks, each in a process of its own, and writes docs/performance.md: `node all.mjs`. With names it runs
// those alone, and writes nothing: `node all.mjs call sse`.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { goals } from './goals.mjs';
import { page } from './lib/page.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const TIMES = [
  'call',
  'loopback',
  'sse',
  'first-event',
  'ai-sdk',
  'paging',
  'webhooks',
  'limiter',
  'observed',
  'many',
  'flat',
];
const SIZES = ['memory', 'import', 'bundle', 'install', 'types'];

/** The tables of a script: what it tells people goes through, its lines of JSON are collected. */
async function run(name) {
  const child = spawn(process.execPath, [at(`./${name}.mjs`)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const code = new Promise((resolve) => child.once('close', resolve));
  const tables = [];
  for await (const json of createInterface({ input: child.stdout })) tables.push(JSON.parse(json));
  if (await code) throw new Error(`${name} has failed`);
  return tables;
}

const names = process.argv.slice(2);
const tables = [];
for (const name of names.length ? names : [...TIMES, ...SIZES]) tables.push(...(await run(name)));
if (names.length) for (const one of tables) console.log(JSON.stringify(one));
else {
  const { dependencies } = JSON.parse(readFileSync(at('./package.json'), 'utf8'));
  const versions = Object.entries(dependencies).filter(([name]) => name !== '@twig/sdk');
  const text = page(goals, tables, `With ${versions.map(([name, version]) => `${name} ${version}`).join(', ')}`);
  writeFileSync(at('../docs/performance.md'), text);
  mkdirSync(at('../coverage'), { recursive: true });
  writeFileSync(at('../coverage/bench.json'), JSON.stringify(tables));
  console.log('\nWritten: docs/performance.md, coverage/bench.json');
}
