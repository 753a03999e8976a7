// Measuring on a machine that is never quiet: the contenders take turns, in many short rounds, and each is compared with
// the first of the same round, so that whatever disturbs the machine disturbs both.

import { sweep } from './gc.mjs';

/** Processor time of the whole process, collecting garbage included, in µs. Others on the machine do not count. */
export const processor = () => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Time that passes, in µs. */
export const wall = () => performance.now() * 1000;

const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];
export const median = (values) =>
  quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );

/** Half the distance between the quartiles, in percent of the median. */
function spread(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return ((quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / quantile(sorted, 0.5)) * 100;
}

/** The rows of a table: median, spread, and the median of the ratios to the first contender, round by round. */
export function summarise(samples) {
  const [floor] = Object.values(samples);
  return Object.entries(samples).map(([name, values]) => ({
    name,
    value: median(values),
    spread: values.length > 1 ? spread(values) : 0,
    ratio: median(values.map((value, round) => value / floor[round])),
  }));
}

/** One of the things that samples with several hold. */
export const pick = (samples, key) =>
  Object.fromEntries(Object.entries(samples).map(([name, list]) => [name, list.map((sample) => sample[key])]));

/** One sample of each contender a round, in another order each time; `sample` gives it. */
export async function interleave(contenders, { rounds, warmup = 3 }, sample) {
  const names = Object.keys(contenders);
  const samples = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = -warmup; round < rounds; round++) {
    for (const name of names.toSorted(() => Math.random() - 0.5)) {
      const value = await sample(contenders[name], name);
      if (round >= 0) samples[name].push(value);
    }
  }
  return samples;
}

/** What each contender takes per call, in µs; `before` collects what the one before it has left. */
export const time = (contenders, { calls = 1, clock = processor, before = sweep, ...options }) =>
  interleave(contenders, options, async (run) => {
    before();
    const start = clock();
    for (let i = 0; i < calls; i++) await run();
    return (clock() - start) / calls;
  });

/** Bytes of heap allocated per call. A batch in which garbage was collected shrinks the heap, and is taken again. */
export const allocated = (contenders, { rounds = 41, calls = 20 } = {}) =>
  interleave(contenders, { rounds }, async (run) => {
    for (;;) {
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < calls; i++) await run();
      const grown = process.memoryUsage().heapUsed - before;
      if (grown > 0) return grown / calls;
    }
  });
