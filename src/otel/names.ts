/**
 * Every name that goes out, in one place: when the conventions rename one, this is the file to change, with a line in the
 * CHANGELOG. Those of OpenTelemetry are written out, because its package of names takes them away again.
 *
 * `gen_ai.*`: GenAI semantic conventions 0.1.0 (open-telemetry/semantic-conventions-genai, "Development"). `http.*`, `url.*`,
 * `server.*` and `error.*`: semantic conventions 1.42 (stable). `twig.*`: ours.
 */

/** The instrumentation scope, whose version is the package's. */
export const SCOPE = '@twig/sdk/otel';

/** The provider, in every span and metric of an AI operation. */
export const PROVIDER = 'twig';

/** Turns content on, as it does for other instrumentations of AI clients. */
export const CAPTURE_VARIABLE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';

/** Attributes of spans, events and metrics. */
export const ATTR = {
  agentId: 'gen_ai.agent.id',
  agentName: 'gen_ai.agent.name',
  conversationId: 'gen_ai.conversation.id',
  dataSourceId: 'gen_ai.data_source.id',
  inputMessages: 'gen_ai.input.messages',
  operationName: 'gen_ai.operation.name',
  outputMessages: 'gen_ai.output.messages',
  providerName: 'gen_ai.provider.name',
  requestMaxTokens: 'gen_ai.request.max_tokens',
  requestModel: 'gen_ai.request.model',
  requestStream: 'gen_ai.request.stream',
  requestTemperature: 'gen_ai.request.temperature',
  responseId: 'gen_ai.response.id',
  responseModel: 'gen_ai.response.model',
  responseTimeToFirstChunk: 'gen_ai.response.time_to_first_chunk',
  retrievalDocuments: 'gen_ai.retrieval.documents',
  retrievalQuery: 'gen_ai.retrieval.query.text',
  retrievalTopK: 'gen_ai.retrieval.top_k',
  tokenType: 'gen_ai.token.type',
  usageInputTokens: 'gen_ai.usage.input_tokens',
  usageOutputTokens: 'gen_ai.usage.output_tokens',

  errorType: 'error.type',
  httpMethod: 'http.request.method',
  httpResendCount: 'http.request.resend_count',
  httpStatus: 'http.response.status_code',
  serverAddress: 'server.address',
  serverPort: 'server.port',
  urlTemplate: 'url.template',

  costUsd: 'twig.cost_usd',
  limiterName: 'twig.limiter.name',
  operation: 'twig.operation',
  outcome: 'twig.outcome',
  queuedWait: 'twig.queued.wait',
  ragStrategy: 'twig.rag_strategy',
  requestId: 'twig.request_id',
  retryAttempt: 'twig.retry.attempt',
  retryDelay: 'twig.retry.delay',
  scope: 'twig.scope',
  sourcesCount: 'twig.sources.count',
} as const;

/** Events of spans. */
export const EVENT = { queued: 'twig.queued', retry: 'twig.retry' } as const;

/** Values of `gen_ai.operation.name`, which begin the names of their spans. */
export const GEN_AI_OPERATION = {
  createAgent: 'create_agent',
  invokeAgent: 'invoke_agent',
  retrieval: 'retrieval',
} as const;

/** Metrics. */
export const METRIC = {
  operationDuration: 'gen_ai.client.operation.duration',
  timeToFirstChunk: 'gen_ai.client.operation.time_to_first_chunk',
  duration: 'twig.client.duration',
  retries: 'twig.client.retries',
  tokens: 'twig.client.usage.tokens',
  limiterAvailable: 'twig.limiter.available',
  limiterInFlight: 'twig.limiter.in_flight',
  limiterQueued: 'twig.limiter.queued',
  limiterWait: 'twig.limiter.wait',
} as const;
