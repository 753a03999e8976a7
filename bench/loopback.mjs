// The same read over a real server on loopback: one at a time, and fifty at a time.

import { createServer } from 'node:http';
import { report, summarise } from './lib/measure.mjs';
import { OBJECT, readers } from './lib/peers.mjs';

const text = JSON.stringify(OBJECT);
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': 'req_1' });
  response.end(text);
});
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const contenders = readers((...args) => fetch(...args), `http://127.0.0.1:${server.address().port}`);

for (const width of [1, 50]) {
  const calls = width === 1 ? 300 : 1000;
  const values = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = -2; round < 9; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const start = performance.now();
      let left = calls;
      const worker = async () => {
        while (left-- > 0) await run();
      };
      await Promise.all(Array.from({ length: width }, worker));
      if (round >= 0) values[name].push(((performance.now() - start) / calls) * 1000);
    }
  }
  report(
    `A call over loopback, ${width} at a time`,
    Object.fromEntries(Object.entries(values).map(([name, list]) => [name, summarise(list)])),
  );
}
server.close();
server.closeAllConnections();
