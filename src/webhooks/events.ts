/** Webhook events: the names that are known, and what each is known to carry. */

/** Members that are not documented are there too, in camelCase. */
interface EventData {
  [key: string]: unknown;
}

/** A question was answered. */
export interface InteractionEventData extends EventData {
  interactionId: string;
  agentId?: string | undefined;
  latencyMs?: number | undefined;
}

/** An answer was judged. */
export interface InteractionFeedbackData extends EventData {
  interactionId: string;
  feedback?: 'positive' | 'negative' | null | undefined;
  comment?: string | null | undefined;
}

/** Something happened to an agent. */
export interface AgentEventData extends EventData {
  agentId?: string | undefined;
}

/** Something happened to a data source. */
export interface DataSourceEventData extends EventData {
  dataSourceId?: string | undefined;
  status?: string | undefined;
}

/** An evaluation run finished. */
export interface EvalEventData extends EventData {
  evalId?: string | undefined;
}

/** Something happened to a user. */
export interface UserEventData extends EventData {
  userId?: string | undefined;
}

/** The data of each known event, by its name. */
export interface WebhookEventData {
  'interaction.completed': InteractionEventData;
  'interaction.created': InteractionEventData;
  'interaction.feedback': InteractionFeedbackData;
  'agent.created': AgentEventData;
  'agent.updated': AgentEventData;
  'agent.deleted': AgentEventData;
  'data_source.synced': DataSourceEventData;
  'datasource.created': DataSourceEventData;
  'datasource.processed': DataSourceEventData;
  'datasource.failed': DataSourceEventData;
  'eval.completed': EvalEventData;
  'user.created': UserEventData;
  'user.updated': UserEventData;
}

/** The names of the known events. */
export type WebhookEventName = keyof WebhookEventData;

/** A known event. */
export type KnownWebhookEvent<Name extends WebhookEventName = WebhookEventName> = {
  [K in Name]: {
    event: K;
    /** When it happened; ISO 8601. Delivery retries may repeat it. */
    timestamp: string;
    data: WebhookEventData[K];
  };
}[Name];

/** An event of a name that this version does not know. */
export interface UnknownWebhookEvent {
  /**
   * Any other name. To the compiler it is a text that equals no known name, so that comparing `event.event` with one
   * rules this type out; to compare it with a name of your own, say `String(event.event)`.
   */
  event: '' & { readonly __unknown: true };
  timestamp: string;
  data: unknown;
}

/** What was delivered; `event.event` tells the types apart. */
export type WebhookEvent = KnownWebhookEvent | UnknownWebhookEvent;
