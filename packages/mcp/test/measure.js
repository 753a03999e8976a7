// Measures what no test asserts: how soon the command is up, and how soon the API sees a cancelled call's connection close.
// Started as the tests are: `npm run test:mcp -- measure.js`.

import { performance } from 'node:perf_hooks';
import { test } from 'node:test';
import { ASK, overStdio, startHangingApi } from './support.js';

const median = (numbers) => numbers.sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

test('start and cancel', async (t) => {
  const [starts, cancels] = [[], []];
  for (let round = 0; round < 9; round++) {
    const mock = await startHangingApi(t);
    const before = performance.now();
    const client = await overStdio(t, 'v2, era 2025', { mock });
    starts.push(performance.now() - before);
    const cancel = new AbortController();
    const result = client.callTool({ name: 'ask_agent', arguments: ASK }, { signal: cancel.signal }).catch(() => {});
    const { closed } = await mock.asked;
    const cancelled = performance.now();
    cancel.abort('enough');
    await closed;
    cancels.push(performance.now() - cancelled);
    await result;
  }
  const told = (name, numbers) =>
    `${name}: median ${Math.round(median(numbers))} ms, at most ${Math.round(Math.max(...numbers))} ms`;
  t.diagnostic(told('process started to handshake answered', starts));
  t.diagnostic(told('cancelled to connection closed', cancels));
});
