/** `@twig/sdk/otel`: spans and metrics of OpenTelemetry. The only import of a package is that of `@opentelemetry/api`. */

export type {
  CallEnd,
  CallObserver,
  CallOutcome,
  CallResult,
  CallStart,
  Instrumentation,
} from '../options/instrumentation.ts';
export { type ObservableLimiter, type ObserveLimiterOptions, observeLimiter } from './limiter.ts';
export type { Propagate } from './propagation.ts';
export { type TwigTelemetryOptions, twigTelemetry } from './telemetry.ts';
