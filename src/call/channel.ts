/**
 * The tracing channel `twig:call` of Node's `diagnostics_channel`, for tools that cannot reach the constructor of a client.
 * Published to subscribers alone, and without what callers and servers said.
 */

import { builtinModule } from '../node.ts';
import type { CallEnd, CallStart, Instrumentation } from '../options/instrumentation.ts';
import { probe } from '../runtime.ts';

/** A channel of Node's, as far as it is used. */
interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
  runStores<T>(message: object, work: () => T): T;
}

type Moment = 'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error';
type TracingChannel = Readonly<Record<Moment, Channel>>;

const MOMENTS: Moment[] = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];

/** The numbers of an answer, which hold no content: tokens, cost, model. */
const metadataOf = ({ data }: CallEnd): unknown => (data as { metadata?: unknown } | undefined)?.metadata;

/**
 * The channel as an instrumentation that is interested while there are subscribers; `undefined` where there is no such
 * module.
 */
export function openChannel(): { hasSubscribers(): boolean; instrumentation: Instrumentation } | undefined {
  return probe(() => {
    // The cast: the documented shape, of Node and of those that have its modules; what has another counts as not there.
    const module = builtinModule('node:diagnostics_channel') as { tracingChannel(name: string): TracingChannel };
    const channel = module.tracingChannel('twig:call');
    const hasSubscribers = (): boolean => MOMENTS.some((moment) => channel[moment].hasSubscribers);
    hasSubscribers();
    return { hasSubscribers, instrumentation: (start) => observe(channel, start) };
  });
}

/** Publishes as `tracePromise` does: start, end, then at the last byte error (of a call that failed), asyncStart, asyncEnd. */
function observe(channel: TracingChannel, { params: _, ...start }: CallStart): ReturnType<Instrumentation> {
  // One object for all moments, by which subscribers know the call.
  const message: Record<string, unknown> = { ...start };
  return {
    run: (work) =>
      channel.start.runStores(message, () => {
        try {
          return work();
        } finally {
          channel.end.publish(message);
        }
      }),
    end: (end) => {
      const { outcome, error, meta } = end;
      Object.assign(message, { outcome, meta, metadata: metadataOf(end), ...(outcome === 'failed' && { error }) });
      if (outcome === 'failed') channel.error.publish(message);
      channel.asyncStart.runStores(message, () => channel.asyncEnd.publish(message));
    },
  };
}
