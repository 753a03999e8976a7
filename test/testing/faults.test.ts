/** Each fault does on the wire what it says, on real sockets. */

import { createTestClock, type Fault, faults } from '@twig/sdk/testing';
import { startTwigServer, type TwigServer } from '@twig/sdk/testing/server';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { settled, until } from '../support/turns.ts';
import { exchange, type Wire } from './wire.ts';

const clock = createTestClock();
let server: TwigServer;
beforeAll(async () => {
  server = await startTwigServer({ clock });
});
beforeEach(() => server.mock.reset());
afterAll(() => server.close());

const question = { agent_id: 'agent_abc123', query: 'What is your refund policy?' };
const list = (enough?: Promise<unknown>): Promise<Wire> => exchange(server.port, 'GET', '/agents', undefined, enough);
const stream = (enough?: Promise<unknown>): Promise<Wire> =>
  exchange(server.port, 'POST', '/query', { ...question, stream: true }, enough);
/** Resolves when the next request has come, and what could be answered at once would have been. */
async function passedOver(): Promise<void> {
  const { requests } = server.mock;
  const before = requests.length;
  await until(() => requests.length > before);
  await settled(() => requests.length);
}
const eventsOf = ({ body }: Pick<Wire, 'body'>): string[] => body.split('\n\n').filter(Boolean);

