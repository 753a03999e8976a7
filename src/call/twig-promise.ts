/** What every method returns: a promise of the data that can also give the response. */

import { TwigConfigError } from '../errors.ts';
import type { ResponseMeta } from '../meta.ts';
import type { CallOptions } from '../options/options.ts';
import type { PlatformResponse } from '../platform.ts';
import { rawResponse } from './raw-response.ts';
import type { BodyMode, CallSpec, Requester, Settled } from './spec.ts';

/** The data of a call, with what came around it. */
export interface WithResponse<T> {
  data: T;
  /** The response; its body has been read. */
  response: PlatformResponse;
  meta: ResponseMeta;
}

/**
 * A call under way. Await it for the data. The request was sent when the method was called, once, however often it is
 * awaited.
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
export class TwigPromise<T> implements Promise<T> {
  private readonly _settled: Promise<Settled<T>>;
  private readonly _mode: BodyMode = {};
  private _data: Promise<T> | undefined;
  private _response: Promise<Response> | undefined;

  /** @internal */
  constructor(request: Requester, spec: CallSpec<T>, options: CallOptions | undefined) {
    this._settled = request(spec, options, this._mode);
  }

  get [Symbol.toStringTag](): string {
    return 'TwigPromise';
  }

  // biome-ignore lint/suspicious/noThenProperty: being awaitable is what this class is for.
  then<Value = T, Failure = never>(
    onFulfilled?: ((value: T) => Value | PromiseLike<Value>) | null,
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Value | Failure> {
    this._data ??= this._take(false).then(({ data }) => data);
    return this._data.then(onFulfilled, onRejected);
  }

  catch<Failure = never>(
    onRejected?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<T | Failure> {
    return this.then(undefined, onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.then().finally(onFinally);
  }

  /** The data, the response (its body read) and what is known of the call. */
  withResponse(): Promise<WithResponse<T>> {
    return this._take(false).then(({ data, response, meta }) => ({
      data,
      response: response as PlatformResponse,
      meta,
    }));
  }

  /**
   * The response with its body unread; rejects on an error status like the call itself. Ask before anything else: data
   * and response cannot both have the body. The call's `signal` and `deadlineMs` hold until the body's end.
   */
  asResponse(): Promise<PlatformResponse> {
    this._response ??= this._take(true).then(rawResponse);
    return this._response as Promise<PlatformResponse>;
  }

  private _take(raw: boolean): Promise<Settled<T>> {
    if (this._mode.raw === !raw) {
      const error = new TwigConfigError('A body can be taken once: as data or with asResponse().');
      // The call's own failure stays with whoever took it first.
      return Promise.reject(error);
    }
    this._mode.raw = raw;
    return this._settled;
  }
}
