/** Verifying, reading and signing webhook deliveries. Needs no client and no API key. */

import { createCasing, isPlainObject, toCamel } from '../core/casing.ts';
import { type Clock, systemNow } from '../core/clock.ts';
import { env } from '../core/environment.ts';
import type { PlatformRequest } from '../core/platform.ts';
import { TwigConfigError, TwigWebhookVerificationError, type WebhookErrorCode } from '../errors.ts';
import type { WebhookEvent } from './events.ts';
import { createHmac, type Hmac } from './hmac.ts';
import { bodyParsed, isRequest, rawBody, type WebhookPayload } from './payload.ts';
import { candidates, invalid, type SignatureSource, signatureText, toHex } from './signature.ts';

type Awaitable<T> = T | Promise<T>;

/** The text shown when the endpoint was created; several while it is rotated; or a function that gives them. */
export type WebhookSecret = string | string[] | (() => Awaitable<string | string[]>);

/** How deliveries are verified. */
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

/** A verified delivery. */
export interface VerifiedDelivery {
  event: WebhookEvent;
  /** The matched HMAC in hex: two deliveries with the same one are the same delivery. */
  key: string;
}

/**
 * Verifies webhook deliveries.
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
  // A closure, so that the secret is in no property.
  declare private readonly _options: () => WebhookOptions;
  declare private _hmac: Hmac | undefined;

  constructor(options: WebhookOptions = {}) {
    Object.defineProperties(this, {
      _options: { value: () => options },
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
    const { body, options } = await this._check(payload, second, third);
    if (options.toleranceSeconds !== undefined) this._inTime(parse(body), options);
  }

  /** The same, and gives the event: parsed after the signature held, `data` in camelCase. */
  unwrap(request: PlatformRequest, options?: WebhookOptions): Promise<WebhookEvent>;
  unwrap(payload: WebhookPayload, signature: SignatureSource, options?: WebhookOptions): Promise<WebhookEvent>;
  async unwrap(payload: WebhookPayload, second?: unknown, third?: WebhookOptions): Promise<WebhookEvent> {
    return (await this._open(payload, second, third)).event;
  }

  /** The value of the signature header, `sha256=<hex>`, for tests and for senders. Of several secrets the first signs. */
  async sign(payload: string | Uint8Array | ArrayBuffer, options?: WebhookOptions): Promise<string> {
    const [secret = ''] = await this._secrets({ ...this._options(), ...options });
    return `sha256=${toHex(await this._crypto().sign(secret, rawBody(payload)))}`;
  }

  /** Throws when there is no secret; one that a function gives is only known later. @internal */
  _checkSecret(): void {
    this._secrets({ ...this._options(), ...(typeof this._options().secret === 'function' && { secret: 'later' }) });
  }

  /** @internal */
  async _open(payload: WebhookPayload, second?: unknown, third?: WebhookOptions): Promise<VerifiedDelivery> {
    const { body, options, match } = await this._check(payload, second, third);
    const parsed = parse(body);
    if (options.toleranceSeconds !== undefined) this._inTime(parsed, options);
    // Signed by who knows the secret: the shape is the sender's word.
    const event = createCasing(toCamel)(parsed) as WebhookEvent;
    return { event, key: toHex(match) };
  }

  private async _check(
    payload: WebhookPayload,
    second: unknown,
    third: WebhookOptions | undefined,
  ): Promise<{ body: string | Uint8Array<ArrayBuffer>; match: Uint8Array; options: WebhookOptions }> {
    const isWhole = isRequest(payload);
    // The overloads: a request brings its own signature, so the options come second.
    const given = (isWhole ? second : third) as WebhookOptions | undefined;
    const options = given ? { ...this._options(), ...given } : this._options();
    const { toleranceSeconds: tolerance } = options;
    if (tolerance !== undefined && !(Number.isFinite(tolerance) && tolerance >= 0)) {
      throw new TwigConfigError('toleranceSeconds must be a number ≥ 0.');
    }
    const found = this._secrets(options);
    const secrets = Array.isArray(found) ? found : await found;
    const header = signatureText((isWhole ? payload.headers : second) as SignatureSource);
    if (isWhole && payload.bodyUsed) throw bodyParsed();
    const body = isWhole ? new Uint8Array(await payload.arrayBuffer()) : rawBody(payload);
    const signatures = candidates(header);
    if (!signatures.length) throw invalid('the header holds no HMAC-SHA256');
    const search = this._crypto().find(secrets, body, signatures);
    const match = search instanceof Promise ? await search : search;
    if (!match) throw invalid('no secret made it for this body');
    return { body, match, options };
  }

  private _secrets({ secret = env('TWIG_WEBHOOK_SECRET') }: WebhookOptions): Awaitable<string[]> {
    const check = (value: unknown): string[] => {
      const secrets: unknown[] = Array.isArray(value) ? value : [value];
      if (!secrets.length || secrets.some((one) => typeof one !== 'string' || !one.trim())) {
        throw new TwigConfigError('No webhook secret: pass the option secret, or set TWIG_WEBHOOK_SECRET.');
      }
      return secrets as string[];
    };
    return typeof secret === 'function' ? Promise.resolve(secret()).then(check) : check(secret);
  }

  private _crypto(): Hmac {
    this._hmac ??= createHmac();
    return this._hmac;
  }

  private _inTime({ timestamp }: Record<string, unknown>, options: WebhookOptions): void {
    const { clock, now = clock?.now ?? systemNow, toleranceSeconds = 0 } = options;
    const time = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
    if (Number.isNaN(time))
      throw fault('invalid_payload', 'The body has no readable timestamp, which toleranceSeconds needs.');
    const age = now() - time;
    if (age > toleranceSeconds * 1000) throw fault('timestamp_too_old', `The delivery is ${age / 1000} s old.`);
    if (-age > toleranceSeconds * 1000) throw fault('timestamp_too_new', `The delivery is ${-age / 1000} s ahead.`);
  }
}

const fault = (code: WebhookErrorCode, message: string): TwigWebhookVerificationError =>
  new TwigWebhookVerificationError(message, { code });

/** The body as an object with a name. Only called after the signature held. */
function parse(body: string | Uint8Array): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
  } catch {}
  if (!isPlainObject(parsed) || typeof parsed.event !== 'string') {
    throw fault('invalid_payload', 'The signature holds, but the body is no JSON object with an "event".');
  }
  return parsed;
}
