/** Who observes a call: asked at its start, and nothing is made where nobody is there. */

import { createRedactor } from '../http/redactor.ts';
import type { CallMeta } from '../meta.ts';
import { operation } from '../operations.ts';
import type { Config } from '../options/config.ts';
import type { CallStart } from '../options/instrumentation.ts';
import { probe } from '../runtime.ts';
import { openChannel } from './channel.ts';
import { createObservation, type Observation, runGuarded } from './observation.ts';
import type { CallSpec } from './spec.ts';

/** Asks who wants to observe a call. `redact` takes out of a text what is secret in an attempt. */
export type Watch = (
  spec: Pick<CallSpec<unknown>, 'operation' | 'id' | 'query' | 'body' | 'takeOver'>,
  meta: CallMeta,
  redact: (text: string) => string,
) => Observation | undefined;

/** Makes what asks for a client: its own instrumentation, and the channel while somebody listens there. */
export function createWatch({ apiKey, baseUrl, headers, instrumentation, log }: Config): Watch {
  let channel: ReturnType<typeof openChannel> | undefined;
  return (spec, meta, redact) => {
    channel ??= openChannel();
    const published = channel();
    if (!instrumentation && !published) return undefined;
    const { id, method, path, scope } =
      typeof spec.operation === 'string' ? operation(spec.operation) : { ...spec.operation, id: 'request', path: '' };
    // Before the first attempt, a key that a function gives is not known.
    const early = createRedactor(typeof apiKey === 'string' ? apiKey : null, headers);
    const start: CallStart = {
      operation: id,
      method,
      route: path,
      scope,
      baseUrl,
      isStream: !!spec.takeOver,
      params: probe(() => ({ ...('id' in spec && { id: spec.id }), ...spec.query, ...spec.body })) ?? {},
      clean: (text) => redact(early(text)),
    };
    const observers = [instrumentation, published].flatMap((ask) => runGuarded(log, () => ask?.(start)) ?? []);
    return observers.length ? createObservation(observers, start, meta, log) : undefined;
  };
}
