// From the call to its first event over a stub fetch, and from the event's bytes to the event.

import { interleave, pick, summarise, wall } from './lib/measure.mjs';
import { report } from './lib/report.mjs';
import { endBytes, eventBytes, opener, read, streamResponse, streams } from './lib/streams.mjs';

const contenders = {};
for (const name of Object.keys(streams)) {
  const first = eventBytes(name, 'Our refund policy ');
  const end = endBytes(name);
  let sentAt = 0;
  const open = await opener(name, async () => {
    let step = 0;
    return streamResponse(async (controller) => {
      // A turn of the event loop, as a socket would take, so that the reader waits when the bytes come.
      await new Promise((resolve) => setImmediate(resolve));
      if (step === 0) sentAt = wall();
      controller.enqueue(step++ === 0 ? first : end);
      if (step === 2) controller.close();
    });
  });
  contenders[name] = async () => {
    const calledAt = wall();
    let at = 0;
    await read(name, await open(), () => {
      at ||= wall();
    });
    return { afterCall: at - calledAt, afterBytes: at - sentAt };
  };
}

// Thousands of single calls: the median is one that nothing came between.
const samples = await interleave(contenders, { rounds: 2000, warmup: 500 }, (run) => run());
report({ id: 'first-bytes', title: 'The first event, after its bytes' }, summarise(pick(samples, 'afterBytes')));
const note = 'One turn of the event loop lies between, in each.';
report({ id: 'first-call', title: 'The first event, after the call', note }, summarise(pick(samples, 'afterCall')));
