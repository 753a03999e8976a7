/** `@twig/sdk/webhooks`: verify, unwrap, sign, and answer webhook deliveries, in every runtime. */

export type { Clock } from '../clock.ts';
export { TwigConfigError, TwigError, TwigWebhookVerificationError, type WebhookErrorCode } from '../errors.ts';
export type { PlatformRequest, PlatformResponse } from '../platform.ts';
export {
  type FetchHandler,
  type NodeHandler,
  type NodeRequest,
  type NodeResponse,
  toNodeHandler,
} from '../server/node-adapter.ts';
export type { WebhookDedupe } from './dedupe.ts';
export type {
  AgentEventData,
  DataSourceEventData,
  EvalEventData,
  InteractionEventData,
  InteractionFeedbackData,
  KnownWebhookEvent,
  UnknownWebhookEvent,
  UserEventData,
  WebhookEvent,
  WebhookEventData,
  WebhookEventName,
} from './events.ts';
export {
  createWebhookHandler,
  type WebhookHandler,
  type WebhookHandlerOptions,
  type WebhookHandlers,
} from './handler.ts';
export { type MemoryDedupeOptions, memoryDedupe } from './memory-dedupe.ts';
export type { WebhookPayload } from './payload.ts';
export type { SignatureSource } from './signature.ts';
export { type WebhookOptions, type WebhookSecret, Webhooks } from './webhooks.ts';
