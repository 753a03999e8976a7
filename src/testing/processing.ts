/** How a data source is processed while the clock passes: waiting, then indexing at an even pace, then ready or failed. */

import type { MockDataSource } from './data.ts';

/** How long a source stays `pending`, in milliseconds. */
export const PENDING_MS = 1000;
/** How long the indexing takes, in milliseconds. */
export const PROCESSING_MS = 4000;

const CHUNKS_PER_PAGE = 6;
const DEFAULT_PAGES = 100;

/** Sets a source to where a processing is that has gone on for `passedMs`. Says whether it has ended. */
export function process(source: MockDataSource, passedMs: number, now: number): boolean {
  const { max_pages: pages, mock_failure: failure } = source.config;
  const chunks = (typeof pages === 'number' ? pages : DEFAULT_PAGES) * CHUNKS_PER_PAGE;
  const end = now - passedMs + PENDING_MS + PROCESSING_MS;
  const share = Math.min(Math.max((passedMs - PENDING_MS) / PROCESSING_MS, 0), failure ? 0.5 : 1);
  const hasEnded = share === (failure ? 0.5 : 1);

  source.status = passedMs < PENDING_MS ? 'pending' : !hasEnded ? 'processing' : failure ? 'failed' : 'active';
  source.progress_pct = Math.floor(share * 100);
  source.chunks_indexed = Math.floor(share * chunks);
  source.estimated_completion = hasEnded ? null : new Date(end).toISOString();
  if (source.status === 'failed') {
    source.error = typeof failure === 'string' ? failure : 'The source could not be read.';
  } else delete source.error;
  return hasEnded;
}
