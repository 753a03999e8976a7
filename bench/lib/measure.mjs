// Interleaved measurement: every contender runs once per round, so that whatever disturbs the machine disturbs them all.

import { writeFileSync } from 'node:fs';
import { basename } from 'node:path';

const sorted = (values) => [...values].sort((a, b) => a - b);
const quantile = (values, q) => values[Math.min(values.length - 1, Math.floor(values.length * q))];

/** The median and the spread (half the distance between the quartiles, in percent of the median). */
export function summarise(values) {
  const all = sorted(values);
  const median = quantile(all, 0.5);
  return { median, spread: ((quantile(all, 0.75) - quantile(all, 0.25)) / 2 / median) * 100 };
}

/** Times `rounds` interleaved rounds of `calls` calls each, after `warmup` rounds; microseconds per call. */
export async function time(contenders, { rounds = 15, warmup = 3, calls = 1000 } = {}) {
  const values = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const start = performance.now();
      for (let i = 0; i < calls; i++) await run(i);
      const each = ((performance.now() - start) / calls) * 1000;
      if (round >= 0) values[name].push(each);
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, summarise(list)]));
}

/** Prints a table, and writes the same as JSON when `BENCH_JSON` names a folder. */
export function report(title, results, { unit = 'µs', floor, note } = {}) {
  const names = Object.keys(results);
  const base = results[floor ?? names[0]]?.median;
  const rows = names.map((name) => {
    const { median, spread, ...more } = results[name];
    return { name, [unit]: round(median), '± %': round(spread ?? 0), ratio: round(median / base), ...more };
  });
  console.log(`\n${title}${note ? `\n${note}` : ''}`);
  console.table(Object.fromEntries(rows.map(({ name, ...row }) => [name, row])));
  if (process.env.BENCH_JSON) {
    const file = `${process.env.BENCH_JSON}/${basename(process.argv[1], '.mjs')}.jsonl`;
    writeFileSync(file, `${JSON.stringify({ title, unit, note, floor: floor ?? names[0], rows })}\n`, { flag: 'a' });
  }
}

export const round = (value) => (Number.isFinite(value) ? Number(value.toPrecision(3)) : value);
