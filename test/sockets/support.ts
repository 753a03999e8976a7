/** What the tests on sockets have in common: answers, questions, and waits that pass at once. */

import type { QueryStream, QueryStreamEvent, TwigClientOptions } from '@twig/sdk';
import { createTestClock, type TestClock } from '@twig/sdk/testing';

/** An answer to a query, as the wire has it. */
export const answer = (response = 'Yes.') => ({
  response,
  sources: [],
  metadata: {
    interaction_id: 'int_1',
    latency_ms: 1,
    tokens_input: 1,
    tokens_output: 1,
    cost_usd: 0.001,
    rag_strategy: 'cedar',
    model: 'gpt-4',
  },
  session_id: 'sess_1',
});

/** An agent, as the wire has it. */
export const agent = {
  id: 'agent_1',
  name: 'Support',
  status: 'active',
  model: 'gpt-4',
  created_at: '2024-01-15T10:30:00Z',
  updated_at: '2024-01-15T10:30:00Z',
};

export const question = { agentId: 'agent_1', query: 'Is it?' };
export const streamed = { ...question, stream: true } as const;

/** A delta of the stream's dialect. */
export const delta = (text: string): string => `event: delta\ndata: ${JSON.stringify({ delta: text })}\n\n`;
export const done = 'event: done\ndata: {"session_id":"sess_1"}\n\n';

/** Options with which the waits between attempts pass at once; limits of time stand still. */
export function impatient(): TwigClientOptions & { clock: TestClock } {
  const clock = createTestClock();
  return { clock, hooks: { onRetry: ({ delayMs }) => void setImmediate(() => clock.advance(delayMs)) } };
}

/** A clock that stands still, and a promise of the moment in which the headers of an answer have come. */
export function patient(): { options: TwigClientOptions & { clock: TestClock }; headersCame: Promise<void> } {
  let came = (): void => {};
  const headersCame = new Promise<void>((resolve) => {
    came = resolve;
  });
  return { options: { clock: createTestClock(), hooks: { onResponse: () => came() } }, headersCame };
}

/** Everything that a stream gives, up to its end or its fault. `onEvent` hears after each event how many have come. */
export async function collect(
  stream: QueryStream,
  onEvent: (count: number) => void = () => {},
): Promise<{ events: QueryStreamEvent[]; error?: unknown }> {
  const events: QueryStreamEvent[] = [];
  try {
    for await (const event of stream) onEvent(events.push(event));
    return { events };
  } catch (error) {
    return { events, error };
  }
}
