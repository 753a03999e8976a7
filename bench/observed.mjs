// What it costs to observe a call: nobody, one who is not interested, one who looks on, and OpenTelemetry whose providers
// do nothing, as in a program that has set up none.

import { TwigClient } from '@twig/sdk';
import { twigTelemetry } from '@twig/sdk/otel';
import { KEY, stubFetch } from './lib/clients.mjs';
import { summarise, time } from './lib/measure.mjs';
import { report } from './lib/report.mjs';

const observed = (instrumentation) => {
  const client = new TwigClient({ apiKey: KEY, fetch: stubFetch, instrumentation });
  return () => client.agents.get('agent_abc123');
};
const contenders = {
  '@twig/sdk': observed(undefined),
  'an instrumentation that is not interested': observed(() => undefined),
  'an instrumentation that looks on': observed(() => ({ run: (work) => work(), end() {} })),
  '@twig/sdk/otel, nothing set up': observed(twigTelemetry()),
};
const samples = await time(contenders, { rounds: 21, calls: 500 });
report({ id: 'observed', title: 'A call that is observed, over a stub fetch' }, summarise(samples));
