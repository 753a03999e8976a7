// The handler: who may call it, from where, and what each may do.

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import {
  ASK,
  CLIENTS,
  createTwigMcpHandler,
  createTwigMock,
  KEY,
  overHttp,
  run,
  serve,
  startHttp,
  startMock,
  TwigClient,
  textOf,
} from './support.js';

const client = (twig = createTwigMock()) => new TwigClient({ apiKey: KEY, fetch: twig.fetch, logLevel: 'off' });
const LIST = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} });
const URL_OF_PAGE = 'https://app.example.com';

/** A request as a client sends it, without a socket, so that any header can be given. */
const post = (headers = {}, url = 'http://mcp.example.com/mcp') =>
  new Request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', ...headers },
    body: LIST,
  });

const OWN = 'Bearer let-me-in';
const authorize = ({ headers }) => (headers.get('authorization') === OWN ? {} : null);

describe('15. who may call', () => {
  const handler = createTwigMcpHandler({
    client: client(),
    authorize,
    origins: [URL_OF_PAGE],
    hosts: ['mcp.example.com', '[::1]:4011'],
  });
  const status = async (headers, url) => (await handler(post(headers, url))).status;
  const authorization = OWN;

  test('no credentials: 401, with the way to give them', async () => {
    const response = await handler(post());
    assert.equal(response.status, 401);
    assert.equal(response.headers.get('www-authenticate'), 'Bearer');
  });

  test('credentials that are not granted anything: 403', async () => {
    assert.equal(await status({ authorization: 'Bearer wrong' }), 403);
    assert.equal(await status({ cookie: 'session=wrong' }), 403);
  });

  test('credentials that are: 200', async () => assert.equal(await status({ authorization }), 200));

  test('a foreign Origin: 403, whatever it looks like', async () => {
    for (const origin of [
      'https://evil.example',
      'null',
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://app.example.com.evil.example',
      'https://mcp.example.com:444',
      'file://',
      'no address',
      '',
    ]) {
      assert.equal(await status({ authorization, origin }), 403, origin);
    }
  });

  test('a known Origin, and the own one: 200', async () => {
    for (const origin of [URL_OF_PAGE, `${URL_OF_PAGE}:443`, 'https://mcp.example.com', 'http://mcp.example.com']) {
      assert.equal(await status({ authorization, origin }), 200, origin);
    }
  });

  test('a foreign Host: 403, though its Origin is the same', async () => {
    for (const host of ['evil.example', 'mcp.example.com:81', 'mcp.example.com.evil.example', '127.0.0.1']) {
      assert.equal(await status({ authorization, host }), 403, host);
      assert.equal(await status({ authorization, host, origin: `http://${host}` }), 403, host);
    }
    assert.equal(await status({ authorization, host: 'MCP.example.com' }), 200);
    assert.equal(await status({ authorization }, 'http://[::1]:4011/mcp'), 200);
  });

  test('where no hosts are named, an Origin that equals the Host is not known by that', async () => {
    const open = createTwigMcpHandler({ client: client(), authorize });
    const same = { authorization, host: 'rebound.example', origin: 'http://rebound.example' };
    assert.equal((await open(post(same))).status, 403);
    assert.equal((await open(post({ authorization }))).status, 200);
  });

  test('nobody is asked for credentials before Host and Origin are right', async () => {
    let asked = 0;
    const counting = createTwigMcpHandler({
      client: client(),
      authorize: () => {
        asked++;
        return {};
      },
      hosts: ['mcp.example.com'],
    });
    await counting(post({ origin: 'https://evil.example' }));
    await counting(post({ host: 'evil.example' }));
    assert.equal(asked, 0);
  });

  test('a page of a known origin hears from the browser that it may', async () => {
    const preflight = (origin) =>
      handler(
        new Request('http://mcp.example.com/mcp', {
          method: 'OPTIONS',
          headers: {
            origin,
            'access-control-request-method': 'POST',
            'access-control-request-headers': 'authorization, mcp-protocol-version',
          },
        }),
      );
    const allowed = await preflight(URL_OF_PAGE);
    assert.equal(allowed.status, 204);
    assert.equal(allowed.headers.get('access-control-allow-origin'), URL_OF_PAGE);
    assert.equal(allowed.headers.get('access-control-allow-headers'), 'authorization, mcp-protocol-version');
    const refused = await preflight('https://evil.example');
    assert.equal(refused.status, 403);
    assert.equal(refused.headers.get('access-control-allow-origin'), null);
    const answer = await handler(post({ authorization, origin: URL_OF_PAGE }));
    assert.equal(answer.headers.get('access-control-allow-origin'), URL_OF_PAGE);
  });
});

