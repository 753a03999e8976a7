/** What a delivery may be handed over as, and its bytes. */

import type { TwigWebhookVerificationError } from '../errors.ts';
import { rawBodyOf } from '../http/raw-body.ts';
import type { PlatformRequest } from '../platform.ts';
import { fault } from './fault.ts';

/** The raw body, or the request that still holds it. */
export type WebhookPayload = string | Uint8Array | ArrayBuffer | PlatformRequest;

const HOW_TO_GET_IT =
  "Express: express.raw({ type: '*/*' }) before express.json(), or the handler before any parser. " +
  "Fastify: addContentTypeParser with parseAs: 'buffer'. Next.js: await request.text(); in pages/api, " +
  'export const config = { api: { bodyParser: false } }. Hono: await c.req.text(). Koa: ctx.request.rawBody. ' +
  'NestJS: rawBody: true, then request.rawBody. Firebase and Google Cloud Functions: request.rawBody. ' +
  'Azure Functions: await request.text(). Vercel functions: export function POST(request), then await request.text(). ' +
  "Lambda: event.body, as Buffer.from(event.body, 'base64') if isBase64Encoded.";

/** The body was parsed before it came here: its bytes, which were signed, are gone. */
export const bodyParsed = (): TwigWebhookVerificationError =>
  fault('body_parsed', `The body was parsed: pass it raw, byte for byte, as it was signed. ${HOW_TO_GET_IT}`);

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
  const raw = rawBodyOf(payload);
  if (raw === undefined) throw bodyParsed();
  return raw;
}

const MARK = '\ufeff';

/** The body with the byte order mark that whoever decoded it took off (`request.text()`: WHATWG Encoding, "UTF-8 decode"). */
export function withMark(body: string | Uint8Array): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return MARK + body;
  const marked = new Uint8Array(3 + body.length);
  marked.set(new TextEncoder().encode(MARK));
  marked.set(body, 3);
  return marked;
}

/** The body's text, without a byte order mark. */
export const toText = (body: string | Uint8Array): string =>
  typeof body === 'string' ? (body.startsWith(MARK) ? body.slice(1) : body) : new TextDecoder().decode(body);
