/** Metrics and the time series, computed from the interactions that the mock holds. */

import type { MockInteraction } from './data.ts';

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(values.length, 1);
const rounded = (value: number): number => Math.round(value * 10_000) / 10_000;

/** By the nearest rank. */
function percentile(values: number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(share * sorted.length) - 1, 0)] ?? 0;
}

/** Where the bucket of an instant begins, in UTC; weeks begin on Monday. */
function bucketOf(instant: string, granularity: string): string {
  const date = new Date(instant);
  date.setUTCMinutes(0, 0, 0);
  if (granularity !== 'hour') date.setUTCHours(0);
  if (granularity === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (granularity === 'month') date.setUTCDate(1);
  return date.toISOString().replace('.000Z', 'Z');
}

/** The answer of the analytics endpoint. The series has the buckets in which something was asked. */
export function analyticsOf(interactions: MockInteraction[], granularity: string): Record<string, unknown> {
  const judged = interactions.filter(({ feedback }) => feedback !== null);
  const latencies = interactions.map(({ latency_ms }) => latency_ms);
  const buckets = new Map<string, number[]>();
  for (const { created_at, latency_ms } of interactions) {
    const bucket = bucketOf(created_at, granularity);
    buckets.set(bucket, [...(buckets.get(bucket) ?? []), latency_ms]);
  }
  return {
    metrics: {
      total_queries: interactions.length,
      unique_users: new Set(interactions.map(({ session_id }) => session_id)).size,
      avg_latency_ms: Math.round(mean(latencies)),
      accuracy_rate: rounded(mean(judged.map(({ feedback }) => Number(feedback === 'positive')))),
      citation_rate: rounded(mean(interactions.map(({ source_count }) => Number(source_count > 0)))),
      total_cost_usd: rounded(interactions.reduce((sum, { cost_usd }) => sum + cost_usd, 0)),
    },
    time_series: [...buckets.entries()].sort().map(([timestamp, values]) => ({
      timestamp,
      queries: values.length,
      latency_p50: percentile(values, 0.5),
      latency_p95: percentile(values, 0.95),
    })),
  };
}
