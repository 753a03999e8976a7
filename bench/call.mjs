// What a call costs over a stub fetch: time, and bytes allocated.

import { readers, stubFetch } from './lib/clients.mjs';
import { allocated, median, summarise, time } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';

const contenders = await readers(stubFetch);
const samples = await time(contenders, { rounds: 21, calls: 500 });
const bytes = await allocated(contenders);
report(
  { id: 'call', title: 'A call over a stub fetch' },
  summarise(samples).map((row) => ({ ...row, KB: short(median(bytes[row.name]) / 1024) })),
);
