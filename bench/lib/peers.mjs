// The other clients, each set up to do as little as it can, over a given fetch or base URL.

import Anthropic from '@anthropic-ai/sdk';
import { Mistral } from '@mistralai/mistralai';
import { HTTPClient } from '@mistralai/mistralai/lib/http.js';
import { Octokit } from '@octokit/core';
import { TwigClient } from '@twig/sdk';
import ky from 'ky';
import OpenAI from 'openai';
import Stripe from 'stripe';

export const KEY = 'twigsk_test_0123456789';

/** An object that each client takes for one of its own. */
export const OBJECT = {
  id: 'agent_abc123',
  object: 'model',
  name: 'Support Agent',
  rag_strategy: 'cedar',
  model: 'gpt-4',
  status: 'active',
  data_source_ids: ['ds_1', 'ds_2'],
  created: 1705314600,
  created_at: '2024-01-15T10:30:00Z',
  owned_by: 'twig',
  display_name: 'Support Agent',
  type: 'model',
  capabilities: {},
};

const HEADERS = {
  'content-type': 'application/json',
  'x-request-id': 'req_1',
  'x-ratelimit-limit': '200',
  'x-ratelimit-remaining': '187',
  'x-ratelimit-reset': '1610708100',
};
const TEXT = JSON.stringify(OBJECT);
export const stubFetch = async () => new Response(TEXT, { headers: HEADERS });

/** One read of one object through each client. */
export function readers(fetch, base) {
  const url = `${base}/api/v1/agents/agent_abc123`;
  const { hostname, port, protocol } = new URL(base);
  const twig = new TwigClient({ apiKey: KEY, fetch, baseUrl: base });
  const twigOff = new TwigClient({ apiKey: KEY, fetch, baseUrl: base, responseValidation: 'off' });
  const openai = new OpenAI({ apiKey: KEY, fetch, baseURL: base });
  const anthropic = new Anthropic({ apiKey: KEY, fetch, baseURL: base });
  const mistral = new Mistral({ apiKey: KEY, serverURL: base, httpClient: new HTTPClient({ fetcher: fetch }) });
  const stripe = new Stripe(KEY, {
    httpClient: Stripe.createFetchHttpClient(fetch),
    host: hostname,
    ...(port && { port: Number(port) }),
    protocol: protocol.slice(0, -1),
    telemetry: false,
  });
  const octokit = new Octokit({ auth: KEY, baseUrl: base, request: { fetch } });
  const options = { fetch, retry: 0, timeout: false, totalTimeout: false, headers: { authorization: `Bearer ${KEY}` } };
  return {
    'bare fetch + JSON': async () => {
      const response = await fetch(url, { headers: { authorization: `Bearer ${KEY}` } });
      return JSON.parse(await response.text());
    },
    'ky, all off': () => ky(url, { ...options, throwHttpErrors: false }).json(),
    '@twig/sdk': () => twig.agents.get('agent_abc123'),
    "@twig/sdk, validation 'off'": () => twigOff.agents.get('agent_abc123'),
    '@octokit/core': () => octokit.request('GET /api/v1/agents/agent_abc123'),
    stripe: () => stripe.customers.retrieve('agent_abc123'),
    '@anthropic-ai/sdk': () => anthropic.models.retrieve('agent_abc123'),
    openai: () => openai.models.retrieve('agent_abc123'),
    '@mistralai/mistralai': () => mistral.models.retrieve({ modelId: 'agent_abc123' }),
  };
}
