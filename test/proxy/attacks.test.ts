/** What must not get through: each attack is refused, and none of it reaches the API. */

import { type TwigClient, TwigConfigError, TwigPermissionError } from '@twig/sdk';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { rejection } from '../support/client.ts';
import { asked, everything, grant, KEY, page, post, question, serveMock } from './harness.ts';

const twig = serveMock();
const nothingSent = (): void => expect(twig.requests).toEqual([]);
const statusOf = async (answer: Promise<Response>): Promise<number> => (await answer).status;

describe('what was not granted', () => {
  afterEach(nothingSent);

  it.each([
    ['another agent', (client: TwigClient) => client.query({ ...question, agentId: 'agent_def456' })],
    ['another agent, streamed', (client: TwigClient) => client.query({ ...question, agentId: 'x', stream: true })],
    ['an operation that was not named', (client: TwigClient) => client.semanticSearch({ query: 'q', orgId: 'o' })],
    [
      'feedback that was not named',
      (client: TwigClient) => client.interactions.submitFeedback('i', { feedback: 'negative' }),
    ],
  ])('%s is 403', async (_, call) => {
    expect(await rejection(call(page().client))).toBeInstanceOf(TwigPermissionError);
  });

  it('another organisation is 403, and so is any where none was granted', async () => {
    const search = { query: 'refund', orgId: 'org_2' };
    const granted = page({ operations: everything, authorize: () => ({ ...grant, orgIds: ['org_1'] }) });
    expect(await rejection(granted.client.semanticSearch(search))).toBeInstanceOf(TwigPermissionError);
    const none = page({ operations: everything });
    expect(await rejection(none.client.semanticSearch(search))).toBeInstanceOf(TwigPermissionError);
  });

  it.each([
    ['in an array', { agent_id: ['agent_abc123'] }],
    ['with white space', { agent_id: ' agent_abc123' }],
    ['not at all', { agent_id: undefined }],
  ])('an agent that is named %s is 403', async (_, body) => {
    expect(await statusOf(page().proxy(asked(body)))).toBe(403);
  });

  it('an agent that is named from a prototype is 403', async () => {
    const body = '{"query":"q","__proto__":{"agent_id":"agent_abc123","agentId":"agent_abc123"}}';
    expect(await statusOf(page().proxy(post('/api/v1/query', body)))).toBe(403);
  });

  it.each<[string, unknown]>([
    ['an empty object', {}],
    ['true', true],
    ['false', false],
    ['nothing, because of a missing return', undefined],
    ['a number', 5],
    ['a text', 'agent_abc123'],
    ['a list', ['agent_abc123']],
    ['a function', () => grant],
    ['a promise of true', Promise.resolve(true)],
    ['agents as a text, which includes each of its parts', { agentIds: 'agent_abc123' }],
    ['agents as a set', { agentIds: new Set(['agent_abc123']) }],
    ['agents as an object', { agentIds: { agent_abc123: true, includes: () => true } }],
    ['no agents', { agentIds: null }],
    ['an agent that is no text among them', { agentIds: ['agent_abc123', 5] }],
    ['an empty agent among them', { agentIds: ['agent_abc123', ''] }],
    ['organisations as a text', { ...grant, orgIds: 'org_1' }],
    ['organisations as null', { ...grant, orgIds: null }],
  ])('an authorize that gives %s is 403, and onError is told', async (_, given) => {
    const { proxy, errors } = page({ authorize: () => given as never });
    const response = await proxy(asked({ agent_id: 'agent_abc123' }));
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({ error: { code: 'forbidden', message: 'This is not allowed.' } });
    expect(errors).toEqual([expect.any(TwigConfigError)]);
    expect(String(errors[0])).toMatch(/authorize/);
    expect(String(errors[0])).not.toContain('agent_abc123');
  });

  it('anybody to whom authorize grants nothing is 403, which is no error', async () => {
    const { proxy, errors } = page({ authorize: () => null });
    expect(await statusOf(proxy(asked()))).toBe(403);
    expect(errors).toEqual([]);
  });

  it.each([
    ['a redirect', () => Response.redirect('https://app.test/login'), 302],
    ['no content', () => new Response(null, { status: 204 }), 204],
    ['a subclass', () => new (class extends Response {})('no', { status: 402 }), 402],
  ])('authorize may answer with %s', async (_, response, status) => {
    const { proxy, errors } = page({ authorize: response });
    expect(await statusOf(proxy(asked()))).toBe(status);
    expect(errors).toEqual([]);
  });

  it('an authorize that throws is a bare 500 for the page, and the whole error for onError', async () => {
    const failure = new Error('the database password is hunter2');
    const { proxy, errors } = page({ authorize: () => Promise.reject(failure) });
    const response = await proxy(asked());
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ error: { code: 'internal_error', message: 'Something went wrong.' } });
    expect(errors).toEqual([failure]);
  });

  it('authorize may answer itself', async () => {
    const response = await page({ authorize: () => new Response('log in', { status: 401 }) }).proxy(asked());
    expect([response.status, await response.text()]).toEqual([401, 'log in']);
  });

  it('authorize sees address, method and headers, and cannot use up the body', async () => {
    const seen: unknown[] = [];
    const authorize = async (request: Request) => {
      seen.push(request.url, request.method, request.headers.get('cookie'), await request.text());
      return null;
    };
    await page({ authorize: authorize as never }).proxy(asked({}, { cookie: 'session=1' }));
    expect(seen).toEqual(['https://app.test/api/twig/api/v1/query', 'POST', 'session=1', '']);
  });
});