describe('what authorize says', () => {
  const answered = async (verdict) => {
    const told = [];
    const handler = createTwigMcpHandler({
      client: client(),
      authorize: verdict,
      onError: (error) => told.push(error.message),
    });
    const { status } = await handler(post({ authorization: OWN }));
    return { status, told };
  };

  test('is needed', () => assert.throws(() => createTwigMcpHandler({ client: client() }), /needs authorize/));

  test('is the answer, where it is a Response', async () => {
    assert.deepEqual(await answered(() => new Response(null, { status: 418 })), { status: 418, told: [] });
  });

  test('is 500 where it throws, with nothing said', async () => {
    const verdict = () => {
      throw new Error('the database is down');
    };
    assert.deepEqual(await answered(verdict), { status: 500, told: ['the database is down'] });
  });

  for (const verdict of [
    undefined,
    true,
    'yes',
    [],
    { agents: ['agent_a'] },
    { agentIds: 'agent_a' },
    { agentIds: [1] },
  ]) {
    test(`is 403 where it is no grant: ${JSON.stringify(verdict)}`, async () => {
      const { status, told } = await answered(() => verdict);
      assert.equal(status, 403);
      assert.match(told[0], /authorize must give/);
    });
  }

  for (const name of Object.keys(CLIENTS)) {
    test(`bounds what each may reach, at the same time (${name})`, async (t) => {
      const [ours, theirs] = [createTwigMock(), createTwigMock()];
      const handler = createTwigMcpHandler({
        client: client(ours),
        agentIds: ['agent_abc123', 'agent_def456'],
        authorize: ({ headers }) =>
          ({
            one: { agentIds: ['agent_abc123', 'agent_beyond'] },
            other: { agentIds: ['agent_def456'], client: client(theirs) },
            all: {},
            none: { agentIds: [] },
          })[headers.get('authorization')] ?? null,
      });
      const url = await serve(t, handler);
      const reach = async (authorization) => {
        const caller = await overHttp(t, name, url, { headers: { authorization } });
        const { structuredContent } = await caller.callTool({ name: 'list_agents', arguments: {} });
        const asked = await caller.callTool({ name: 'ask_agent', arguments: ASK });
        return [structuredContent.agents.map(({ id }) => id), asked.isError ? textOf(asked) : 'answered'];
      };
      const [one, other, all, none] = await Promise.all(['one', 'other', 'all', 'none'].map(reach));
      assert.deepEqual(one, [['agent_abc123'], 'answered']);
      assert.deepEqual(other[0], ['agent_def456']);
      assert.match(other[1], /no agent "agent_abc123" here/);
      assert.deepEqual(all, [['agent_abc123', 'agent_def456'], 'answered']);
      assert.deepEqual(none[0], []);
      assert.match(none[1], /There are: none/);
      assert.equal(ours.requests.filter(({ operation }) => operation === 'query').length, 2);
      assert.deepEqual(
        theirs.requests.map(({ operation }) => operation),
        ['agents.get'],
      );
    });
  }
});

test('a body that is far too large is 413', async () => {
  const handler = createTwigMcpHandler({ client: client(), authorize: () => ({}) });
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/list',
    params: { padding: 'x'.repeat(300_000) },
  });
  const { method, headers } = post();
  assert.equal((await handler(new Request('http://mcp.example.com/mcp', { method, headers, body }))).status, 413);
});

describe('twig-mcp --http', () => {
  test('listens on loopback, takes its token alone, and no page and no other host', async (t) => {
    const { url, headers, type } = await startHttp(t, { mock: await startMock(t) });
    assert.equal(type, 'http');
    assert.equal(new URL(url).hostname, '127.0.0.1');
    const status = async (more) =>
      (await fetch(url, { method: 'POST', headers: { ...Object.fromEntries(post().headers), ...more }, body: LIST }))
        .status;
    assert.equal(await status({}), 401);
    assert.equal(await status({ authorization: 'Bearer wrong' }), 403);
    assert.equal(await status({ ...headers, origin: 'https://evil.example' }), 403);
    assert.equal(await status({ ...headers, origin: new URL(url).origin }), 200);
    assert.equal(await status(headers), 200);
    const other = await startHttp(t, {});
    assert.notEqual(other.headers.Authorization, headers.Authorization);
  });

  test('goes on after a request for what is no address, from whoever sends it', async (t) => {
    const { url, headers } = await startHttp(t, { mock: await startMock(t) });
    const { host, port } = new URL(url);
    const statusOf = async (target) => {
      const socket = connect(port, '127.0.0.1');
      socket.end(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      return /^HTTP\/1\.1 (\d+)/.exec(await text(socket))?.[1];
    };
    for (const [target, status] of [
      ['//', '404'],
      ['///', '404'],
      ['http://[/mcp', '400'],
      ['*', '404'],
      ['/elsewhere', '404'],
    ])
      assert.equal(await statusOf(target), status, target);
    assert.equal(
      (await fetch(url, { method: 'POST', headers: { ...Object.fromEntries(post().headers), ...headers }, body: LIST }))
        .status,
      200,
    );
  });

  test('takes a token of yours', async (t) => {
    const { headers } = await startHttp(t, { env: { TWIG_MCP_TOKEN: 'mine' } });
    assert.deepEqual(headers, { Authorization: 'Bearer mine' });
  });

  test('tells of a port that is taken', async (t) => {
    const { url } = await startHttp(t, {});
    const { code, stderr } = await run(['--http', '--port', new URL(url).port]);
    assert.equal(code, 2);
    assert.match(stderr, /EADDRINUSE/);
  });
});
