// What the tests share: both majors behind one set of words, an API that answers as it is told, and a chat without a page.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe } from 'node:test';
import { createTwig } from '@twig/sdk/ai-sdk';
import { startTwigServer } from '@twig/sdk/testing/server';
import * as ai7 from 'ai';
import * as ai6 from 'ai6';

globalThis.AI_SDK_LOG_WARNINGS = false;

export const KEY = 'twigsk_test_key_of_the_tests';
export const AGENT = 'agent_abc123';
export const QUESTION = 'What is your refund policy?';

/** The majors of the AI SDK, and what each calls a thing that both have. */
const MAJORS = [
  {
    name: 'ai 6',
    ai: ai6,
    instructions: (system) => ({ system }),
    partsOf: (result) => result.fullStream,
    messagesOf: async (result) => (await result.response).messages,
    toPage: (result, options) => result.toUIMessageStreamResponse(options),
  },
  {
    name: 'ai 7',
    ai: ai7,
    instructions: (instructions) => ({ instructions }),
    partsOf: (result) => result.stream,
    messagesOf: async (result) => (await result.response).messages ?? (await result.responseMessages),
    toPage: (result, options) =>
      ai7.createUIMessageStreamResponse({ stream: ai7.toUIMessageStream({ stream: result.stream, ...options }) }),
  },
];

/** The same tests with each major. */
export const withBoth = (about, define) => {
  for (const major of MAJORS) describe(`${about}, ${major.name}`, () => define(major));
};

const disposable = (members, close) => Object.assign(members, { [Symbol.asyncDispose]: close });

/** The mock on real sockets, and a provider for it. */
export async function startMock(settings = {}) {
  const server = await startTwigServer({ rateLimits: false });
  const twig = createTwig({ apiKey: KEY, baseUrl: server.url, logLevel: 'off', ...settings });
  const { mock } = server;
  const bodies = () => mock.requests.map(({ body }) => body);
  return disposable({ url: server.url, mock, twig, bodies }, () => server.close());
}

export const ANSWER = {
  response: 'Within thirty days.',
  session_id: 'sess_1',
  sources: [
    {
      chunk_id: 'chk_1',
      document_title: 'Refund Policy',
      document_url: 'https://example.com/refund',
      similarity_score: 0.9,
      chunk_text: 'Thirty days.',
    },
  ],
  metadata: {
    interaction_id: 'int_1',
    latency_ms: 12,
    tokens_input: 7,
    tokens_output: 5,
    cost_usd: 0.001,
    rag_strategy: 'hybrid',
    model: 'gpt-4',
  },
};

const eventText = ([event, data]) =>
  `event: ${event}\ndata: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`;
const STREAM = { 'content-type': 'text/event-stream' };

export const json =
  (status, body, headers = {}) =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req_1', ...headers });
    response.end(JSON.stringify(body));
  };
export const page = (status) => (response) => {
  response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>gateway of the company</h1>');
};
export const reset = () => (response) => response.socket.resetAndDestroy();
export const silence = () => () => {};
/** A stream of `[name, data]`. */
export const events =
  (...all) =>
  (response) => {
    response.writeHead(200, STREAM).end(all.map(eventText).join(''));
  };
/** The events, and then nothing more until `end` gives the rest. */
export const begin =
  (first, end = new Promise(() => {})) =>
  async (response) => {
    response.writeHead(200, STREAM).write(first.map(eventText).join(''));
    response.end((await end).map(eventText).join(''));
  };
/** The answer, whole or streamed as it is asked for. */
export const answer =
  (whole = ANSWER) =>
  (response, { body }) => {
    if (!body.stream) return json(200, whole)(response);
    const { response: text, ...rest } = whole;
    const deltas = text.match(/\s*\S+/g) ?? [];
    return events(...deltas.map((delta) => ['delta', { delta }]), ['done', rest])(response);
  };

/** An API that gives one turn a request, the last one for ever. */
export async function startApi(...turns) {
  const requests = [];
  const waiting = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const one = {
      headers: request.headers,
      body: text && JSON.parse(text),
      /** Whether the other side went before it had everything. */
      left: once(response, 'close').then(() => !response.writableFinished),
    };
    requests.push(one);
    for (const wake of waiting.splice(0)) wake();
    await turns[Math.min(requests.length, turns.length) - 1](response, one);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;
  const arrived = async (count) => {
    while (requests.length < count) await new Promise((resolve) => waiting.push(resolve));
    return requests[count - 1];
  };
  const close = async () => {
    server.close();
    server.closeAllConnections();
  };
  const provider = (settings) => createTwig({ apiKey: KEY, baseUrl: url, logLevel: 'off', ...settings });
  return disposable(
    { url, requests, arrived, provider, twig: provider(), bodies: () => requests.map((r) => r.body) },
    close,
  );
}

export const collect = async (stream) => {
  const all = [];
  for await (const one of stream) all.push(one);
  return all;
};

export const failureOf = (promise) =>
  promise.then(
    () => {
      throw new Error('It did not fail.');
    },
    (error) => error,
  );

/** A user's message. */
export const user = (...content) => ({
  role: 'user',
  content: content.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
export const assistant = (text, twig) => ({
  role: 'assistant',
  content: [{ type: 'text', text, ...(twig && { providerOptions: { twig } }) }],
});

/** `useChat` without React: the class that is behind it in every framework. `route` is the application's own. */
export function createChat({ ai }, transport) {
  const state = {
    status: 'ready',
    error: undefined,
    messages: [],
    pushMessage: (message) => {
      state.messages = [...state.messages, message];
    },
    popMessage: () => {
      state.messages = state.messages.slice(0, -1);
    },
    replaceMessage: (index, message) => {
      state.messages = state.messages.with(index, message);
    },
    snapshot: (thing) => structuredClone(thing),
  };
  class Chat extends ai.AbstractChat {}
  return new Chat({ state, transport });
}

/** The route of an application: messages come, a page's stream goes. */
export function routeTransport({ ai, toPage }, model, options = {}) {
  const fetch = async (_, { body, signal }) => {
    const { messages } = JSON.parse(body);
    const result = ai.streamText({
      model,
      messages: await ai.convertToModelMessages(messages),
      abortSignal: signal,
      onError: () => {},
      maxRetries: 0,
    });
    return toPage(result, { sendSources: true, ...options });
  };
  return new ai.DefaultChatTransport({ api: 'https://app.test/api/chat', fetch });
}