describe('paths and methods', () => {
  afterEach(nothingSent);

  it.each([
    ['/api/v1/agents', 404],
    ['/api/v1/users', 404],
    ['/api/v1/query/../agents', 404],
    ['/api/v1/query/../agents/', 404],
    ['/api/v1/query//x', 404],
    ['/api/v1/query%2f', 404],
    ['/api%2fv1/query', 404],
    ['/api/v1/query%00', 404],
    ['/api/v1/query%ZZ', 404],
    ['/api/v1/QUERY', 404],
    ['/api/v1/interactions//feedback', 404],
    ['/api/v1/interactions/feedback/', 404],
    ['/api/v1/query%2f..%2fagents', 404],
    ['/api/v1/interactions/../agents/feedback', 404],
    ['/api/v1/interactions/%2e%2e/feedback', 404],
    ['/api/v1/interactions/%2e%2e%2fagents/feedback', 400],
    ['/api/v1/interactions/%252e%252e%252fagents/feedback', 400],
    ['/api/v1/interactions/..%5cagents/feedback', 400],
    ['/api/v1/interactions/int%00/feedback', 400],
    ['/api/v1/interactions/a%2Fb%ZZ/feedback', 400],
  ])('the path %s is %i', async (path, status) => {
    const { proxy } = page({ operations: everything });
    expect(await statusOf(proxy(post(path, '{"feedback":"positive"}')))).toBe(status);
  });

  it.each(['GET', 'PUT', 'DELETE', 'OPTIONS'])('%s is 405 and names the method that works', async (method) => {
    const response = await page().proxy(new Request('https://app.test/api/twig/api/v1/query', { method }));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'POST']);
  });
});

it('an id with a slash stays one segment of the path', async () => {
  const { proxy } = page({ operations: everything });
  await proxy(post('/api/v1/interactions/a%2Fb/feedback', '{"feedback":"positive"}'));
  expect(twig.requests.map(({ url }) => new URL(url).pathname)).toEqual(['/api/v1/interactions/a%2Fb/feedback']);
});

