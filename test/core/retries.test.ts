/** Retries: what is sent again, after how long, and when no more. */

import { type TwigClient, TwigConnectionError, TwigServerError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { describe, expect, it } from 'vitest';
import { fetchFailure, inTurn, json, rejection, scriptedClient } from '../support/client.ts';

const agent = { id: 'agent_1', name: 'x' };
const refused = fetchFailure('ECONNREFUSED');
const reset = fetchFailure('ECONNRESET');

describe('what is sent again', () => {
  it.each([408, 429, 500, 502, 503, 504])('a call answered with %i, POST or not, up to its retries', async (status) => {
    for (const call of [
      (client: TwigClient) => client.agents.get('a'),
      (client: TwigClient) => client.query({ agentId: 'a', query: 'q' }),
    ]) {
      const clock = createTestClock();
      const { client, sent } = scriptedClient(() => json({}, status), { clock });
      const failed = rejection(call(client));
      await clock.advance(60_000);
      expect(await failed).toMatchObject({ status, isRetryable: true });
      expect(sent).toHaveLength(3);
    }
  });

  it.each([400, 401, 403, 404, 405, 409, 410, 422, 425, 501, 505, 529])('not one answered with %i', async (status) => {
    const { client, sent } = scriptedClient(() => json({}, status, { 'retry-after': '0' }));
    expect(await rejection(client.agents.get('a'))).toMatchObject({ status, isRetryable: false });
    expect(sent).toHaveLength(1);
  });

  it('any call whose connection could not be made', async () => {
    const clock = createTestClock();
    const { client, sent } = scriptedClient(refused, { clock });
    const failed = rejection(client.query({ agentId: 'a', query: 'q' }));
    await clock.advance(10_000);
    expect(await failed).toMatchObject({ phase: 'connect', message: expect.stringContaining('ECONNREFUSED') });
    expect(sent).toHaveLength(3);
  });

  it('a GET, PUT or DELETE whose connection broke, at any point', async () => {
    for (const call of [
      (client: TwigClient) => client.agents.get('a'),
      (client: TwigClient) => client.agents.update('a', { name: 'x' }),
      (client: TwigClient) => client.agents.delete('a'),
    ]) {
      const clock = createTestClock();
      const { client, sent } = scriptedClient(
        inTurn(reset, () => json(agent)),
        { clock },
      );
      const done = call(client);
      await clock.advance(10_000);
      await done;
      expect(sent).toHaveLength(2);
    }
  });

  it('not a POST that may have arrived, unless retryAmbiguous allows it', async () => {
    const script = inTurn(reset, () => json({ response: 'yes' }));
    const once = scriptedClient(script);
    const error = await rejection(once.client.query({ agentId: 'a', query: 'q' }));
    expect(error).toBeInstanceOf(TwigConnectionError);
    expect(error).toMatchObject({ phase: 'headers', isRetryable: true });
    expect(once.sent).toHaveLength(1);

    const clock = createTestClock();
    const allowing = scriptedClient(script, { clock, retryAmbiguous: true });
    const answer = allowing.client.query({ agentId: 'a', query: 'q' });
    await clock.advance(1000);
    expect((await answer).response).toBe('yes');

    const byCall = scriptedClient(script, { clock });
    const second = byCall.client.query({ agentId: 'a', query: 'q' }, { retryAmbiguous: true });
    await clock.advance(1000);
    expect((await second).response).toBe('yes');
    const forbidding = allowing.client.query({ agentId: 'a', query: 'q' }, { retryAmbiguous: false });
    expect(await forbidding).toMatchObject({ response: 'yes' });
  });

  it('not a PATCH that may have arrived', async () => {
    const { client, sent } = scriptedClient(reset);
    await rejection(client.request('PATCH', '/api/v1/x', { body: { a: 1 } }));
    expect(sent).toHaveLength(1);
  });

  it('a GET whose body broke off, and a POST not', async () => {
    const broken = () =>
      new Response(new ReadableStream({ pull: (controller) => controller.error(new TypeError('terminated')) }), {
        status: 200,
      });
    const clock = createTestClock();
    const reading = scriptedClient(
      inTurn(broken, () => json(agent)),
      { clock },
    );
    const done = reading.client.agents.get('a');
    await clock.advance(1000);
    expect(await done).toMatchObject(agent);
    const writing = scriptedClient(
      inTurn(broken, () => json({ response: '' })),
      { clock },
    );
    expect(await rejection(writing.client.query({ agentId: 'a', query: 'q' }))).toMatchObject({ phase: 'body' });
    expect(writing.sent).toHaveLength(1);
  });

  it('nothing with maxRetries 0, of the client or of the call', async () => {
    const first = scriptedClient(() => json({}, 503), { maxRetries: 0 });
    expect(await rejection(first.client.agents.get('a'))).toBeInstanceOf(TwigServerError);
    expect(first.sent).toHaveLength(1);
    const second = scriptedClient(() => json({}, 503));
    await rejection(second.client.agents.get('a', { maxRetries: 0 }));
    expect(second.sent).toHaveLength(1);
  });

  it('as often as the call says, over what the client says', async () => {
    const clock = createTestClock();
    const { client, sent } = scriptedClient(() => json({}, 503), { clock, maxRetries: 0 });
    const failed = rejection(client.agents.get('a', { maxRetries: 5 }));
    await clock.advance(60_000);
    await failed;
    expect(sent).toHaveLength(6);
  });

  it('not a success that names an error which nobody documents: the server may have acted', async () => {
    const body = { error: { code: 'quota_used_up', message: 'No more' }, status: 'error' };
    const { client, sent } = scriptedClient(() => json(body));
    const error = await rejection(client.query({ agentId: 'a', query: 'q' }));
    expect(error).toMatchObject({ code: 'quota_used_up', message: 'No more', isRetryable: false });
    expect(sent).toHaveLength(1);
  });

  it('a success that names an error which is documented as one to repeat', async () => {
    const clock = createTestClock();
    const body = { error: { code: 'service_unavailable', message: 'Later' }, status: 'error' };
    const { client, sent } = scriptedClient(
      inTurn(
        () => json(body),
        () => json({ response: 'yes' }),
      ),
      { clock },
    );
    const answer = client.query({ agentId: 'a', query: 'q' });
    await clock.advance(1000);
    expect((await answer).response).toBe('yes');
    expect(sent).toHaveLength(2);
  });

  it('not an answer that is no JSON: it would be none the next time', async () => {
    const { client, sent } = scriptedClient(() => new Response('<html>'));
    expect(await rejection(client.agents.get('a'))).toMatchObject({ code: 'invalid_response', isRetryable: false });
    expect(sent).toHaveLength(1);
  });
});
