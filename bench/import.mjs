// Cold: what the first import costs a fresh process, and import, client and first call together.

import { fileURLToPath } from 'node:url';
import { output } from './lib/child.mjs';
import { clients } from './lib/clients.mjs';
import { interleave, median, pick, summarise } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';

const child = fileURLToPath(new URL('./lib/cold.mjs', import.meta.url));
const names = ['@twig/sdk', ...Object.keys(clients).filter((name) => !/^(bare|@twig)/.test(name))];
const both = await interleave(
  Object.fromEntries(names.map((name) => [name, name])),
  { rounds: 5, warmup: 1 },
  async (name) => JSON.parse(await output([child, name])),
);
const rows = summarise(pick(both, 'import')).map((row) => ({
  ...row,
  value: row.value / 1000,
  'with a call': short(median(pick(both, 'firstCall')[row.name]) / 1000),
}));
const note = 'In the last column: import, client and first call together, over a stub fetch.';
report({ id: 'import', title: 'Cold import', unit: 'ms', note }, rows);