describe('without a fault', () => {
  it('an answer and a stream come whole', async () => {
    expect(await list()).toMatchObject({ outcome: 'end', isComplete: true });
    const whole = await stream();
    expect(whole).toMatchObject({ outcome: 'end', isComplete: true });
    expect(whole.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(whole.head).toMatch(/\r\ncontent-type: text\/event-stream\r\n/i);
    expect(eventsOf(whole).at(-1)).toMatch(/^event: done\n/);
  });
});

/** Every fault, and how it shows on the wire. */
const signs: [name: string, fault: Fault, shows: (wire: Wire) => boolean][] = [
  ['status', faults.status(503), ({ head }) => head.startsWith('HTTP/1.1 503 ')],
  ['rateLimit', faults.rateLimit(), ({ head }) => head.startsWith('HTTP/1.1 429 ')],
  ['timeout', faults.timeout(), ({ outcome, bytes }) => outcome === 'silent' && bytes === ''],
  ['disconnect', faults.disconnect(), ({ outcome, bytes }) => outcome === 'reset' && bytes === ''],
  [
    'disconnect within',
    faults.disconnect({ afterBytes: 20 }),
    ({ body, isComplete }) => !isComplete && body.length === 20,
  ],
  ['truncateStream', faults.truncateStream(), (wire) => wire.isComplete && eventsOf(wire).length === 1],
  ['malformedEvent', faults.malformedEvent(), (wire) => /\{"chunk_id":$/.test(eventsOf(wire)[1] ?? '')],
  ['errorEvent', faults.errorEvent(), (wire) => /^event: error\n/.test(eventsOf(wire).at(-1) ?? '')],
  ['slowStream', faults.slowStream(), ({ outcome, body }) => outcome === 'silent' && body === ''],
  ['htmlError', faults.htmlError(), ({ head }) => head.startsWith('HTTP/1.1 502 ')],
];

describe.each(signs)('%s', (name, fault, shows) => {
  const isSilent = name === 'timeout' || name === 'slowStream';

  /** Calls in a row, of which those with an `x` are to show the fault, and the others to come whole. */
  async function expectCalls(expected: string): Promise<void> {
    let seen = '';
    for (const sign of expected) {
      const wire = await stream(isSilent && sign === 'x' ? passedOver() : undefined);
      const isWhole = wire.isComplete && /^event: done\n/.test(eventsOf(wire).at(-1) ?? '');
      seen += shows(wire) ? 'x' : isWhole && wire.head.startsWith('HTTP/1.1 200 ') ? '.' : '?';
    }
    expect(seen).toBe(expected);
  }

  it('meets the next call', async () => {
    server.mock.faults.next('query', fault);
    await expectCalls('x.');
  });

  it('meets the n-th call', async () => {
    server.mock.faults.nth('query', 3, fault);
    await expectCalls('..x.');
  });

  it('meets the calls that the seed draws', async () => {
    server.mock.faults.random('query', 0.5, fault, 10);
    await expectCalls('..xx.x');
  });
});

describe('status', () => {
  it('answers with the status, the wait, and the documented body', async () => {
    server.mock.faults.next('agents.list', faults.status(503, { retryAfter: 2 }));
    const { head, body } = await list();
    expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
    expect(head).toMatch(/\r\nretry-after: 2(\r\n|$)/i);
    const { error, request_id } = JSON.parse(body);
    expect(error).toEqual({ code: 'service_unavailable', message: 'Service unavailable', details: {} });
    expect(head.toLowerCase()).toContain(`x-request-id: ${request_id}`);
  });

  it('says what it is told to say', async () => {
    const options = {
      code: 'teapot',
      message: 'Short and stout',
      details: { spout: true },
      headers: { 'x-tea': 'oolong' },
    };
    server.mock.faults.next('*', faults.status(418, options));
    const { head, body } = await list();
    expect(head).toMatch(/^HTTP\/1\.1 418 /);
    expect(head).toMatch(/\r\nx-tea: oolong/i);
    expect(JSON.parse(body).error).toEqual({ code: 'teapot', message: 'Short and stout', details: { spout: true } });
  });

  it('takes no token and makes nothing', async () => {
    server.mock.faults.next('query', faults.status(500));
    expect((await stream()).head).toMatch(/\r\nx-ratelimit-remaining: 120\r\n/i);
    expect(server.mock.data.interactions).toHaveLength(42);
  });
});

describe('rateLimit', () => {
  it('answers 429 with no request remaining until its reset', async () => {
    server.mock.faults.next('query', faults.rateLimit({ retryAfter: 7 }));
    const { head, body } = await stream();
    expect(head).toMatch(/^HTTP\/1\.1 429 /);
    expect(head).toMatch(/\r\nretry-after: 7(\r\n|$)/i);
    expect(head).toMatch(/\r\nx-ratelimit-remaining: 0(\r\n|$)/i);
    expect(head).toMatch(new RegExp(`\\r\\nx-ratelimit-reset: ${clock.now() / 1000 + 7}(\\r\\n|$)`, 'i'));
    expect(JSON.parse(body).error.code).toBe('rate_limit_exceeded');
  });
});

describe('timeout', () => {
  it('sends nothing, not even headers, and keeps the connection', async () => {
    server.mock.faults.next('agents.list', faults.timeout());
    expect(await list(passedOver())).toMatchObject({ outcome: 'silent', bytes: '' });
  });

  it('lets the server close', async () => {
    const other = await startTwigServer();
    other.mock.faults.next('agents.list', faults.timeout());
    const call = exchange(other.port, 'GET', '/agents');
    await until(() => other.mock.requests.length > 0);
    await other.close();
    expect(await call).toMatchObject({ bytes: '' });
  });
});

describe('disconnect', () => {
  it('resets the connection before any answer', async () => {
    server.mock.faults.next('agents.list', faults.disconnect());
    expect(await list()).toMatchObject({ outcome: 'reset', bytes: '' });
  });

  it.each([
    ['an answer', list],
    ['a stream', stream],
  ])('breaks off %s after so many bytes of its body', async (_, call) => {
    const whole = await call();
    server.mock.faults.next('*', faults.disconnect({ afterBytes: 20 }));
    const broken = await call();
    expect(broken.head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(broken.body).toBe(whole.body.slice(0, 20));
    expect(broken.isComplete).toBe(false);
  });

  it('is an error to fetch, before the headers and in the body', async () => {
    const headers = { authorization: 'Bearer k' };
    server.mock.faults.next('*', faults.disconnect());
    await expect(fetch(`${server.url}/api/v1/agents`, { headers })).rejects.toThrow('fetch failed');
    server.mock.faults.next('*', faults.disconnect({ afterBytes: 20 }));
    const response = await fetch(`${server.url}/api/v1/agents`, { headers });
    await expect(response.text()).rejects.toThrow('terminated');
  });
});

describe('truncateStream', () => {
  it.each([0, 1, 3])('ends the body cleanly after %i events', async (afterEvents) => {
    const whole = eventsOf(await stream());
    server.mock.faults.next('query', faults.truncateStream({ afterEvents }));
    const cut = await stream();
    expect(cut).toMatchObject({ outcome: 'end', isComplete: true });
    expect(eventsOf(cut)).toEqual(whole.slice(0, afterEvents));
  });

  it('never lets the terminal event through', async () => {
    server.mock.faults.next('query', faults.truncateStream({ afterEvents: 1000 }));
    const events = eventsOf(await stream());
    expect(events.at(-1)).toMatch(/^event: metadata\n/);
  });
});

describe('malformedEvent', () => {
  it('puts an event that is no JSON after so many events, and goes on', async () => {
    server.mock.faults.next('query', faults.malformedEvent({ afterEvents: 2 }));
    const events = eventsOf(await stream());
    const [, name = '', data = ''] = /^event: (\w+)\ndata: (.+)$/.exec(events[2] ?? '') ?? [];
    expect(name).toBe('sources');
    expect(() => JSON.parse(data)).toThrow(SyntaxError);
    expect(events[1]).toMatch(/^event: delta\n/);
    expect(events.at(-1)).toMatch(/^event: done\n/);
  });
});

describe('errorEvent', () => {
  it('ends the stream with the documented error body as an event', async () => {
    server.mock.faults.next(
      'query',
      faults.errorEvent({ afterEvents: 2, code: 'rate_limit_exceeded', message: 'Slow down' }),
    );
    const events = eventsOf(await stream());
    expect(events).toHaveLength(3);
    expect(events[2]).toMatch(/^event: error\n/);
    expect(JSON.parse(events[2]?.split('data: ')[1] ?? '')).toEqual({
      error: { code: 'rate_limit_exceeded', message: 'Slow down', details: {} },
      request_id: expect.stringMatching(/^req_/),
    });
  });
});

describe('slowStream', () => {
  it('holds each event back by the clock', async () => {
    server.mock.faults.next('query', faults.slowStream({ delayMs: 30_000 }));
    const headers = { authorization: 'Bearer k' };
    const body = JSON.stringify({ ...question, stream: true });
    const response = await fetch(`${server.url}/api/v1/query`, { method: 'POST', headers, body });
    const reader = response.body?.getReader();
    let events = 0;
    const reading = reader?.read().then(({ value }) => {
      events += eventsOf({ body: new TextDecoder().decode(value) }).length;
    });
    await until(() => clock.pending > 0);
    await clock.advance(29_999);
    expect(events).toBe(0);
    await clock.advance(1);
    await reading;
    expect(events).toBe(1);
    await reader?.cancel();
  });
});

describe('htmlError', () => {
  it('answers with the page of a gateway, without the API’s headers', async () => {
    server.mock.faults.next('agents.list', faults.htmlError());
    const { head, body } = await list();
    expect(head).toMatch(/^HTTP\/1\.1 502 Bad Gateway\r\n/);
    expect(head).toMatch(/\r\ncontent-type: text\/html; charset=utf-8/i);
    expect(head).not.toMatch(/x-request-id|x-ratelimit/i);
    expect(body).toMatch(/^<!DOCTYPE html>/);
  });
});
