/** A Fetch-standard handler that verifies deliveries and routes them by event. */

import { TwigConfigError, TwigWebhookVerificationError } from '../errors.ts';
import { readLimited } from '../http/read-limited.ts';
import { refuseUnknown } from '../options/unknown-options.ts';
import type { PlatformRequest, PlatformResponse } from '../platform.ts';
import { claimIn } from './claims.ts';
import type { Claim, WebhookDedupe } from './dedupe.ts';
import type { KnownWebhookEvent, WebhookEvent, WebhookEventName } from './events.ts';
import { refuseUsed } from './payload.ts';
import { WEBHOOK_OPTIONS, type WebhookOptions, Webhooks } from './webhooks.ts';

/** One function for each event that matters. */
export type WebhookHandlers = {
  [Name in WebhookEventName]?: ((event: KnownWebhookEvent<Name>) => unknown) | undefined;
};

/** How deliveries are handled. A name that is not among these is refused. */
export interface WebhookHandlerOptions extends WebhookOptions {
  /** By the event's name. What one throws is answered with 500, and the sender delivers again. */
  on?: WebhookHandlers | undefined;
  /** For every event that `on` has no function for, also those of names yet unknown. */
  fallback: (event: WebhookEvent) => unknown;
  /** Skips deliveries that were handled before, and puts off those that are being handled. Default: all are handled. */
  dedupe?: WebhookDedupe | undefined;
  /** Told of what was refused and what failed. The answer waits for it, and says nothing of it. */
  onError?: ((error: unknown, event?: WebhookEvent) => unknown) | undefined;
  /** The largest body; reading stops there. Default 1,048,576. */
  maxBodyBytes?: number | undefined;
}

const OPTIONS: Record<keyof WebhookHandlerOptions, true> = {
  ...WEBHOOK_OPTIONS,
  on: true,
  fallback: true,
  dedupe: true,
  onError: true,
  maxBodyBytes: true,
};

/** Answers 200, 400, 405, 413, 500 or 503. */
export type WebhookHandler = (request: PlatformRequest) => Promise<PlatformResponse>;

/** When a delivery that is being handled may come again. */
const RETRY_AFTER_SECONDS = 5;

const answer = (status: number, headers?: Record<string, string>): PlatformResponse =>
  new Response(null, headers ? { status, headers } : { status });

/**
 * Makes a handler for Next.js, Hono, Bun, Deno and Workers; with `toNodeHandler` also for Node's server and Express.
 * Throws `TwigConfigError` without a fallback, with a bad number, or with an option of an unknown name. A secret that is
 * missing is told when a delivery comes (500, and a `TwigConfigError` for `onError`), because modules are also loaded by
 * builds, which have no secrets.
 *
 * @example
 * ```ts
 * import { createWebhookHandler, memoryDedupe } from '@twig/sdk/webhooks';
 *
 * export const POST = createWebhookHandler({
 *   secret: 'the secret of the endpoint',
 *   dedupe: memoryDedupe(),
 *   on: {
 *     'interaction.completed': (event) => console.log(event.data.interactionId),
 *   },
 *   fallback: (event) => console.log('not handled:', event.event),
 * });
 * ```
 */
export function createWebhookHandler(options: WebhookHandlerOptions): WebhookHandler {
  refuseUnknown('createWebhookHandler: the option', options, OPTIONS);
  const { on = {}, fallback, dedupe, onError, maxBodyBytes = 1024 * 1024, ...rest } = options;
  if (typeof fallback !== 'function') {
    throw new TwigConfigError('createWebhookHandler needs a fallback: new events would be lost without a trace.');
  }
  if (!(maxBodyBytes >= 0)) throw new TwigConfigError('maxBodyBytes must be a number ≥ 0.');
  if (dedupe && typeof dedupe.seen !== 'function') {
    throw new TwigConfigError('dedupe needs a function seen(key): memoryDedupe() makes one.');
  }
  const webhooks = new Webhooks(rest);
  // What is wrong with the options is told now, and not by each delivery.
  webhooks._with();

  const tell = async (error: unknown, event?: WebhookEvent): Promise<void> => {
    try {
      await onError?.(error, event);
    } catch {
      // An observer must not change the answer.
    }
  };
  const route = (event: WebhookEvent): unknown => {
    // The event's name picked the function, so the types agree.
    const known = Object.hasOwn(on, event.event) && on[event.event as WebhookEventName];
    return known ? (known as (event: WebhookEvent) => unknown)(event) : fallback(event);
  };

  return async (request) => {
    if (request.method !== 'POST') return answer(405, { allow: 'POST' });
    let event: WebhookEvent | undefined;
    /** What is to be given up if it fails. */
    let claim: Claim | undefined;
    try {
      refuseUsed(request as Request);
      const body = await readLimited(request as Request, maxBodyBytes);
      if (!body) return answer(413);
      const delivery = await webhooks._open(body, request.headers);
      event = delivery.event;
      const claimed = dedupe && (await claimIn(dedupe, delivery.key));
      if (claimed === true) return answer(200);
      // Answered 200, it would be lost if the one that is handling it fails.
      if (claimed === 'busy') return answer(503, { 'retry-after': String(RETRY_AFTER_SECONDS) });
      claim = claimed;
      await route(event);
      claim = undefined;
      await claimed?.done();
      return answer(200);
    } catch (error) {
      const giveUp = async (): Promise<void> => {
        try {
          await claim?.forget();
        } catch (failure) {
          await tell(failure, event);
        }
      };
      // Awaited, because Workers and Lambda stop when the answer is out; together, so that neither holds up the other.
      await Promise.all([tell(error, event), giveUp()]);
      return answer(error instanceof TwigWebhookVerificationError && !event ? 400 : 500);
    }
  };
}
