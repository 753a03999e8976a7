/** The query endpoint: answers a question whole or as events, and remembers it as an interaction. */

import { type Answer, answerOf, piecesOf } from './answers.ts';
import type { EndpointCall, EndpointResult, StreamEvent } from './endpoint.ts';
import { Problem } from './problem.ts';
import { bodies, check } from './rules.ts';

interface QueryBody {
  agent_id: string;
  query: string;
  session_id?: string;
  stream?: boolean;
  max_tokens?: number;
}

/** The events of a streamed answer, in the order of the dialect. */
function eventsOf({ response, sources, metadata }: Answer, sessionId: string): StreamEvent[] {
  return [
    ...piecesOf(response).map((delta) => ({ event: 'delta', data: { delta } })),
    { event: 'sources', data: { sources } },
    { event: 'metadata', data: { metadata } },
    { event: 'done', data: { session_id: sessionId } },
  ];
}

/** `POST /api/v1/query` */
export function answerQuery({ body, now, seed, store }: EndpointCall): EndpointResult {
  // Checked by the rules.
  const given = check(body, bodies.query) as unknown as QueryBody;
  const agent = store.data.agents.find(({ id }) => id === given.agent_id);
  if (!agent) {
    const details = { agent_id: given.agent_id };
    if (/^agent_[\w-]+$/.test(given.agent_id)) throw new Problem(404, 'Agent not found', { details });
    throw new Problem(400, 'Invalid agent_id format: expected agent_…', { details });
  }
  const interactionId = store.id('int');
  const sessionId = given.session_id ?? store.id('sess');
  const answer = answerOf(store.data, agent, given, interactionId, seed);
  store.data.interactions.push(
    store.make.interaction({
      id: interactionId,
      agent_id: agent.id,
      session_id: sessionId,
      query: given.query,
      response: answer.response,
      latency_ms: answer.metadata.latency_ms,
      cost_usd: answer.metadata.cost_usd,
      source_count: answer.sources.length,
      created_at: now,
    }),
  );
  if (given.stream) return { status: 200, events: eventsOf(answer, sessionId) };
  return { status: 200, body: { ...answer, session_id: sessionId } };
}