describe('what is smuggled along with a question that is allowed', () => {
  it.each(['Authorization', 'Idempotency-Key', 'Cookie', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Anything'])(
    'the header %s does not travel on',
    async (name) => {
      await page({}, { [name]: 'mine' }).client.query(question);
      const [sent] = twig.requests;
      expect(sent?.headers.authorization).toBe(`Bearer ${KEY}`);
      expect(Object.values(sent?.headers ?? {})).not.toContain('mine');
    },
  );

  it('members of the body that are not documented do not travel on', async () => {
    await page().client.query({ ...question, evil: true, orgId: 'org_evil', tools: [{}] } as never);
    expect(twig.requests[0]?.body).toEqual({ agent_id: 'agent_abc123', query: question.query });
  });

  it('another agent under a second name does not travel on: what is checked is what is sent', async () => {
    const names = ['"agent_id":"agent_abc123"', '"agentId":"agent_def456"'];
    for (const both of [names, names.toReversed()]) {
      await page().proxy(post('/api/v1/query', `{${both},"query":"q"}`));
    }
    expect(twig.requests.map(({ body }) => body)).toEqual([{ agent_id: 'agent_abc123', query: 'q' }]);
  });

  it('a query string does not travel on', async () => {
    await page().proxy(post('/api/v1/query?stream=true&agent_id=x', await asked().text()));
    expect(twig.requests.map(({ url }) => new URL(url).search)).toEqual(['']);
  });
});

describe('bodies', () => {
  afterEach(() => {
    vi.useRealTimers();
    nothingSent();
  });
  const endless = (piece: string): ReadableStream<Uint8Array> =>
    new ReadableStream({ pull: (controller) => controller.enqueue(new TextEncoder().encode(piece)) });
  const streamed = (body: ReadableStream): Request => post('/api/v1/query', body, { duplex: 'half' } as RequestInit);

  it('one that is larger than 64 KiB is 413', async () => {
    expect(await statusOf(page().proxy(asked({ comment: 'x'.repeat(65_536) })))).toBe(413);
  });

  it('one that says that it is too large is 413 before a byte of it is read', async () => {
    let reads = 0;
    const body = new ReadableStream({ pull: () => void reads++ }, { highWaterMark: 0 });
    const headers = { 'content-length': '1001' };
    const request = post('/api/v1/query', body, { headers, duplex: 'half' } as RequestInit);
    expect(await statusOf(page({ maxBodyBytes: 1000 }).proxy(request))).toBe(413);
    expect(reads).toBe(0);
  });

  it('one that does not end is 413 at the limit', async () => {
    expect(await statusOf(page({ maxBodyBytes: 1000 }).proxy(streamed(endless('x'.repeat(400)))))).toBe(413);
  });

  it('one that does not come is 408 after ten seconds', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    let answer: number | undefined;
    const body = new ReadableStream<Uint8Array>({ start: (c) => c.enqueue(new TextEncoder().encode('{"agent_id":')) });
    const asking = statusOf(page().proxy(streamed(body))).then((status) => {
      answer = status;
    });
    await vi.advanceTimersByTimeAsync(9_999);
    expect(answer).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1);
    await asking;
    expect(answer).toBe(408);
  });

  it.each([
    ['a question beyond the limit', () => asked({ query: 'x'.repeat(4001) })],
    ['a question that is no text', () => asked({ query: { length: 1 } })],
    ['an empty question', () => asked({ query: ' ' })],
    ['HTML', () => post('/api/v1/query', '<html>')],
    ['an array', () => post('/api/v1/query', '[1]')],
    ['nothing', () => post('/api/v1/query', null)],
    ['brackets 30,000 deep', () => post('/api/v1/query', '['.repeat(30_000) + ']'.repeat(30_000))],
    [
      'a question 30,000 deep',
      () => post('/api/v1/query', `{"agent_id":"agent_abc123","query":${'['.repeat(30_000)}${']'.repeat(30_000)}}`),
    ],
  ])('%s is 400', async (_, request) => {
    expect(await statusOf(page().proxy(request()))).toBe(400);
  });
});

