/** The bridge: a call as a span, with its events and metrics. */

import {
  type Attributes,
  context,
  type MeterProvider,
  SpanKind,
  type Tracer,
  type TracerProvider,
  trace,
} from '@opentelemetry/api';
import { elapsed } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';
import { env } from '../node.ts';
import type { CallObserver, CallStart, Instrumentation } from '../options/instrumentation.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import { VERSION } from '../version.ts';
import { type ContentLimit, DEFAULT_MAX_BYTES } from './content.ts';
import { errorTypeOf } from './error-type.ts';
import { createInstrumentsSource, type Instruments } from './metrics.ts';
import { ATTR, CAPTURE_VARIABLE, EVENT, PROVIDER, SCOPE } from './names.ts';
import { headersOf, type Propagate } from './propagation.ts';
import { type Ending, endingOf, endSpan } from './span-end.ts';
import { describeSpan, genAiOperationOf, serverOf } from './span-start.ts';
import { membersOf } from './values.ts';

/** Options of {@link twigTelemetry}. Every one is optional; a name that is not among them is refused. */
export interface TwigTelemetryOptions {
  /** Where spans go. Default: the global provider. */
  tracerProvider?: TracerProvider | undefined;
  /** Where metrics go. Default: the global provider. */
  meterProvider?: MeterProvider | undefined;
  /**
   * Whether questions, answers and passages go on spans, each cut at `maxBytes` of UTF-8 (0 or more, default 65,536). They
   * hold what users wrote. Default: `true` where the variable `OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT` is
   * `true`, else `false`.
   */
  captureContent?: boolean | { maxBytes: number } | undefined;
  /**
   * Whether the headers of requests carry the trace. Default `'auto'`: they do, unless somebody subscribes to Node's `fetch`,
   * as its instrumentation does, which adds them itself. `true` is for a `fetch` of your own that nobody instruments.
   */
  propagate?: Propagate | undefined;
}

const OPTIONS: KnownNames = {
  tracerProvider: true,
  meterProvider: true,
  captureContent: true,
  propagate: true,
} satisfies Record<keyof TwigTelemetryOptions, true>;

function limitOf(captureContent: TwigTelemetryOptions['captureContent']): ContentLimit {
  const members = membersOf(captureContent);
  refuseUnknown('twigTelemetry: in captureContent,', members, { maxBytes: true });
  const { maxBytes = DEFAULT_MAX_BYTES } = members;
  if (typeof maxBytes !== 'number' || !(maxBytes >= 0)) {
    throw new TwigConfigError('twigTelemetry: captureContent.maxBytes must be a number of at least 0.');
  }
  const isWanted = captureContent ?? env(CAPTURE_VARIABLE)?.toLowerCase() === 'true';
  return isWanted ? maxBytes : false;
}

/** What `base` adds to the metrics of a call when it has ended. */
const metricAttributes = (base: Attributes, { errorType, model }: Ending): Attributes => ({
  ...base,
  ...(model !== undefined && { [ATTR.responseModel]: model }),
  ...(errorType !== undefined && { [ATTR.errorType]: errorType }),
});

function recordTokens({ tokens }: Instruments, base: Attributes, ending: Ending): void {
  const { inputTokens, outputTokens, model } = ending;
  for (const [type, count] of [['input', inputTokens] as const, ['output', outputTokens] as const]) {
    if (count === undefined || count < 0) continue;
    tokens.add(count, {
      ...metricAttributes(base, { ...ending, model, errorType: undefined }),
      [ATTR.tokenType]: type,
    });
  }
}

/**
 * Spans and metrics of OpenTelemetry for every call: from the call to its last byte, its retries inside. Give it to the
 * client as `instrumentation`. Needs the package `@opentelemetry/api`, and an SDK that the application sets up. What is
 * recorded, and under which names, is in docs/observability.md. Throws `TwigConfigError` for an option out of range or of an
 * unknown name.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { twigTelemetry } from '@twig/sdk/otel';
 *
 * const client = new TwigClient({ instrumentation: twigTelemetry() });
 * console.log(client.baseUrl);
 * ```
 */
export function twigTelemetry(options: TwigTelemetryOptions = {}): Instrumentation {
  refuseUnknown('twigTelemetry: the option', options, OPTIONS);
  const { tracerProvider, meterProvider, propagate = 'auto' } = options;
  if (propagate !== 'auto' && typeof propagate !== 'boolean') {
    throw new TwigConfigError("twigTelemetry: propagate must be 'auto', true or false.");
  }
  const limit = limitOf(options.captureContent);
  const instrumentsOf = createInstrumentsSource(meterProvider);
  let tracer: Tracer | undefined;
  let server: { baseUrl: string; address: string; port: number } | undefined;

  return (call) => {
    tracer ??= (tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE, VERSION);
    if (server?.baseUrl !== call.baseUrl) server = { baseUrl: call.baseUrl, ...serverOf(call.baseUrl) };
    return observe(call, tracer, instrumentsOf(), server, propagate, limit);
  };
}

function observe(
  call: CallStart,
  tracer: Tracer,
  instruments: Instruments,
  server: { address: string; port: number },
  propagate: Propagate,
  limit: ContentLimit,
): CallObserver {
  const startedAt = elapsed();
  const seconds = (): number => (elapsed() - startedAt) / 1000;
  const parent = context.active();
  const { name, attributes } = describeSpan(call, server);
  const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
  const active = trace.setSpan(parent, span);
  const genAi = genAiOperationOf(call.operation);
  const isMeasuredAsGenAi = call.operation === 'query' || call.operation === 'semanticSearch';
  // Few values each: no agent, session or request is among them.
  const base: Attributes =
    isMeasuredAsGenAi && genAi
      ? { [ATTR.operationName]: genAi, [ATTR.providerName]: PROVIDER, [ATTR.serverAddress]: server.address }
      : { [ATTR.operation]: call.operation };
  let timeToFirstChunk: number | undefined;

  return {
    run: (work) => context.with(active, work),
    headers: () => headersOf(active, propagate),
    queued: (waitMs) => {
      instruments.limiterWait.record(waitMs / 1000, { [ATTR.scope]: call.scope }, active);
      if (waitMs >= 1) span.addEvent(EVENT.queued, { [ATTR.queuedWait]: waitMs / 1000, [ATTR.scope]: call.scope });
    },
    // Its operation holds the path of request(): that of the start is taken.
    retry: ({ attempt, delayMs, error }) => {
      const errorType = errorTypeOf(error);
      instruments.retries.add(1, { [ATTR.operation]: call.operation, [ATTR.errorType]: errorType }, active);
      span.addEvent(EVENT.retry, {
        [ATTR.retryAttempt]: attempt,
        [ATTR.retryDelay]: delayMs / 1000,
        [ATTR.errorType]: errorType,
      });
    },
    firstEvent: () => {
      timeToFirstChunk = seconds();
    },
    end: (end) => {
      const ending = endingOf(call, end);
      const measured = metricAttributes(base, ending);
      const duration = isMeasuredAsGenAi ? instruments.operationDuration : instruments.duration;
      duration.record(seconds(), measured, active);
      if (timeToFirstChunk !== undefined) instruments.timeToFirstChunk.record(timeToFirstChunk, measured, active);
      recordTokens(instruments, base, ending);
      endSpan(span, call, end, ending, timeToFirstChunk, limit);
    },
  };
}
