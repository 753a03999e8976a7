/** Answers that are not what the call promised. */

import { gzipSync } from 'node:zlib';
import { TwigAPIError, TwigBadRequestError, TwigResponseValidationError, TwigServerError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/client.ts';
import { type FaultServer, httpServer } from './fault-server.ts';
import { answer, impatient, patient, question, streamed } from './support.ts';

const PAGE = '<!doctype html><html><title>Bad gateway</title></html>';

const bodies = (body: string, type = 'application/json', status = 200): Promise<FaultServer> =>
  httpServer((response) => response.writeHead(status, { 'content-type': type }).end(body));

describe('a page of a gateway', () => {
  it.each([['a whole answer', question] as const, ['a stream', streamed] as const])(
    'with status 200 is no answer: %s',
    async (_what, params) => {
      await using server = await bodies(PAGE, 'text/html');
      const error = await rejection(server.client().query(params));
      expect(error).toBeInstanceOf(TwigResponseValidationError);
      expect(error).toMatchObject({ status: 200, contentType: 'text/html', bodySnippet: PAGE });
      expect(String(error)).toContain('proxy or gateway');
      expect(server.arrivals).toHaveLength(1);
    },
  );

  it('with status 502 is a server error, and tried again', async () => {
    await using server = await bodies(PAGE, 'text/html', 502);
    const error = await rejection(server.client(impatient()).query(question));
    expect(error).toBeInstanceOf(TwigServerError);
    expect(error).toMatchObject({ status: 502, code: 'http_502', details: PAGE });
    expect(server.arrivals).toHaveLength(3);
  });
});

describe('no body', () => {
  it.each([200, 204])('with status %i is no answer to a question', async (status) => {
    await using server = await httpServer((response) => response.writeHead(status).end());
    const error = await rejection(server.client().query(question));
    expect(error).toBeInstanceOf(TwigResponseValidationError);
    expect(error).toMatchObject({ status });
  });

  it.each([200, 204])('with status %i is a whole answer to a deletion', async (status) => {
    await using server = await httpServer((response) => response.writeHead(status).end());
    expect(await server.client().agents.delete('agent_1')).toBeUndefined();
  });

  it('of a stream is a truncated stream', async () => {
    await using server = await bodies('', 'text/event-stream');
    const stream = await server.client().query(streamed);
    expect(await rejection(stream.finalResponse())).toMatchObject({ code: 'truncated', eventCount: 0 });
  });
});

describe('JSON that is no answer', () => {
  it.each([
    ['cut off', '{"response": "Ye'],
    ['followed by something', '{"response": "Yes."} {}'],
    ['null', 'null'],
    ['a number', '42'],
    ['a text', '"Yes."'],
    ['a list', '[]'],
    ['nested 100,000 deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`],
  ])('is refused with what was read: %s', async (_what, body) => {
    await using server = await bodies(body);
    const error = await rejection(server.client().query(question));
    expect(error).toBeInstanceOf(TwigResponseValidationError);
    expect(error).toMatchObject({ status: 200, bodySnippet: body.slice(0, 1024) });
    expect(server.arrivals).toHaveLength(1);
  });

  it('as an error still has the error of its status', async () => {
    for (const body of ['null', '42', '[]', '{"error":', '{"error":null}', '{"a":'.repeat(100_000)]) {
      await using server = await bodies(body, 'application/json', 400);
      const error = await rejection(server.client().query(question));
      expect(error).toBeInstanceOf(TwigBadRequestError);
      expect(error).toMatchObject({ status: 400, code: 'invalid_request' });
    }
  });
});

describe('the body of an error', () => {
  it('of 50 MB is read to 64 KiB, and the rest never sent', async () => {
    const piece = Buffer.alloc(64 * 1024, 'x');
    let written = 0;
    await using server = await httpServer((response) => {
      response.writeHead(400, { 'content-type': 'text/plain', 'content-length': 50_000_000 });
      const more = (): void => {
        while (!response.destroyed && written < 50_000_000) {
          written += piece.length;
          if (!response.write(piece)) return void response.once('drain', more);
        }
      };
      more();
    });
    // The clock stands still: no limit of time closes the socket.
    const error = await rejection(server.client(patient().options).query(question));
    expect(error).toBeInstanceOf(TwigBadRequestError);
    expect((error as TwigAPIError).details).toBe('x'.repeat(1024));
    await server.arrivals[0]?.closed;
    // What the sockets' own buffers hold, with room to spare.
    expect(written).toBeLessThan(20_000_000);
  });

  it('that never ends does not hide the status', async () => {
    await using server = await httpServer((response) => {
      response.writeHead(403, { 'content-type': 'application/json' }).write('{"error":');
    });
    const { options, headersCame } = patient();
    const failed = rejection(server.client({ ...options, timeoutMs: 100 }).query(question));
    await headersCame;
    await options.clock.advance(100);
    const error = await failed;
    expect(error).toBeInstanceOf(TwigAPIError);
    expect(error).toMatchObject({ status: 403, code: 'forbidden' });
    await server.arrivals[0]?.closed;
  });
});

describe('gzip', () => {
  it('is read as what it holds, answers and errors alike', async () => {
    await using server = await httpServer((response, _arrival, index) => {
      const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
      const error = { error: { code: 'unknown_agent', message: 'There is no such agent.' } };
      response.writeHead(index === 0 ? 200 : 404, headers);
      response.end(gzipSync(JSON.stringify(index === 0 ? answer('Zipped.') : error)));
    });
    const client = server.client();
    expect(await client.query(question)).toMatchObject({ response: 'Zipped.' });
    expect(await rejection(client.query(question))).toMatchObject({ status: 404, code: 'unknown_agent' });
  });

  it('is streamed event by event', async () => {
    const events = 'event: delta\ndata: {"delta":"Zipped."}\n\nevent: done\ndata: {}\n\n';
    await using server = await httpServer((response) => {
      response
        .writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' })
        .end(gzipSync(events));
    });
    const stream = await server.client().query(streamed);
    expect(await stream.finalResponse()).toMatchObject({ response: 'Zipped.' });
  });
});
