/** What a delivery may be handed over as, and its bytes. */

import type { TwigWebhookVerificationError } from '../errors.ts';
import type { PlatformRequest } from '../platform.ts';
import { fault } from './fault.ts';

/** The raw body, or the request that still holds it. */
export type WebhookPayload = string | Uint8Array | ArrayBuffer | PlatformRequest;

const HOW_TO_GET_IT =
  "Express: express.raw({ type: '*/*' }) before express.json(). Fastify: addContentTypeParser with parseAs: 'buffer'. " +
  'Next.js: await request.text(). Hono: await c.req.text(). NestJS: rawBody: true, then request.rawBody. ' +
  "Lambda: event.body, as Buffer.from(event.body, 'base64') if isBase64Encoded.";

/** The body was parsed before it came here: its bytes, which were signed, are gone. */
export const bodyParsed = (): TwigWebhookVerificationError =>
  fault('body_parsed', 'The body was parsed: pass it raw, byte for byte, as it was signed.', HOW_TO_GET_IT);

/** Whether it is a Fetch request, of whichever realm. */
export function isRequest(payload: unknown): payload is Request {
  const { arrayBuffer, headers } = (payload ?? {}) as Partial<Request>;
  return !!arrayBuffer && !!headers;
}

/** Refuses a request whose body somebody has begun to read. */
export function refuseUsed({ body, bodyUsed }: Request): void {
  if (bodyUsed || body?.locked) throw bodyParsed();
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
