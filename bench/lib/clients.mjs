// The clients that are compared, each set up to do as little as it can over a given fetch, and one read through each.

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

export const HEADERS = {
  'content-type': 'application/json',
  'x-request-id': 'req_1',
  'x-ratelimit-limit': '200',
  'x-ratelimit-remaining': '187',
  'x-ratelimit-reset': '1610708100',
};

const TEXT = JSON.stringify(OBJECT);
export const stubFetch = async () => new Response(TEXT, { headers: HEADERS });

const twig = (options) => ({
  load: () => import('@twig/sdk'),
  create: ({ TwigClient }, fetch, baseUrl) => new TwigClient({ apiKey: KEY, fetch, baseUrl, ...options }),
  read: (client) => client.agents.get('agent_abc123'),
});

/** As src/call/transport.ts calls it. */
const kyOptions = { retry: 0, timeout: false, totalTimeout: false, throwHttpErrors: false };

export const clients = {
  'bare fetch + JSON': {
    load: async () => {},
    create: (_, fetch, base) => async () => {
      const url = `${base}/api/v1/agents/agent_abc123`;
      const response = await fetch(url, { headers: { authorization: `Bearer ${KEY}` } });
      return JSON.parse(await response.text());
    },
    read: (get) => get(),
  },
  'ky, as the transport uses it': {
    load: () => import('ky'),
    create({ default: ky }, fetch, base) {
      const headers = { authorization: `Bearer ${KEY}` };
      return async () => {
        const url = `${base}/api/v1/agents/agent_abc123`;
        const response = await ky(url, { ...kyOptions, fetch: () => fetch(url, { headers }) });
        return JSON.parse(await response.text());
      };
    },
    read: (get) => get(),
  },
  '@twig/sdk': twig(),
  "@twig/sdk, validation 'off'": twig({ responseValidation: 'off' }),
  '@octokit/core': {
    load: () => import('@octokit/core'),
    create: ({ Octokit }, fetch, baseUrl) => new Octokit({ auth: KEY, baseUrl, request: { fetch } }),
    read: (client) => client.request('GET /api/v1/agents/agent_abc123'),
  },
  stripe: {
    load: () => import('stripe'),
    create({ default: Stripe }, fetch, base) {
      const { hostname: host, port, protocol } = new URL(base);
      const httpClient = Stripe.createFetchHttpClient(fetch);
      const address = { host, ...(port && { port: Number(port) }), protocol: protocol.slice(0, -1) };
      return new Stripe(KEY, { httpClient, ...address, telemetry: false });
    },
    read: (client) => client.customers.retrieve('agent_abc123'),
  },
  '@anthropic-ai/sdk': {
    load: () => import('@anthropic-ai/sdk'),
    create: ({ default: Anthropic }, fetch, baseURL) => new Anthropic({ apiKey: KEY, fetch, baseURL }),
    read: (client) => client.models.retrieve('agent_abc123'),
  },
  openai: {
    load: () => import('openai'),
    create: ({ default: OpenAI }, fetch, baseURL) => new OpenAI({ apiKey: KEY, fetch, baseURL }),
    read: (client) => client.models.retrieve('agent_abc123'),
  },
  '@mistralai/mistralai': {
    load: async () => ({
      ...(await import('@mistralai/mistralai')),
      ...(await import('@mistralai/mistralai/lib/http.js')),
    }),
    create: ({ Mistral, HTTPClient }, fetcher, serverURL) =>
      new Mistral({ apiKey: KEY, serverURL, httpClient: new HTTPClient({ fetcher }) }),
    read: (client) => client.models.retrieve({ modelId: 'agent_abc123' }),
  },
};

/** A client, over a fetch. */
export async function createClient(name, fetch, base = 'https://api.twig.so') {
  const { load, create } = clients[name];
  return create(await load(), fetch, base);
}

/** One read of one object through each client, tried once. */
export async function readers(fetch, base) {
  const reads = {};
  for (const name of Object.keys(clients)) {
    const client = await createClient(name, fetch, base);
    reads[name] = () => clients[name].read(client);
    await reads[name]().catch((cause) => {
      throw new Error(`${name} cannot be measured`, { cause });
    });
  }
  return reads;
}
