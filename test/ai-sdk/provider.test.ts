/** The provider by itself: what it hands to the AI SDK, whose own packages are tried in test/integrations/ai-sdk. */

import { TwigClient, TwigConfigError, TwigNotFoundError } from '@twig/sdk';
import { createTwig, type TwigModelCallOptions, type TwigStreamPart, twig, twigErrorOf } from '@twig/sdk/ai-sdk';
import { createTwigMock, faults } from '@twig/sdk/testing';
import { describe, expect, it, vi } from 'vitest';
import { rejection, sse } from '../support/client.ts';

const AGENT = 'agent_abc123';
const mock = createTwigMock();
const model = createTwig({ apiKey: 'twigsk_test_x', fetch: mock.fetch })(AGENT);
const asked = (text: string): TwigModelCallOptions => ({
  prompt: [{ role: 'user', content: [{ type: 'text', text }] }],
});
const question = asked('What is your refund policy?');

async function partsOf(options: TwigModelCallOptions): Promise<TwigStreamPart[]> {
  const { stream } = await model.doStream(options);
  const parts: TwigStreamPart[] = [];
  for await (const part of stream) parts.push(part);
  return parts;
}

const isOf = (error: unknown, kind: string): boolean =>
  Reflect.get(Object(error), Symbol.for(`vercel.ai.error.${kind}`)) === true;

