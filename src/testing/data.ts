/** What the mock holds, in the shapes of the wire: snake_case members, as a server in any language would see them. */

/** An agent. */
export interface MockAgent {
  id: string;
  name: string;
  /** What it reads from; answers rest on the passages of these sources and on published articles. */
  data_source_ids: string[];
  system_prompt?: string;
  rag_strategy: string;
  model: string;
  status: string;
  /** 0 to 2. */
  temperature?: number;
  /** The longest answer, in tokens (the mock counts words). */
  max_tokens?: number;
  /** ISO 8601. */
  created_at: string;
  [member: string]: unknown;
}

/** A data source. While it is being processed, the clock moves `status` and the numbers. */
export interface MockDataSource {
  id: string;
  /** `website`, `file`, `confluence`, `slack`, `google_drive`, `sharepoint`. */
  type: string;
  name: string;
  /** `max_pages` sets how much there is to index; `mock_failure` (`true`, or a message) makes the processing fail halfway. */
  config: Record<string, unknown>;
  /** `hourly`, `daily`, `weekly`, `manual`. */
  sync_frequency: string;
  /** `pending`, `processing`, `active`, `failed`. */
  status: string;
  chunks_indexed: number;
  /** 0 to 100. */
  progress_pct: number;
  /** ISO 8601; `null` when nothing is being processed. */
  estimated_completion: string | null;
  /** ISO 8601. */
  created_at: string;
  [member: string]: unknown;
}

/** A question that was asked, and its answer. */
export interface MockInteraction {
  id: string;
  agent_id: string;
  session_id: string;
  query: string;
  response: string;
  /** `null` until somebody judges the answer. */
  feedback: 'positive' | 'negative' | null;
  comment?: string;
  latency_ms: number;
  /** How many passages the answer names. */
  source_count: number;
  cost_usd: number;
  /** ISO 8601. */
  created_at: string;
}

/** A user of the organisation. */
export interface MockUser {
  id: string;
  email: string;
  name: string | null;
  /** `readonly`, `train`, `configure`, `admin`. */
  role: string;
  /** ISO 8601. */
  created_at: string;
  [member: string]: unknown;
}

/** An article of the knowledge base. */
export interface MockArticle {
  id: string;
  title: string;
  content: string;
  tags: string[];
  /** `draft` or `published`; only published ones are searched. */
  status: string;
  /** 1, and one more with every update. */
  version: number;
  /** ISO 8601. */
  created_at: string;
  [member: string]: unknown;
}

/** A piece of a document: what searches find and answers rest on. */
export interface MockPassage {
  chunk_id: string;
  /** The source that it was read from. */
  data_source_id: string;
  document_id: string;
  document_title: string;
  document_url: string;
  text: string;
}

/**
 * All that the mock holds. The arrays are the mock's own: read them, push to them, change what is in them.
 *
 * @example
 * ```ts
 * import { createTwigMock } from '@twig/sdk/testing';
 *
 * const twig = createTwigMock();
 * twig.data.answers['What is the answer?'] = '42';
 * console.log(twig.data.agents.map((agent) => agent.id));
 * ```
 */
export interface MockData {
  agents: MockAgent[];
  dataSources: MockDataSource[];
  /** The oldest first. */
  interactions: MockInteraction[];
  users: MockUser[];
  articles: MockArticle[];
  passages: MockPassage[];
  /** Fixed answers, by the exact question. Other questions are answered from the passages. */
  answers: Record<string, string>;
}

/** What the mock begins with, in place of its fixtures. What is left out of an object is filled in as on creation. */
export interface MockSeed {
  /** Decides ids, answers and numbers; 1 by default. */
  number?: number;
  agents?: Partial<MockAgent>[];
  dataSources?: Partial<MockDataSource>[];
  interactions?: Partial<MockInteraction>[];
  users?: Partial<MockUser>[];
  articles?: Partial<MockArticle>[];
  passages?: Partial<MockPassage>[];
  answers?: Record<string, string>;
}
