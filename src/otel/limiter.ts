/** The metrics of a rate limiter: who waits, who is under way, and what is left. */

import { type Attributes, type BatchObservableResult, type MeterProvider, metrics } from '@opentelemetry/api';
import type { RateLimitScope } from '../operations.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import { meterOf } from './metrics.ts';
import { ATTR, METRIC } from './names.ts';

/** What is asked of a limiter. `RateLimiter` of `@twig/sdk/rate-limiter` can tell it. */
export interface ObservableLimiter {
  stats(): {
    readonly scopes: Readonly<
      Record<RateLimitScope, { readonly queued: number; readonly inFlight: number; readonly available: number }>
    >;
  };
}

/** Options of {@link observeLimiter}. Every one is optional; a name that is not among them is refused. */
export interface ObserveLimiterOptions {
  /** Where metrics go. Default: the global provider. */
  meterProvider?: MeterProvider | undefined;
  /** Tells several limiters apart: the attribute `twig.limiter.name`. Default: none. */
  name?: string | undefined;
}

const OPTIONS: KnownNames = { meterProvider: true, name: true } satisfies Record<keyof ObserveLimiterOptions, true>;

/**
 * Gauges of a limiter, read whenever metrics are collected: `twig.limiter.queued`, `.in_flight` and `.available`, each by
 * `twig.scope`. Call it after the application has set up its meter provider: gauges made before stay without effect.
 *
 * @returns The function that ends it.
 * @example
 * ```ts
 * import { observeLimiter } from '@twig/sdk/otel';
 * import { RateLimiter } from '@twig/sdk/rate-limiter';
 *
 * const rateLimiter = new RateLimiter();
 * const stop = observeLimiter(rateLimiter);
 * stop();
 * ```
 */
export function observeLimiter(limiter: ObservableLimiter, options: ObserveLimiterOptions = {}): () => void {
  refuseUnknown('observeLimiter: the option', options, OPTIONS);
  const { meterProvider = metrics.getMeterProvider(), name } = options;
  const meter = meterOf(meterProvider);
  const gauge = (metric: string, description: string, unit: string) =>
    meter.createObservableGauge(metric, { description, unit });
  const queued = gauge(METRIC.limiterQueued, 'Attempts that wait for the rate limiter.', '{request}');
  const inFlight = gauge(METRIC.limiterInFlight, 'Attempts that hold a place at the rate limiter.', '{request}');
  const available = gauge(METRIC.limiterAvailable, 'Attempts that may go at once.', '{request}');
  const gauges = [queued, inFlight, available];
  const read = (result: BatchObservableResult): void => {
    for (const [scope, stats] of Object.entries(limiter.stats().scopes)) {
      const attributes: Attributes = { [ATTR.scope]: scope, ...(name !== undefined && { [ATTR.limiterName]: name }) };
      result.observe(queued, stats.queued, attributes);
      result.observe(inFlight, stats.inFlight, attributes);
      result.observe(available, stats.available, attributes);
    }
  };
  meter.addBatchObservableCallback(read, gauges);
  return () => meter.removeBatchObservableCallback(read, gauges);
}
