/** Verifying, reading and signing webhook deliveries. Needs no client and no API key. */

import { type Clock, timeOf } from '../clock.ts';
import { TwigConfigError } from '../errors.ts';
import { env } from '../node.ts';
import { refuseUnknown } from '../options/unknown-options.ts';
import { createCasing, isPlainObject, toCamel } from '../params/casing.ts';
import type { PlatformRequest } from '../platform.ts';
import { toHex } from '../server/hex.ts';
import { createHmac, type Hmac } from '../server/hmac.ts';
import { asSecrets } from '../server/secrets.ts';
import type { Awaitable } from './dedupe.ts';
import type { WebhookEvent } from './events.ts';
import { fault } from './fault.ts';
import { isRequest, rawBody, refuseUsed, toText, type WebhookPayload, withMark } from './payload.ts';
import { candidates, invalid, type SignatureSource, signatureText } from './signature.ts';

/** The text shown when the endpoint was created; several while it is rotated; or a function that gives them. */
export type WebhookSecret = string | string[] | (() => Awaitable<string | string[] | undefined>);

/** How deliveries are verified. A name that is not among these is refused. */
export interface WebhookOptions {
  /** Any of several may have signed. Default: the variable `TWIG_WEBHOOK_SECRET`. */
  secret?: WebhookSecret | undefined;
  /**
   * How far the body's `timestamp` may be from now, in seconds, both ways. Default: unlimited, because delivery retries
   * may repeat an old one. `0` means exactly now.
   */
  toleranceSeconds?: number | undefined;
  /** Milliseconds since the epoch. Default: the clock's. */
  now?: (() => number) | undefined;
  /** Time, for tests. Default: the platform's. */
  clock?: Clock | undefined;
}

/** The names of the options. */
export const WEBHOOK_OPTIONS: Record<keyof WebhookOptions, true> = {
  secret: true,
  toleranceSeconds: true,
  now: true,
  clock: true,
};

/** Refuses an option of an unknown name: a misspelt tolerance would let every old delivery in. */
const checkNames = (options: WebhookOptions): void => refuseUnknown('Webhooks: the option', options, WEBHOOK_OPTIONS);

/** A verified delivery. */
export interface VerifiedDelivery {
  event: WebhookEvent;
  /** The matched HMAC in hex: two deliveries with the same one are the same delivery. */
  key: string;
}

/**
 * Verifies webhook deliveries. Throws `TwigConfigError` for an option of an unknown name.
 *
 * @example
 * ```ts
 * import { Webhooks } from '@twig/sdk/webhooks';
 *
 * const webhooks = new Webhooks(); // the secret is in TWIG_WEBHOOK_SECRET
 *
 * export async function POST(request: Request): Promise<Response> {
 *   const event = await webhooks.unwrap(request);
 *   if (event.event === 'interaction.completed') console.log(event.data.interactionId);
 *   return new Response(null, { status: 200 });
 * }
 * ```
 */
export class Webhooks {
  // Closures, so that the secret is in no property.
  /** The options, with those of a call over them. Throws `TwigConfigError` for a bad tolerance. @internal */
  declare readonly _with: (changes?: WebhookOptions) => WebhookOptions;
  declare private _hmac: Hmac | undefined;

  constructor(options: WebhookOptions = {}) {
    checkNames(options);
    Object.defineProperties(this, {
      _with: { value: (changes?: WebhookOptions) => merge(options, changes) },
      _hmac: { value: undefined, writable: true },
    });
  }

  /**
   * Resolves when one of the secrets signed the payload; rejects with `TwigWebhookVerificationError`. With a `Request`
   * the signature is left out; its body is read.
   */
  verify(request: PlatformRequest, options?: WebhookOptions): Promise<void>;
  verify(payload: WebhookPayload, signature: SignatureSource, options?: WebhookOptions): Promise<void>;
  async verify(payload: WebhookPayload, second?: unknown, third?: WebhookOptions): Promise<void> {
    await this._check(payload, second, third);
  }

  /** The same, and gives the event: parsed after the signature held, `data` in camelCase. */
  unwrap(request: PlatformRequest, options?: WebhookOptions): Promise<WebhookEvent>;
  unwrap(payload: WebhookPayload, signature: SignatureSource, options?: WebhookOptions): Promise<WebhookEvent>;
  async unwrap(payload: WebhookPayload, second?: unknown, third?: WebhookOptions): Promise<WebhookEvent> {
    return (await this._open(payload, second, third)).event;
  }

