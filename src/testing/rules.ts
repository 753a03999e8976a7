/** The documented validation of requests. What is wrong is answered with 400 and a complaint for each member. */

import type { ValidationIssue } from '../errors.ts';
import { isPlainObject } from '../params/casing.ts';
import { boolean, type Check, day, listOf, object, positive, temperature, text } from '../params/checks.ts';
import { Problem } from './problem.ts';

/** What the members of a body or a query must be; `needed` ones may not be missing. */
export interface Rules {
  readonly needed?: string[];
  readonly members: Record<string, Check>;
}

const oneOf =
  (...values: string[]): Check =>
  (value, path, issues) => {
    if (!values.includes(String(value))) issues.push({ path, message: `must be one of: ${values.join(', ')}` });
  };

const share: Check = (value, path, issues) => {
  if (typeof value !== 'number' || value < 0 || value > 1)
    issues.push({ path, message: 'must be a number from 0 to 1' });
};

const email: Check = (value, path, issues) => {
  if (typeof value !== 'string' || !/^\S+@\S+$/.test(value)) issues.push({ path, message: 'must be an email address' });
};

const articleStatus = oneOf('draft', 'published');
const agent = {
  name: text,
  data_source_ids: listOf(text),
  system_prompt: text,
  rag_strategy: text,
  model: text,
  temperature,
  max_tokens: positive,
};
const article = { title: text, content: text, tags: listOf(text), status: articleStatus };

/** The rules of every body. */
export const bodies: Record<
  | 'query'
  | 'semanticSearch'
  | `agents.${'create' | 'update'}`
  | 'dataSources.create'
  | 'interactions.submitFeedback'
  | 'users.create'
  | `kb.${'create' | 'update'}`,
  Rules
> = {
  query: {
    needed: ['agent_id', 'query'],
    members: { agent_id: text, query: text, session_id: text, stream: boolean, temperature, max_tokens: positive },
  },
  semanticSearch: {
    needed: ['query', 'org_id'],
    members: { query: text, org_id: text, top_k: positive, similarity_threshold: share, data_source_ids: listOf(text) },
  },
  'agents.create': { needed: ['name', 'data_source_ids'], members: agent },
  'agents.update': { members: agent },
  'dataSources.create': {
    needed: ['type', 'name'],
    members: {
      type: oneOf('website', 'file', 'confluence', 'slack', 'google_drive', 'sharepoint'),
      name: text,
      config: object,
      sync_frequency: oneOf('hourly', 'daily', 'weekly', 'manual'),
    },
  },
  'interactions.submitFeedback': {
    needed: ['feedback'],
    members: { feedback: oneOf('positive', 'negative'), comment: text },
  },
  'users.create': {
    needed: ['email', 'role'],
    members: { email, name: text, role: oneOf('readonly', 'train', 'configure', 'admin') },
  },
  'kb.create': { needed: ['title', 'content'], members: article },
  'kb.update': { members: article },
};

/** The rules of the queries beyond `limit` and `offset`. */
export const queries: Record<'dataSources.list' | 'interactions.list' | 'kb.list' | 'analytics.get', Rules> = {
  'dataSources.list': { members: { status: oneOf('pending', 'processing', 'active', 'failed') } },
  'interactions.list': {
    members: { agent_id: text, start_date: day, end_date: day, feedback: oneOf('positive', 'negative', 'null') },
  },
  'kb.list': { members: { status: articleStatus } },
  'analytics.get': {
    needed: ['start_date', 'end_date'],
    members: { start_date: day, end_date: day, agent_id: text, granularity: oneOf('hour', 'day', 'week', 'month') },
  },
};

/** Refuses with every complaint that there is. */
export function check(value: unknown, { needed = [], members }: Rules): Record<string, unknown> {
  if (!isPlainObject(value)) throw new Problem(400, 'The request body must be a JSON object.');
  const issues: ValidationIssue[] = [];
  for (const name of needed) {
    const member = value[name];
    const isMissing = member === undefined || member === null || (typeof member === 'string' && member.trim() === '');
    if (isMissing) issues.push({ path: name, message: 'is required' });
  }
  const missing = new Set(issues.map(({ path }) => path));
  for (const [name, rule] of Object.entries(members)) {
    if (value[name] !== undefined && !missing.has(name)) rule(value[name], name, issues);
  }
  if (issues.length === 0 && String(value.end_date ?? '9') < String(value.start_date ?? '')) {
    issues.push({ path: 'end_date', message: 'must not be before start_date' });
  }
  refuse(issues);
  return value;
}

/** Reads `limit` and `offset`, or refuses. */
export function pageOf(query: URLSearchParams): { limit: number; offset: number } {
  const issues: ValidationIssue[] = [];
  const read = (path: string, otherwise: number, least: number, most: number): number => {
    const given = query.get(path);
    if (given === null) return otherwise;
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN;
    if (value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `≥ ${least}` : `from ${least} to ${most}`;
    issues.push({ path, message: `must be an integer ${range}` });
    return otherwise;
  };
  const page = { limit: read('limit', 50, 1, 200), offset: read('offset', 0, 0, Number.MAX_SAFE_INTEGER) };
  refuse(issues);
  return page;
}

function refuse(issues: ValidationIssue[]): void {
  if (issues.length === 0) return;
  const text = issues.map(({ path, message }) => `${path} ${message}`).join('; ');
  const details = Object.fromEntries(issues.map(({ path, message }) => [path, message]));
  throw new Problem(400, `Invalid request: ${text}.`, { details });
}
