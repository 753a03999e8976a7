// The same read over a real server on loopback: one at a time, and fifty at a time.

import { readers } from './lib/clients.mjs';
import { interleave, pick, processor, summarise, wall } from './lib/measure.mjs';
import { report, short } from './lib/report.mjs';
import { startServer } from './lib/server.mjs';

const server = await startServer();
const contenders = await readers((...args) => fetch(...args), server.url);

for (const [width, calls] of [
  [1, 100],
  [50, 300],
]) {
  const samples = await interleave(contenders, { rounds: 25 }, async (run) => {
    const start = [wall(), processor()];
    let left = calls;
    const worker = async () => {
      while (left-- > 0) await run();
    };
    await Promise.all(Array.from({ length: width }, worker));
    return { wall: (wall() - start[0]) / calls, processor: (processor() - start[1]) / calls };
  });
  const used = summarise(pick(samples, 'processor'));
  const rows = summarise(pick(samples, 'wall')).map((row, i) => ({
    ...row,
    processor: short(used[i].value),
    'its ratio': short(used[i].ratio),
  }));
  const note = 'processor: the time of the processor that the client takes of it.';
  report({ id: `loopback-${width}`, title: `A call over loopback, ${width} at a time`, note }, rows);
}
server.end();
