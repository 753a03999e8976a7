/** `@twig/sdk`: the client, its errors and its types. */

export type { ListParams, Page } from './call/page.ts';
export type { PagePromise } from './call/page-promise.ts';
export type { TwigPromise, WithResponse } from './call/twig-promise.ts';
export { type RequestOptions, TwigClient } from './client.ts';
export type { Clock } from './clock.ts';
export {
  type ConnectionPhase,
  type RateLimiterErrorCode,
  type StreamErrorCode,
  type TimeLimit,
  TwigAbortError,
  TwigAPIError,
  TwigAuthenticationError,
  TwigBadRequestError,
  TwigConfigError,
  TwigConnectionError,
  TwigDataSourceError,
  TwigError,
  TwigNotFoundError,
  TwigPaginationError,
  TwigPermissionError,
  TwigRateLimitError,
  TwigRateLimiterError,
  TwigResponseValidationError,
  TwigServerError,
  TwigServiceUnavailableError,
  TwigStreamError,
  TwigTimeoutError,
  TwigValidationError,
  TwigWebhookVerificationError,
  type ValidationIssue,
  type WebhookErrorCode,
} from './errors.ts';
export type { HeadersInput } from './http/headers.ts';
export type { LimiterLease, LimiterLike, LimiterObservation, Priority } from './http/rate-limit.ts';
export type { CallAttempt, CallMeta, RateLimit, ResponseMeta } from './meta.ts';
export type { HttpMethod, RateLimitScope } from './operations.ts';
export type { ErrorInfo, Hooks, RequestInfo, ResponseInfo, RetryInfo } from './options/hooks.ts';
export type {
  CallEnd,
  CallObserver,
  CallOutcome,
  CallResult,
  CallStart,
  Instrumentation,
} from './options/instrumentation.ts';
export type { Logger, LogLevel } from './options/logger.ts';
export type { ApiKeyProvider, CallOptions, ResponseValidation, TwigClientOptions } from './options/options.ts';
export type {
  AbortSignalLike,
  FetchInit,
  FetchLike,
  HeadersLike,
  PlatformAbortSignal,
  PlatformHeaders,
  PlatformReadableStream,
  PlatformRequest,
  PlatformResponse,
  ResponseLike,
} from './platform.ts';
export type { PartialQueryResponse, QueryMetadata, QueryResponse, Source } from './query-response.ts';
export type {
  Agent,
  AgentCreateParams,
  AgentStatus,
  Agents,
  AgentUpdateParams,
  Model,
  RagStrategy,
} from './resources/agents.ts';
export type {
  Analytics,
  AnalyticsMetrics,
  AnalyticsParams,
  AnalyticsPoint,
  AnalyticsReport,
  Granularity,
} from './resources/analytics.ts';
export type {
  DataSource,
  DataSourceCreateParams,
  DataSourceListParams,
  DataSources,
  DataSourceType,
  SyncFrequency,
  SyncJob,
  WebsiteConfig,
} from './resources/data-sources.ts';
export type {
  Feedback,
  FeedbackParams,
  FeedbackReceipt,
  Interaction,
  InteractionListParams,
  Interactions,
} from './resources/interactions.ts';
export type {
  Article,
  ArticleCreateParams,
  ArticleListParams,
  ArticleStatus,
  ArticleUpdateParams,
  KnowledgeBase,
} from './resources/kb.ts';
export type { QueryParams } from './resources/query.ts';
export type {
  Chunk,
  SemanticSearchMetadata,
  SemanticSearchParams,
  SemanticSearchResponse,
} from './resources/semantic-search.ts';
export type { Role, User, UserCreateParams, Users } from './resources/users.ts';
export type { DataSourceState, DataSourceStatus, WaitOptions } from './resources/wait-until-ready.ts';
export type { QueryStream } from './streaming/query-stream.ts';
export type { QueryStreamEvent, UnknownStreamEvent } from './streaming/reduce.ts';
export type { RelayInit } from './streaming/relay.ts';
export { VERSION } from './version.ts';
