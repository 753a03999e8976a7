/** Analytics: how the agents are used, and how well they answer. */

import type { Requester } from '../call/spec.ts';
import { startCall, type TwigPromise } from '../call/twig-promise.ts';
import type { CallOptions } from '../options/options.ts';
import { day, id, text } from '../params/checks.ts';
import type { Schema } from '../params/schema-kit.ts';

/** The width of a point in the series. An open set. */
export type Granularity = 'hour' | 'day' | 'week' | 'month' | (string & {});

/** Which time and agent to look at. */
export interface AnalyticsParams {
  /** The first day: `YYYY-MM-DD`, or a `Date` (its UTC day). */
  startDate: string | Date;
  /** The last day, not before the first. */
  endDate: string | Date;
  /** Default: all agents. */
  agentId?: string | undefined;
  /** Default `day`. */
  granularity?: Granularity | undefined;
}

/** Sums and means over the whole time. */
export interface AnalyticsMetrics {
  totalQueries: number;
  uniqueUsers: number;
  avgLatencyMs: number;
  /** 0 to 1. */
  accuracyRate: number;
  /** 0 to 1. */
  citationRate: number;
  totalCostUsd: number;
}

/** One point of the series. */
export interface AnalyticsPoint {
  /** Where it begins; ISO 8601. */
  timestamp: string;
  queries: number;
  /** The median, in milliseconds. */
  latencyP50: number;
  /** In milliseconds. */
  latencyP95: number;
}

/** Numbers of a span of time. */
export interface AnalyticsReport {
  metrics: AnalyticsMetrics;
  timeSeries: AnalyticsPoint[];
}

const schema: Schema<AnalyticsReport> = ({ array, number, shape, string }) =>
  shape<AnalyticsReport>()({
    metrics: shape<AnalyticsMetrics>()({
      totalQueries: number(),
      uniqueUsers: number(),
      avgLatencyMs: number(),
      accuracyRate: number(),
      citationRate: number(),
      totalCostUsd: number(),
    }),
    timeSeries: array(
      shape<AnalyticsPoint>()({ timestamp: string(), queries: number(), latencyP50: number(), latencyP95: number() }),
    ),
  });

/** `client.analytics` */
export interface Analytics {
  /**
   * Reads the numbers of a span of time. Scope `admin`.
   *
   * @example
   * ```ts
   * import { TwigClient } from '@twig/sdk';
   *
   * const client = new TwigClient();
   * const { metrics } = await client.analytics.get({ startDate: '2024-01-01', endDate: '2024-01-31' });
   * console.log(metrics.totalQueries, metrics.totalCostUsd);
   * ```
   */
  get(params: AnalyticsParams, options?: CallOptions): TwigPromise<AnalyticsReport>;
}

/** Makes `client.analytics`. */
export function createAnalytics(request: Requester): Analytics {
  return {
    get: (params, options) => {
      const rules = { startDate: day, endDate: day, agentId: id, granularity: text };
      const spec = { query: params, rules, needed: ['startDate', 'endDate'], schema };
      return startCall(request, { operation: 'analytics.get', ...spec }, options);
    },
  };
}
