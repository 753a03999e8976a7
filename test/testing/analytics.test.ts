/** Analytics are computed from the interactions that the mock holds. */

import { expect, it } from 'vitest';
import { send, useMock } from './harness.ts';

const { twig } = useMock({ rateLimits: false });

function ask(created_at: string, latency_ms: number, more: Partial<(typeof twig.data.interactions)[0]> = {}): void {
  twig.data.interactions.push({
    id: `int_${twig.data.interactions.length}`,
    agent_id: 'agent_a',
    session_id: 'sess_a',
    query: 'q',
    response: 'r',
    feedback: null,
    latency_ms,
    source_count: 1,
    cost_usd: 0.01,
    created_at,
    ...more,
  });
}

function arrange(): void {
  twig.data.interactions.length = 0;
  ask('2024-01-15T00:10:00Z', 100, { feedback: 'positive' });
  ask('2024-01-15T00:50:00Z', 300, { feedback: 'positive', session_id: 'sess_b' });
  ask('2024-01-15T23:59:59Z', 200, { feedback: 'negative', source_count: 0 });
  ask('2024-01-21T12:00:00Z', 400, { agent_id: 'agent_b' });
  ask('2024-02-01T00:00:00Z', 1000);
}

const analytics = async (query: string) => (await send('GET', `/analytics?${query}`)).body;
const january = 'start_date=2024-01-01&end_date=2024-01-31';

it('sums and averages over the days that were asked for', async () => {
  arrange();
  expect((await analytics(january)).metrics).toEqual({
    total_queries: 4,
    unique_users: 2,
    avg_latency_ms: 250,
    accuracy_rate: 0.6667,
    citation_rate: 0.75,
    total_cost_usd: 0.04,
  });
});

it('looks at one agent when asked to', async () => {
  arrange();
  expect((await analytics(`${january}&agent_id=agent_b`)).metrics).toMatchObject({
    total_queries: 1,
    avg_latency_ms: 400,
  });
});

it.each([
  [
    'hour',
    [
      ['2024-01-15T00:00:00Z', 2],
      ['2024-01-15T23:00:00Z', 1],
      ['2024-01-21T12:00:00Z', 1],
    ],
  ],
  [
    'day',
    [
      ['2024-01-15T00:00:00Z', 3],
      ['2024-01-21T00:00:00Z', 1],
    ],
  ],
  ['week', [['2024-01-15T00:00:00Z', 4]]],
  ['month', [['2024-01-01T00:00:00Z', 4]]],
])('counts by %s', async (granularity, expected) => {
  arrange();
  const { time_series } = await analytics(`${january}&granularity=${granularity}`);
  expect(time_series.map(({ timestamp, queries }: Record<string, unknown>) => [timestamp, queries])).toEqual(expected);
});

it('counts by day unless told otherwise, with median and 95th percentile', async () => {
  arrange();
  const { time_series } = await analytics(january);
  expect(time_series[0]).toEqual({ timestamp: '2024-01-15T00:00:00Z', queries: 3, latency_p50: 200, latency_p95: 300 });
});

it('is all zeros, and an empty series, where nothing was asked', async () => {
  const { metrics, time_series } = await analytics('start_date=1999-01-01&end_date=1999-12-31');
  expect(Object.values(metrics)).toEqual([0, 0, 0, 0, 0, 0]);
  expect(time_series).toEqual([]);
});

it('counts a question that was just answered', async () => {
  twig.data.interactions.length = 0;
  await send('POST', '/query', { body: { agent_id: 'agent_abc123', query: 'pricing' } });
  expect((await analytics(january)).metrics).toMatchObject({ total_queries: 1, citation_rate: 1 });
});
