/** What the attempts of a call have in common. */

import type { CallConfig } from '../options/config.ts';
import type { Lifetime } from './lifetime.ts';
import type { Prepared } from './prepare.ts';
import type { Shared } from './shared.ts';
import type { BodyMode, CallSpec } from './spec.ts';
import type { Validator } from './validate-response.ts';

/** What makes one exchange. */
export type Transport = Pick<typeof import('./transport.ts'), 'exchange'>;

/** A call under way, whatever its result is. */
export interface CallContext {
  call: CallConfig;
  prepared: Prepared;
  lifetime: Lifetime;
  shared: Shared;
  mode: BodyMode;
  validator: Validator | undefined;
  fromWire: (value: unknown) => unknown;
  toWire: (value: unknown) => unknown;
  transport: Transport;
}

/** A call under way whose result is `T`. */
export interface AttemptContext<T> extends CallContext {
  spec: CallSpec<T>;
}
