/** What the mock holds when no seed says otherwise: a small company with two agents and a week of questions. */

import { drawsFor } from './chance.ts';
import type { MockInteraction, MockSeed } from './data.ts';

const passage = (chunk: string, source: string, title: string, slug: string, text: string) => ({
  chunk_id: chunk,
  data_source_id: source,
  document_id: `doc_${slug.replaceAll('-', '_')}`,
  document_title: title,
  document_url: `https://example.com/${slug}`,
  text,
});

/** The fixtures without the interactions. */
export const fixtures = (): Required<Omit<MockSeed, 'number' | 'interactions'>> => ({
  agents: [
    { id: 'agent_abc123', name: 'Support Agent', data_source_ids: ['ds_1', 'ds_2'] },
    { id: 'agent_def456', name: 'Sales Agent', data_source_ids: ['ds_1'], rag_strategy: 'redwood', model: 'gpt-4o' },
  ],
  dataSources: [
    { id: 'ds_1', type: 'website', name: 'Product Documentation', config: { url: 'https://docs.example.com' } },
    { id: 'ds_2', type: 'file', name: 'Policies', sync_frequency: 'manual' },
    {
      id: 'ds_3',
      type: 'slack',
      name: 'Team Chat',
      status: 'failed',
      progress_pct: 50,
      error: 'The token was revoked.',
    },
  ],
  users: [
    { id: 'user_ada', email: 'ada@example.com', name: 'Ada', role: 'admin' },
    { id: 'user_grace', email: 'grace@example.com', name: 'Grace', role: 'train' },
  ],
  articles: [
    {
      id: 'kb_password',
      title: 'How to reset password',
      content: 'Steps: 1. Click Forgot Password. 2. Open the link in the mail. 3. Choose a new password.',
      tags: ['auth', 'password'],
      status: 'published',
    },
    { id: 'kb_holidays', title: 'Holiday hours', content: 'To be written.', tags: [], status: 'draft' },
  ],
  passages: [
    passage(
      'chk_refund',
      'ds_2',
      'Refund Policy',
      'refund',
      'Our refund policy allows returns within 30 days. Refunds are processed within five working days.',
    ),
    passage(
      'chk_pricing',
      'ds_1',
      'Pricing Page',
      'pricing',
      'Pricing starts at $99/month for teams of up to ten people. Larger teams get a quote.',
    ),
    passage(
      'chk_shipping',
      'ds_2',
      'Shipping',
      'shipping',
      'Orders ship within two working days – worldwide, with tracking.',
    ),
    passage(
      'chk_start',
      'ds_1',
      'Getting Started',
      'getting-started',
      'Install the app, sign in, and connect your first data source. That takes about five minutes.',
    ),
  ],
  answers: {},
});

const QUESTIONS = [
  'What is your refund policy?',
  'What is pricing?',
  'How do I reset my password?',
  'Do you ship abroad?',
];
const DAY_MS = 86_400_000;

/** A week of questions that ends at `now`. */
export function pastInteractions(seed: number, now: number): Partial<MockInteraction>[] {
  const draw = drawsFor(seed, 'history');
  return Array.from({ length: 42 }, (_, index) => {
    const verdict = draw();
    return {
      id: `int_history${String(index + 1).padStart(2, '0')}`,
      agent_id: draw() < 0.7 ? 'agent_abc123' : 'agent_def456',
      session_id: `sess_history${Math.floor(draw() * 12)}`,
      query: QUESTIONS[Math.floor(draw() * QUESTIONS.length)] ?? '',
      response: 'As the documentation says, see the named sources.',
      feedback: verdict < 0.4 ? 'positive' : verdict < 0.5 ? 'negative' : null,
      latency_ms: 800 + Math.floor(draw() * 2400),
      source_count: draw() < 0.9 ? 2 : 0,
      cost_usd: Math.round(20 + draw() * 60) / 10_000,
      created_at: new Date(now - 7 * DAY_MS + (index + draw()) * (DAY_MS / 6)).toISOString(),
    };
  });
}