describe('a model', () => {
  it('is made where there is no key, and tells it at the call', async () => {
    vi.stubEnv('TWIG_API_KEY', undefined);
    const error = await rejection(Promise.resolve(twig('agent_x').doGenerate(question)));
    expect(isOf(error, 'AI_LoadAPIKeyError')).toBe(true);
    expect(twigErrorOf(error)).toBeInstanceOf(TwigConfigError);
  });

  it('streams the same text, sources and usage as it gives whole', async () => {
    const whole = await model.doGenerate(question);
    const parts = await partsOf(question);
    const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('');
    expect(whole.content[0]).toMatchObject({ type: 'text', text });
    expect(parts.filter(({ type }) => type === 'source')).toEqual(whole.content.slice(1));
    expect(parts.at(-1)).toMatchObject({ type: 'finish', usage: whole.usage, finishReason: { unified: 'stop' } });
  });

  it('puts an emoji together again that two deltas cut in half, since each part is written for itself', async () => {
    const wire = ['so \\ud83d', '\\ude00', '\\ud83d'].map((text) => `event: delta\ndata: {"delta":"${text}"}\n\n`);
    const fetch = async (): Promise<Response> => sse([...wire, 'event: done\ndata: {}\n\n']);
    const { stream } = await createTwig({ apiKey: 'twigsk_test_x', fetch })(AGENT).doStream(question);
    const parts: TwigStreamPart[] = [];
    for await (const part of stream) parts.push(part);
    expect(parts.flatMap((part) => (part.type === 'text-delta' ? part.delta : []))).toEqual(['so ', '😀', '\ufffd']);
    const types = parts.map(({ type }) => type);
    expect(types.lastIndexOf('text-delta')).toBeLessThan(types.indexOf('text-end'));
  });

  it('goes on with the session that its answer carries', async () => {
    const { content } = await model.doGenerate(question);
    const [text] = content;
    const said = { ...text, providerOptions: text?.providerMetadata };
    const next = { prompt: [...question.prompt, { role: 'assistant', content: [said] }, ...asked('Books?').prompt] };
    const { warnings } = await model.doGenerate(next);
    expect(warnings).toEqual([]);
    const session = mock.requests.at(-1)?.body;
    expect(session).toMatchObject({ session_id: expect.stringMatching(/^sess_/), query: 'Books?' });
  });

  it('tells a failure in the words of the AI SDK, with the own error behind it', async () => {
    mock.faults.next('query', faults.status(404));
    const error = await rejection(Promise.resolve(model.doStream(question)));
    expect(isOf(error, 'AI_APICallError')).toBe(true);
    expect(error).toMatchObject({ name: 'AI_APICallError', statusCode: 404, isRetryable: false });
    expect(twigErrorOf(error)).toBeInstanceOf(TwigNotFoundError);
    expect(twigErrorOf({ lastError: error })).toBeInstanceOf(TwigNotFoundError);
  });

  it('takes a setting that is null for one that is not given', async () => {
    const settings: object = { temperature: null, maxOutputTokens: null, topP: null, reasoning: null };
    const { warnings } = await model.doGenerate({ ...question, ...settings });
    expect(warnings).toEqual([]);
    expect(mock.requests.at(-1)?.body).toEqual({ agent_id: AGENT, query: 'What is your refund policy?' });
    await model.doGenerate({ ...question, temperature: 0 });
    expect(mock.requests.at(-1)?.body).toMatchObject({ temperature: 0 });
  });

  it.each([null, ''])('stays in its session when an answer names none: %j', async (session_id) => {
    const fetch = async (_: unknown, { body }: { body?: string }): Promise<Response> =>
      body?.includes('"stream"')
        ? sse(['event: delta\ndata: {"delta":"Yes."}\n\n', `event: done\ndata: ${JSON.stringify({ session_id })}\n\n`])
        : Response.json({ response: 'Yes.', session_id });
    const going = createTwig({ apiKey: 'twigsk_test_x', fetch, logLevel: 'off' })(AGENT, { sessionId: 'sess_1' });
    const providerMetadata = { twig: { agentId: AGENT, sessionId: 'sess_1' } };
    expect((await going.doGenerate(question)).content[0]).toMatchObject({ type: 'text', providerMetadata });
    const parts: TwigStreamPart[] = [];
    for await (const part of (await going.doStream(question)).stream) parts.push(part);
    expect(parts.find(({ type }) => type === 'text-end')).toMatchObject({ providerMetadata });
  });

  it.each([
    ['https://example.com', 'url'],
    ['http://[::1]:8080?q=a b', 'url'],
    ['https://no host/a', 'document'],
    ['https://?q', 'document'],
    ['https://#a', 'document'],
    ['http:/example.com', 'document'],
    ['mailto:a@example.com', 'document'],
  ])('takes %j for the address of a %s, and never shows an empty title', async (document_url, sourceType) => {
    const sources = [{ chunk_id: 'chk_1', document_title: '', document_url }];
    const fetch = async (): Promise<Response> => Response.json({ response: 'Yes.', sources });
    const { content } = await createTwig({ apiKey: 'twigsk_test_x', fetch, logLevel: 'off' })(AGENT).doGenerate(
      question,
    );
    const named = sourceType === 'url' ? { url: document_url } : { title: 'chk_1' };
    expect(content[1]).toMatchObject({ type: 'source', sourceType, ...named });
    expect(content[1]).not.toHaveProperty(sourceType === 'url' ? 'title' : 'url');
  });

  it('gives a connection that broke no status, though its answer began with 200', async () => {
    mock.faults.next('query', faults.disconnect({ afterBytes: 90 }));
    const told = (await partsOf(question)).find((part) => part.type === 'error')?.error;
    expect(isOf(told, 'AI_APICallError')).toBe(true);
    expect(told).toMatchObject({ isRetryable: false, cause: { name: 'TwigConnectionError', phase: 'stream' } });
    expect(told).not.toHaveProperty('statusCode');
  });

  it('ends the text before it tells that the answer broke off', async () => {
    mock.faults.next('query', faults.truncateStream({ afterEvents: 2 }));
    const types = (await partsOf(question)).map(({ type }) => type);
    expect(types.slice(-3)).toEqual(['text-end', 'error', 'finish']);
  });
});

it('a provider takes a client or its options, not both', () => {
  const client = new TwigClient({ apiKey: 'k' });
  expect(() => createTwig({ client, baseUrl: 'https://x.test' })).toThrow(TwigConfigError);
  expect(createTwig({ client, baseUrl: undefined })('a').modelId).toBe('a');
});
