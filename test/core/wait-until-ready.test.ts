/** Waiting for a data source when the server, the caller or the options are at fault. (That it works: test/api.) */

import { TwigConfigError, TwigDataSourceError, TwigTimeoutError } from '@twig/sdk';
import { createTestClock } from '@twig/sdk/testing';
import { expect, it } from 'vitest';
import { json, rejection, type Script, scriptedClient } from '../support/client.ts';

const never: Script = () => new Promise<Response>(() => {});

it('against a server that hangs ends when its own time is up, whatever a call may take', async () => {
  const clock = createTestClock();
  const startedAt = clock.now();
  const { client } = scriptedClient(never, { clock });
  let endedAfter = 0;
  const late = rejection(client.dataSources.waitUntilReady('ds_1', { timeoutMs: 1000 })).finally(() => {
    endedAfter = clock.now() - startedAt;
  });
  await clock.advance(180_000);
  const error = await late;
  expect(error).toBeInstanceOf(TwigDataSourceError);
  expect(error).toMatchObject({ code: 'not_ready_in_time', isRetryable: true, lastStatus: undefined });
  expect(endedAfter).toBe(1000);
});

it('tells the last status when the server hangs later on', async () => {
  const clock = createTestClock();
  const { client } = scriptedClient((sent, index) => (index ? never(sent, index) : json({ status: 'processing' })), {
    clock,
  });
  const late = rejection(client.dataSources.waitUntilReady('ds_1', { pollIntervalMs: 500, timeoutMs: 2000 }));
  await clock.advance(2000);
  expect(await late).toMatchObject({ code: 'not_ready_in_time', lastStatus: { status: 'processing' } });
});

it('leaves a call that runs out of its own time for the error that it is', async () => {
  const clock = createTestClock();
  const { client } = scriptedClient(never, { clock, timeoutMs: 1000, maxRetries: 0 });
  const failed = rejection(client.dataSources.waitUntilReady('ds_1'));
  await clock.advance(1000);
  expect(await failed).toBeInstanceOf(TwigTimeoutError);
});

it.each([
  ['rejects', () => Promise.reject(new Error('mine'))],
  [
    'throws',
    () => {
      throw new Error('mine');
    },
  ],
])('rejects with what onProgress %s with, and looks no more', async (_how, onProgress) => {
  const clock = createTestClock();
  const { client, sent } = scriptedClient(() => json({ status: 'processing' }), { clock });
  const failed = rejection(client.dataSources.waitUntilReady('ds_1', { onProgress }));
  await clock.advance(60_000);
  expect(await failed).toMatchObject({ message: 'mine' });
  expect(sent).toHaveLength(1);
});

it('goes on over a status with an error in it that is no failure', async () => {
  const clock = createTestClock();
  const blocked = { status: 'error', error: 'crawl blocked', chunks_indexed: 1 };
  const { client } = scriptedClient((_sent, index) => json(index ? { status: 'active' } : blocked), { clock });
  const seen: unknown[] = [];
  const onProgress = (status: object): void => void seen.push({ ...status });
  const ready = client.dataSources.waitUntilReady('ds_1', { onProgress });
  await clock.advance(2000);
  expect(await ready).toEqual({ status: 'active' });
  expect(seen[0]).toEqual({ status: 'error', error: 'crawl blocked', chunksIndexed: 1 });
});

it.each([{ pollIntervalMs: 0 }, { timeoutMs: -1 }, { timeoutMs: Number.NaN }, { pollIntervalMs: '5' as never }])(
  'refuses %j, and sends nothing',
  async (options) => {
    const { client, sent } = scriptedClient(() => json({ status: 'active' }));
    expect(await rejection(client.dataSources.waitUntilReady('ds_1', options))).toBeInstanceOf(TwigConfigError);
    expect(sent).toHaveLength(0);
  },
);

it('takes null for no options', async () => {
  const { client } = scriptedClient(() => json({ status: 'active' }));
  expect(await client.dataSources.waitUntilReady('ds_1', null as never)).toEqual({ status: 'active' });
});
