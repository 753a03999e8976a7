/** The metrics of calls. */

import { type Counter, type Histogram, type Meter, type MeterProvider, metrics } from '@opentelemetry/api';
import { VERSION } from '../version.ts';
import { METRIC, SCOPE } from './names.ts';

/** What calls are measured with. */
export interface Instruments {
  operationDuration: Histogram;
  timeToFirstChunk: Histogram;
  duration: Histogram;
  limiterWait: Histogram;
  retries: Counter;
  tokens: Counter;
}

/** In seconds, 0.01 × 2ⁿ up to 81.92, as the conventions advise for the durations of AI operations. */
const BUCKETS = Array.from({ length: 14 }, (_, power) => 2 ** power / 100);

/** The meter of this package. */
export const meterOf = (provider: MeterProvider): Meter => provider.getMeter(SCOPE, VERSION);

function createInstruments(provider: MeterProvider): Instruments {
  const meter = meterOf(provider);
  const seconds = (name: string, description: string): Histogram =>
    meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: BUCKETS } });
  return {
    operationDuration: seconds(METRIC.operationDuration, 'Duration of questions and searches, retries included.'),
    timeToFirstChunk: seconds(METRIC.timeToFirstChunk, 'Time from a call to the first event of its stream.'),
    duration: seconds(METRIC.duration, 'Duration of the other calls, retries included.'),
    limiterWait: seconds(METRIC.limiterWait, 'Time that attempts waited for the rate limiter.'),
    retries: meter.createCounter(METRIC.retries, { description: 'Attempts that were made again.', unit: '{retry}' }),
    tokens: meter.createCounter(METRIC.tokens, { description: 'Tokens that answers used.', unit: '{token}' }),
  };
}

/**
 * Gives the instruments, made when they are first needed; and made anew when the global provider is another one, since
 * what was made of the one before has no effect.
 */
export function createInstrumentsSource(given: MeterProvider | undefined): () => Instruments {
  let made: { provider: MeterProvider; instruments: Instruments } | undefined;
  return () => {
    const provider = given ?? metrics.getMeterProvider();
    if (made?.provider !== provider) made = { provider, instruments: createInstruments(provider) };
    return made.instruments;
  };
}
