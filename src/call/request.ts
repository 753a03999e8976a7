/** The way of a call: prepare, then attempts until one succeeds or none may follow. */

import { elapsed } from '../clock.ts';
import { belongsTo, TwigConnectionError, TwigError } from '../errors.ts';
import type { CallMeta } from '../meta.ts';
import { type Config, onlyKnown, resolveCall } from '../options/config.ts';
import { notify } from '../options/hooks.ts';
import type { CallResult } from '../options/instrumentation.ts';
import { CALL_OPTIONS, createWarnOfUnknown } from '../options/option-names.ts';
import type { CallOptions } from '../options/options.ts';
import { createCasing, toCamel, toSnake } from '../params/casing.ts';
import { probe } from '../runtime.ts';
import { runAttempt } from './attempt.ts';
import type { AttemptContext, Transport } from './context.ts';
import { Lifetime } from './lifetime.ts';
import { loadTransport } from './load.ts';
import { prepare } from './prepare.ts';
import { showHeaders } from './read-response.ts';
import { withRetries } from './retry.ts';
import { refill } from './retry-budget.ts';
import type { Shared } from './shared.ts';
import type { BodyMode, CallSpec, Requester, Settled } from './spec.ts';
import { createValidator } from './validate-response.ts';
import { createWatch } from './watch.ts';

/** In a page whose bundler did not ask for the build for browsers, loading is a request of its own, and may fail. */
const transportFor = (meta: CallMeta): Promise<Transport> =>
  loadTransport().catch((cause: unknown) => {
    throw new TwigConnectionError('A part of the client could not be loaded.', { phase: 'connect', cause, meta });
  });

/** Stands in for the transport where the runtime lacks what ky stands on, whatever `fetch` it is given. */
const bareTransport: Transport = { exchange: (_url, fetch) => fetch() };
const isEnough = (): boolean =>
  probe(({ Headers, Request, Response, TextEncoder }) => Headers && Request && Response && TextEncoder) !== undefined;

/** Makes the function that sends a client's calls. */
export function createRequester(config: Config, shared: Shared): Requester {
  const { clock, hooks, log } = config;
  const { budget } = shared;
  const toWire = createCasing(toSnake);
  const fromWire = createCasing(toCamel);
  const validator = createValidator(config.responseValidation, log, shared.drifts);
  const warn = createWarnOfUnknown(log, shared.strangers);
  const watch = createWatch(config);
  let loaded: Transport | undefined;

  return <T>(spec: CallSpec<T>, options: CallOptions | undefined, mode: BodyMode): Promise<Settled<T>> => {
    const meta: CallMeta = { attempts: [], durationMs: 0 };
    let lifetime: Lifetime | undefined;
    const observation = watch(spec, meta, (text) => lifetime?.redact(text) ?? text);
    const perform = async (): Promise<Settled<T>> => {
      const startedAt = elapsed(clock);
      let result: CallResult = { outcome: 'left' };
      const name = typeof spec.operation === 'string' ? spec.operation : spec.operation.id;
      const tick = (): void => {
        meta.durationMs = elapsed(clock) - startedAt;
      };
      budget.inFlight++;
      try {
        warn('call option', options, CALL_OPTIONS);
        // What request() is given is for its path to know.
        if (typeof spec.operation === 'string') {
          warn('parameter', onlyKnown(Object(spec.body ?? spec.query), CALL_OPTIONS), {});
        }
        const call = resolveCall(config, options);
        const prepared = prepare(spec, call, toWire);
        const life = new Lifetime(meta, clock, call.signal, call.deadlineMs, observation);
        lifetime = life;
        if (life.failure) throw life.failure;
        if (!loaded && isEnough()) loaded = await life.guard(transportFor(meta));
        const context: AttemptContext<T> = {
          spec,
          call,
          prepared,
          lifetime: life,
          shared,
          mode,
          validator,
          fromWire,
          toWire,
          transport: loaded ?? bareTransport,
        };
        const settled = await withRetries(
          (delayMs) => runAttempt(context, delayMs),
          context,
          async (delayMs, error) => {
            const attempt = meta.attempts.length;
            tick();
            // What is known of the call changes with the next attempt; what the error says of this one must not.
            Object.assign(error, { meta: { ...meta, attempts: [...meta.attempts] } });
            const info = { operation: name, attempt, delayMs, error };
            notify(log, hooks.onRetry, info);
            observation?.tell((observer, operation) => observer.retry?.({ ...info, operation }));
            log(
              'info',
              `${name}: attempt ${attempt} failed (${error.code}); the next one in ${Math.round(delayMs)} ms`,
            );
            if (life.failure) throw life.failure;
            if (delayMs > 0) await life.guard(clock.sleep(delayMs, life.signal));
          },
        );
        refill(budget);
        result = { outcome: 'answered', data: settled.data };
        return settled;
      } catch (error) {
        tick();
        showHeaders(meta);
        // What a limiter or a fetch refused by itself, after other attempts.
        if (error instanceof TwigError && meta.attempts.length) belongsTo(error, meta);
        if (error instanceof TwigError) notify(log, hooks.onError, { operation: name, error });
        result = { outcome: 'failed', error };
        throw error;
      } finally {
        budget.inFlight--;
        tick();
        if (!lifetime?.handedOn) {
          lifetime?.release();
          observation?.end(result);
        }
      }
    };
    return observation ? observation.run(perform) : perform();
  };
}
