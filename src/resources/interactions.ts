/** Interactions: what was asked and answered. */

import type { ListParams } from '../call/page.ts';
import { type PagePromise, startList } from '../call/page-promise.ts';
import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { day, id, text, verdict, verdictOrNull } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';

/** A verdict on an answer. */
export type Feedback = 'positive' | 'negative';

/** A question and its answer. Members that the API does not document are on the object too, in camelCase. */
export interface Interaction {
  id: string;
  agentId?: string | null | undefined;
  query?: string | null | undefined;
  response?: string | null | undefined;
  /** `null` while nobody has judged it. */
  feedback?: Feedback | null | undefined;
  latencyMs?: number | null | undefined;
  /** ISO 8601. */
  createdAt?: string | null | undefined;
}

/** Which interactions to list. */
export interface InteractionListParams extends ListParams {
  agentId?: string | undefined;
  /** The first day: `YYYY-MM-DD`, or a `Date` (its UTC day). */
  startDate?: string | Date | undefined;
  /** The last day, not before the first. */
  endDate?: string | Date | undefined;
  /** `null` finds those without feedback. */
  feedback?: Feedback | null | undefined;
}

/** A verdict, with an optional comment. */
export interface FeedbackParams {
  feedback: Feedback;
  comment?: string | undefined;
}

/** What the server says of stored feedback; `{}` when it says nothing. */
export interface FeedbackReceipt {
  [key: string]: unknown;
}

const rules = { agentId: id, startDate: day, endDate: day, feedback: verdictOrNull };

const schema: Schema<Interaction[]> = ({ array, nullish, number, shape, string }) =>
  array(
    shape<Interaction>()({
      id: string(),
      agentId: nullish(string()),
      query: nullish(string()),
      response: nullish(string()),
      feedback: nullish(string()),
      latencyMs: nullish(number()),
      createdAt: nullish(string()),
    }),
  );

/** `client.interactions` */
export interface Interactions {
  /**
   * Lists what was asked and answered. Scope `read`.
   *
   * @example
   * ```ts
   * import { TwigClient } from '@twig/sdk';
   *
   * const client = new TwigClient();
   * const unjudged = client.interactions.list({ startDate: '2024-01-01', endDate: new Date(), feedback: null });
   * for await (const { query, response } of unjudged) console.log(query, response);
   * ```
   */
  list(params?: InteractionListParams, options?: CallOptions): PagePromise<Interaction>;

  /** Stores a verdict on an answer; its id is `metadata.interactionId` of the answer. Scope `execute`. */
  submitFeedback(id: string, params: FeedbackParams, options?: CallOptions): TwigPromise<FeedbackReceipt>;
}

/** Makes `client.interactions`. */
export function createInteractions(request: Requester): Interactions {
  return {
    list: (params = {}, options) => {
      const list = { key: 'interactions', params, rules, schema };
      return startList(request, { operation: 'interactions.list', ...list }, options);
    },
    submitFeedback: (id, params, options) => {
      const rules = { feedback: verdict, comment: text };
      const spec = { id, body: params, rules, needed: ['feedback'], empty: () => ({}) };
      return startCall<FeedbackReceipt>(request, { operation: 'interactions.submitFeedback', ...spec }, options);
    },
  };
}
