// What a call costs over a stub fetch: time, and bytes allocated. A full collection before each sample takes away what an
// engine keeps for code that runs all the time, and each client has something else to lose by it: so both are measured.

import { readers, stubFetch } from './lib/clients.mjs';
import { collect } from './lib/gc.mjs';
import { allocated, median, summarise, time } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';

const contenders = await readers(stubFetch);
const samples = await time(contenders, { rounds: 21, calls: 500 });
const bytes = await allocated(contenders);
report(
  { id: 'call', title: 'A call over a stub fetch' },
  summarise(samples).map((row) => ({ ...row, KB: short(median(bytes[row.name]) / 1024) })),
);

const collected = await time(contenders, { rounds: 41, calls: 50, before: collect });
report({ id: 'call-collected', title: 'A call over a stub fetch, after a full collection' }, summarise(collected));
