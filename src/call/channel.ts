/**
 * The tracing channel `twig:call` of Node's `diagnostics_channel`, for tools that cannot reach the constructor of a client.
 * Published to subscribers alone, and without what callers and servers said.
 */

import { builtinModule } from '../node.ts';
import type { CallStart, Instrumentation } from '../options/instrumentation.ts';
import { probe } from '../runtime.ts';

/** A channel of Node's, as far as it is used. */
interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: object): void;
  runStores<T>(message: object, work: () => T): T;
}

type TracingChannel = Readonly<Record<'start' | 'end' | 'asyncStart' | 'asyncEnd' | 'error', Channel>>;

/** Gives what publishes a call, while there are subscribers; nothing where there is no such module, or another one. */
export function openChannel(): () => Instrumentation | undefined {
  const opened = probe(() => {
    // The cast: the documented shape, of Node and of those that have its modules.
    const module = builtinModule('diagnostics_channel') as { tracingChannel(name: string): TracingChannel };
    const channel = module.tracingChannel('twig:call');
    const { start, end, asyncStart, asyncEnd, error } = channel;
    const hasSubscribers = (): boolean => [start, end, asyncStart, asyncEnd, error].some((one) => one.hasSubscribers);
    hasSubscribers();
    return () => (hasSubscribers() ? (call: CallStart) => observe(channel, call) : undefined);
  });
  return opened ?? (() => undefined);
}

/**
 * Publishes as `tracePromise` does: start, end, then with the last byte error (of a call that failed), asyncStart, asyncEnd.
 * All of them get one object, by which subscribers know the call.
 */
function observe(channel: TracingChannel, { params: _, ...message }: CallStart): ReturnType<Instrumentation> {
  return {
    run: (work) =>
      channel.start.runStores(message, () => {
        const running = work();
        channel.end.publish(message);
        return running;
      }),
    end: ({ outcome, error, meta, data }) => {
      // Of an answer only its numbers, which hold no content: tokens, cost, model. What else has `metadata` may say anything.
      const isAnswer = message.operation === 'query' || message.operation === 'semanticSearch';
      const { metadata } = ((isAnswer && data) || {}) as { metadata?: unknown };
      Object.assign(message, { outcome, error, meta, metadata });
      if (error) channel.error.publish(message);
      channel.asyncStart.publish(message);
      channel.asyncEnd.publish(message);
    },
  };
}
