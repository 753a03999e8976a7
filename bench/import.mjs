// Cold: what the first import costs a fresh process, and import, client and first call together: their processor time, and
// how much later the answer of a server is there that takes 200 ms.

import { fileURLToPath } from 'node:url';
import { output } from './lib/child.mjs';
import { clients } from './lib/clients.mjs';
import { interleave, median, pick, summarise } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';
import { startServer } from './lib/server.mjs';

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

const server = await startServer({ delayMs: 200 });
const answered = await interleave(
  Object.fromEntries(Object.keys(clients).map((name) => [name, name])),
  { rounds: 15, warmup: 1 },
  async (name) => JSON.parse(await output([child, name, server.url])).answered / 1000,
);
server.end();
const [floor] = Object.values(answered);
const late = summarise(answered).map((row) => ({
  ...row,
  added: short(median(answered[row.name].map((ms, round) => ms - floor[round]))),
}));
const from =
  'From the import to the answer, which the server gives after 200 ms. added: to bare fetch, round by round.';
report({ id: 'first-request', title: 'The first request of a process', unit: 'ms', note: from }, late);