describe('pages of other sites', () => {
  const from = (site: string, origin: string): Request => asked({}, { 'sec-fetch-site': site, origin });
  const cors = { origins: ['https://page.test'] };

  it.each(['cross-site', 'same-site'])('a question in the name of a visitor, sent %s, is 403', async (site) => {
    expect(await statusOf(page().proxy(from(site, 'https://evil.test')))).toBe(403);
    expect(await statusOf(page({ cors }).proxy(from(site, 'https://evil.test')))).toBe(403);
    nothingSent();
  });

  /** A request to a host, as it comes from a server behind whatever ends TLS, with the header and without. */
  const to = (host: string, origin?: string, more: Record<string, string> = {}): [string, Request][] => {
    const headers = {
      ...(origin !== undefined && { origin }),
      'content-type': 'text/plain',
      cookie: 'session=1',
      ...more,
    };
    const request = (address: string, own: Record<string, string>): Request =>
      new Request(`${address}/api/v1/query`, { method: 'POST', headers: { ...headers, ...own }, body: '[]' });
    return [
      ['by its address', request(`http://${host}`, {})],
      ['by its Host header', request('http://localhost:3000', { host })],
    ];
  };

  it.each([
    ['another host', 'app.test', 'http://evil.test'],
    ['another host by https', 'app.test', 'https://evil.test'],
    ['another port', 'app.test', 'http://app.test:8080'],
    ['another port of loopback', 'localhost:3000', 'http://localhost:3001'],
    ['the default port, where another one is asked', 'app.test:8080', 'http://app.test'],
    ['a host above', 'app.test', 'http://test'],
    ['a host below', 'app.test', 'http://evil.app.test'],
    ['a host that begins alike', 'app.test', 'http://app.test.evil.test'],
    ['a host that ends alike', 'app.test', 'http://evilapp.test'],
    ['a user name that looks like the host', 'app.test', 'http://app.test@evil.test'],
    ['a sandbox, or a page without referrer', 'app.test', 'null'],
    ['a file', 'app.test', 'file://'],
    ['an extension', 'app.test', 'chrome-extension://app.test'],
    ['two origins', 'app.test', 'http://app.test, http://evil.test'],
    ['nonsense', 'app.test', 'app.test'],
    ['nothing', 'app.test', ''],
  ])('where a browser tells nothing else, a page of %s is 403 before authorize is asked', async (_, host, origin) => {
    const authorize = vi.fn(() => grant);
    const { proxy } = page({ authorize });
    for (const [how, request] of to(host, origin)) expect([how, await statusOf(proxy(request))]).toEqual([how, 403]);
    for (const forwarded of ['evil.test', 'evil.test, app.test']) {
      const headers = { 'x-forwarded-host': forwarded, forwarded: 'host=evil.test' };
      for (const [how, request] of to(host, origin, headers)) {
        expect([how, await statusOf(proxy(request))]).toEqual([how, 403]);
      }
    }
    expect(authorize).not.toHaveBeenCalled();
    nothingSent();
  });

  it('a page by http is another origin than a server that was asked by https', async () => {
    const request = new Request('https://app.test/api/v1/query', {
      method: 'POST',
      headers: { origin: 'http://app.test' },
    });
    expect(await statusOf(page().proxy(request))).toBe(403);
  });

  it('Sec-Fetch-Site counts before Origin, whatever it says', async () => {
    for (const site of ['cross-site', 'same-site', '', 'new-value', 'same-origin, cross-site']) {
      const headers = { origin: 'https://app.test', 'sec-fetch-site': site };
      expect(await statusOf(page().proxy(asked({}, headers)))).toBe(403);
    }
    nothingSent();
    expect(await statusOf(page().proxy(asked({}, { origin: 'null', 'sec-fetch-site': 'same-origin' })))).toBe(200);
  });

  it.each([
    ['the same host', 'app.test', 'http://app.test'],
    ['the same host, behind whatever ends TLS', 'app.test', 'https://app.test'],
    ['the same host and port', 'app.test:8080', 'http://app.test:8080'],
    ['the same host, its default port spelled out', 'app.test:443', 'https://app.test'],
    ['the same host in capitals', 'APP.test', 'http://app.test'],
    ['the same address of IPv6', '[::1]:3000', 'http://[::1]:3000'],
    ['no page at all: a server or a command', 'app.test', undefined],
  ])('a page of %s is let in', async (_, host, origin) => {
    const { proxy } = page();
    // The body is no question: that is 400, after authorize.
    for (const [how, request] of to(host, origin)) expect([how, await statusOf(proxy(request))]).toEqual([how, 400]);
  });

  it('one that was let in asks where a browser tells nothing else, too', async () => {
    for (const origins of [['http://page.test'], ['http://other.test', 'http://page.test']]) {
      const { proxy } = page({ cors: { origins } });
      for (const [how, request] of to('app.test', 'http://page.test')) {
        expect([how, await statusOf(proxy(request))]).toEqual([how, 400]);
      }
      for (const [how, request] of to('app.test', 'http://evil.test')) {
        expect([how, await statusOf(proxy(request))]).toEqual([how, 403]);
      }
    }
  });

  it('one that was let in asks, and may read the answer', async () => {
    const response = await page({ cors }).proxy(from('cross-site', 'https://page.test'));
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://page.test');
    expect(response.headers.get('access-control-expose-headers')).toBe('retry-after, x-request-id');
    expect(response.headers.get('vary')).toBe('origin');
  });

  it('only those that were let in get an answer to their preflight, and never with cookies', async () => {
    const preflight = (origin: string): Promise<Response> =>
      page({ cors }).proxy(
        new Request('https://app.test/api/twig/api/v1/query', { method: 'OPTIONS', headers: { origin } }),
      );
    const good = await preflight('https://page.test');
    expect([good.status, good.headers.get('access-control-allow-methods')]).toEqual([204, 'POST']);
    expect(good.headers.has('access-control-allow-credentials')).toBe(false);
    const bad = await preflight('https://evil.test');
    expect([bad.status, bad.headers.get('access-control-allow-origin')]).toEqual([403, null]);
    nothingSent();
  });

  it('without the option no answer names an origin', async () => {
    const response = await page().proxy(asked({}, { origin: 'https://page.test', 'sec-fetch-site': 'same-origin' }));
    expect(response.status).toBe(200);
    expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});