  /** The value of the signature header, `sha256=<hex>`, for tests and for senders. Of several secrets the first signs. */
  async sign(payload: string | Uint8Array | ArrayBuffer, options?: WebhookOptions): Promise<string> {
    const [secret = ''] = await secretsOf(this._with(options));
    return `sha256=${toHex(await this._crypto().sign(secret, rawBody(payload)))}`;
  }

  /** @internal */
  async _open(payload: WebhookPayload, second?: unknown, third?: WebhookOptions): Promise<VerifiedDelivery> {
    const { body, match, parsed = parse(body) } = await this._check(payload, second, third);
    // Signed by who knows the secret: the shape is the sender's word.
    return { event: parsed as unknown as WebhookEvent, key: toHex(match) };
  }

  private _crypto(): Hmac {
    this._hmac ??= createHmac();
    return this._hmac;
  }

  private async _check(payload: WebhookPayload, second: unknown, third: WebhookOptions | undefined): Promise<Signed> {
    const isWhole = isRequest(payload);
    // The overloads: a request brings its own signature, so the options come second, or third after the signature again.
    const isSecond = isWhole && !third && typeof second === 'object';
    const options = this._with(((isSecond ? second : third) as WebhookOptions | null) ?? undefined);
    const secrets = await secretsOf(options);
    const signatures = candidates(signatureText((isWhole ? payload.headers : second) as SignatureSource));
    if (isWhole) refuseUsed(payload);
    const body = isWhole ? new Uint8Array(await payload.arrayBuffer()) : rawBody(payload);
    let match: Uint8Array | undefined;
    for (const signed of [body, withMark(body)]) {
      // Every secret is tried, whatever matched before.
      for (const secret of secrets) match = (await this._crypto().find(secret, signed, signatures)) ?? match;
      if (match) break;
    }
    if (!match)
      throw invalid(signatures.length ? 'no secret made it for this body' : 'the header holds no HMAC-SHA256');
    const parsed = options.toleranceSeconds === undefined ? undefined : inTime(parse(body), options);
    return { body, match, parsed };
  }
}

/** The options of a call over those of the receiver; what is `undefined` was not given. */
function merge(options: WebhookOptions, changes: WebhookOptions = {}): WebhookOptions {
  checkNames(changes);
  const merged: WebhookOptions = { ...options };
  for (const [name, value] of Object.entries(changes))
    if (value !== undefined) Object.assign(merged, { [name]: value });
  const { toleranceSeconds: tolerance = 0 } = merged;
  if (!(Number.isFinite(tolerance) && tolerance >= 0)) {
    throw new TwigConfigError('toleranceSeconds must be a number ≥ 0.');
  }
  return merged;
}

/** A body whose signature held; `parsed` where its time had to be looked at. */
interface Signed {
  match: Uint8Array;
  body: string | Uint8Array;
  parsed: Record<string, unknown> | undefined;
}

/** The secrets in force. Throws when there is none: a receiver without one would trust everybody. */
export function secretsOf({ secret = env('TWIG_WEBHOOK_SECRET') }: WebhookOptions): Awaitable<string[]> {
  const check = (given: unknown): string[] =>
    asSecrets(given, 'No webhook secret: pass the option secret, or set TWIG_WEBHOOK_SECRET.');
  return typeof secret === 'function' ? Promise.resolve(secret()).then(check) : check(secret);
}

/** The body as an object with a name, in camelCase. Only called after the signature held. */
function parse(body: string | Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = createCasing(toCamel)(JSON.parse(toText(body)));
  } catch {
    // No JSON, or nested deeper than the stack goes.
  }
  if (!isPlainObject(parsed) || typeof parsed.event !== 'string') {
    throw fault('invalid_payload', 'The signature holds, but the body is no JSON object with an "event".');
  }
  return parsed;
}

/** Gives the parsed body back when its timestamp is close enough to now. */
function inTime<T extends { timestamp?: unknown }>(
  parsed: T,
  { clock, now = () => timeOf(clock), toleranceSeconds = 0 }: WebhookOptions,
): T {
  const { timestamp } = parsed;
  // A number or a list would be made a text, and most of those some date.
  const age = typeof timestamp === 'string' ? (now() - Date.parse(timestamp)) / 1000 : Number.NaN;
  if (Number.isNaN(age)) {
    throw fault('invalid_payload', 'The body has no readable timestamp, which toleranceSeconds needs.');
  }
  if (Math.abs(age) > toleranceSeconds) {
    const code = age > 0 ? 'timestamp_too_old' : 'timestamp_too_new';
    throw fault(code, `The delivery is ${age} s old, which is beyond toleranceSeconds.`);
  }
  return parsed;
}
