/** What a delivery may be handed over as, and its bytes. */

import type { PlatformRequest } from '../core/platform.ts';
import { TwigWebhookVerificationError } from '../errors.ts';

/** The raw body, or the request that still holds it. */
export type WebhookPayload = string | Uint8Array | ArrayBuffer | PlatformRequest;

const HOW_TO_GET_IT =
  "Express: express.raw({ type: '*/*' }) before express.json(). Fastify: addContentTypeParser with parseAs 'buffer'. " +
  'Next.js: await request.text(). Hono: await c.req.text(). NestJS: { rawBody: true } and request.rawBody. ' +
  "Lambda: Buffer.from(event.body, event.isBase64Encoded ? 'base64' : 'utf8').";

/** The body was parsed before it came here: its bytes, which were signed, are gone. */
export function bodyParsed(): TwigWebhookVerificationError {
  return new TwigWebhookVerificationError('The body was parsed: pass it raw, byte for byte, as it was signed.', {
    code: 'body_parsed',
    hint: HOW_TO_GET_IT,
  });
}

/** Whether it is a Fetch request, of whichever realm. */
export function isRequest(payload: unknown): payload is Request {
  return typeof payload === 'object' && payload !== null && 'arrayBuffer' in payload && 'headers' in payload;
}

/** The text or bytes that were signed. */
export function rawBody(payload: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof payload === 'string') return payload;
  if (ArrayBuffer.isView(payload)) {
    // A view of shared memory cannot be signed by Web Crypto; nobody receives a body in one.
    return new Uint8Array(payload.buffer as ArrayBuffer, payload.byteOffset, payload.byteLength);
  }
  if (Object.prototype.toString.call(payload) === '[object ArrayBuffer]') return new Uint8Array(payload as ArrayBuffer);
  throw bodyParsed();
}
