/** What every method returns: a promise of the data that can also give the response. */

import { TwigConfigError } from '../errors.ts';
import { defineHidden } from '../hide.ts';
import type { ResponseMeta } from '../meta.ts';
import type { CallOptions } from '../options/options.ts';
import type { PlatformResponse } from '../platform.ts';
import { rawResponse } from './raw-response.ts';
import { showHeaders } from './read-response.ts';
import type { BodyMode, CallSpec, Requester, Settled } from './spec.ts';

/** The data of a call, with what came around it. */
export interface WithResponse<T> {
  data: T;
  /** The response; its body has been read. */
  response: PlatformResponse;
  meta: ResponseMeta;
}

/**
 * A call under way: a promise of its data, which `await`, frameworks and `instanceof Promise` take for any other. The
 * request was sent when the method was called, once, however often it is awaited.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 *
 * const client = new TwigClient();
 * const { data, meta } = await client.agents.get('agent_abc123').withResponse();
 * console.log(data.name, meta.requestId, meta.rateLimit?.remaining);
 * ```
 */
export interface TwigPromise<T> extends Promise<T> {
  /** The data, the response (its body read) and what is known of the call. */
  withResponse(): Promise<WithResponse<T>>;
  /**
   * The response with its body unread; rejects on an error status like the call itself. Ask before anything else: of a
   * call that succeeded, data and response cannot both have the body, and who asks second gets `TwigConfigError`. The
   * call's `signal` and `deadlineMs` hold until the body's end.
   */
  asResponse(): Promise<PlatformResponse>;
}

/** What a promise knows of its call. */
interface Call<T> {
  /** Itself: what a `Proxy` around it cannot do for it, being none. */
  promise: Promise<T>;
  settled: Promise<Settled<T>>;
  mode: BodyMode;
  response?: Promise<PlatformResponse>;
}

/**
 * A native promise, because frameworks ask with `instanceof` and the engine looks at what no imitation has. Of its own it
 * has `then`, through which `await` and everybody else ask, so it learns whether data is wanted or the raw response.
 */
export class CallPromise<T> extends Promise<T> implements TwigPromise<T> {
  declare private readonly _call: Call<T>;

  /** What comes of `then`, `catch` and `finally` is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise.
  override then<Value = T, Failure = never>(
    onFulfilled?: ((value: T) => Value | PromiseLike<Value>) | null,
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Value | Failure> {
    return this._take(false)
      .then(({ data }) => data)
      .then(onFulfilled, onRejected);
  }

  withResponse(): Promise<WithResponse<T>> {
    return this._take(false).then(({ data, response, meta }) => {
      showHeaders(meta);
      return { data, response: response.toResponse(), meta };
    });
  }

  asResponse(): Promise<PlatformResponse> {
    this._call.response ??= this._take(true).then(rawResponse);
    return this._call.response;
  }

  private _take(raw: boolean): Promise<Settled<T>> {
    const { mode, settled } = this._call;
    this._answerFor();
    mode.raw ??= raw;
    return mode.raw === raw ? settled : settled.then(refuseSecond);
  }

  /**
   * Whoever asked for anything of the call gets its failure there. Then the call's own rejection is nobody's to handle as
   * well: unhandled, it would end a program that handled the other.
   */
  protected _answerFor(): void {
    super.then.call(this._call.promise, undefined, () => {});
  }
}

function refuseSecond({ meta }: Settled<unknown>): never {
  throw new TwigConfigError('A body can be taken once: as data or with asResponse(). Call the method again.', { meta });
}

/** Gives a promise its call, which is sent now. */
export function attach<P extends CallPromise<T>, T>(
  Kind: new (run: ConstructorParameters<typeof Promise<T>>[0]) => P,
  request: Requester,
  spec: CallSpec<T>,
  options: CallOptions | undefined,
): P {
  const mode: BodyMode = {};
  const settled = request(spec, options, mode);
  const data = settled.then((result) => (mode.raw ? refuseSecond(result) : result.data));
  const promise = new Kind((resolve) => resolve(data));
  return defineHidden(promise, { _call: { promise, settled, mode } });
}

/** Sends a call. */
export function startCall<T>(request: Requester, spec: CallSpec<T>, options: CallOptions | undefined): TwigPromise<T> {
  return attach<CallPromise<T>, T>(CallPromise, request, spec, options);
}
