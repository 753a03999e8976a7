// A pass through the limiter that nobody contends for.

import { RateLimiter } from '@twig/sdk/rate-limiter';
import Bottleneck from 'bottleneck';
import { summarise, time } from './lib/measure.mjs';
import { report } from './lib/report.mjs';

const limiter = new RateLimiter({ limits: { execute: { perMinute: 1e9, burst: 1e9 } } });
const bottleneck = new Bottleneck({ reservoir: 1e9 });
const answer = { status: 200, rateLimit: undefined, retryAfterMs: undefined, serverTimeMs: undefined };
const work = async () => {};
const contenders = {
  'an awaited call': work,
  '@twig/sdk/rate-limiter': async () => {
    const lease = await limiter.acquire('execute');
    await work();
    lease.observe(answer);
    lease.release();
  },
  bottleneck: () => bottleneck.schedule(work),
};
const samples = await time(contenders, { rounds: 21, calls: 200 });
report({ id: 'limiter', title: 'A pass through the limiter that nobody contends for' }, summarise(samples));
