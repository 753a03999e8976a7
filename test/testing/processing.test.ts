/** Data sources are processed while the mock's clock passes. */

import { describe, expect, it } from 'vitest';
import { send, useMock } from './harness.ts';

const { twig, clock } = useMock({ rateLimits: false });

const create = async (config = {}): Promise<string> =>
  (await send('POST', '/data-sources', { body: { type: 'website', name: 'Docs', config } })).body.id;
const status = async (id: string) => (await send('GET', `/data-sources/${id}/status`)).body;
const isoIn = (ms: number): string => new Date(clock.now() + ms).toISOString();

describe('a new data source', () => {
  it('waits, is processed at an even pace, and is active', async () => {
    const id = await create();
    const done = isoIn(5000);
    expect(await status(id)).toEqual({
      status: 'pending',
      chunks_indexed: 0,
      progress_pct: 0,
      estimated_completion: done,
    });
    await clock.advance(999);
    expect(await status(id)).toMatchObject({ status: 'pending', progress_pct: 0 });
    await clock.advance(1);
    expect(await status(id)).toMatchObject({ status: 'processing', progress_pct: 0 });
    await clock.advance(3000);
    expect(await status(id)).toEqual({
      status: 'processing',
      chunks_indexed: 450,
      progress_pct: 75,
      estimated_completion: done,
    });
    await clock.advance(1000);
    expect(await status(id)).toEqual({
      status: 'active',
      chunks_indexed: 600,
      progress_pct: 100,
      estimated_completion: null,
    });
    await clock.advance(1_000_000);
    expect(await status(id)).toMatchObject({ status: 'active' });
  });

  it('has as many chunks as its config has pages', async () => {
    const id = await create({ max_pages: 10 });
    await clock.advance(5000);
    expect(await status(id)).toMatchObject({ chunks_indexed: 60 });
  });

  it.each([
    [true, 'The source could not be read.'],
    ['Access denied', 'Access denied'],
  ])('fails halfway when its config says mock_failure: %j', async (mock_failure, error) => {
    const id = await create({ mock_failure });
    await clock.advance(2999);
    expect(await status(id)).toMatchObject({ status: 'processing', progress_pct: 49 });
    await clock.advance(1);
    expect(await status(id)).toMatchObject({ status: 'failed', progress_pct: 50, estimated_completion: null, error });
  });

  it('that fails does not get further, however long nobody looked', async () => {
    const id = await create({ mock_failure: true });
    await clock.advance(60_000);
    expect(await status(id)).toMatchObject({ status: 'failed', progress_pct: 50 });
  });

  it('keeps what a test does to it once it is processed', async () => {
    const id = await create();
    await clock.advance(5000);
    Object.assign(twig.data.dataSources.at(-1) ?? {}, { status: 'failed' });
    expect(await status(id)).toMatchObject({ status: 'failed' });
  });

  it('moves in twig.data and in lists too', async () => {
    const id = await create();
    await clock.advance(2000);
    expect(twig.data.dataSources.at(-1)).toMatchObject({ id, status: 'processing', progress_pct: 25 });
    expect((await send('GET', '/data-sources?status=processing')).body.data_sources).toMatchObject([{ id }]);
  });
});

describe('a sync', () => {
  it('begins the processing anew', async () => {
    await send('POST', '/data-sources/ds_1/sync');
    expect(await status('ds_1')).toMatchObject({ status: 'pending', progress_pct: 0 });
    await clock.advance(5000);
    expect(await status('ds_1')).toMatchObject({ status: 'active' });
  });

  it('while one is running starts over', async () => {
    await send('POST', '/data-sources/ds_1/sync');
    await clock.advance(4000);
    await send('POST', '/data-sources/ds_1/sync');
    await clock.advance(4000);
    expect(await status('ds_1')).toMatchObject({ status: 'processing', progress_pct: 75 });
  });

  it('heals a failed source whose config asks for no failure, and forgets the error', async () => {
    await send('POST', '/data-sources/ds_3/sync');
    await clock.advance(5000);
    expect(await status('ds_3')).toEqual(expect.objectContaining({ status: 'active' }));
    expect(await status('ds_3')).not.toHaveProperty('error');
  });
});
