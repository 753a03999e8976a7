/** Waiting for a data source: look, pause, look again, until it is ready, has failed, or time is up. */

import type { TwigPromise } from '../call/twig-promise.ts';
import { type Clock, elapsed } from '../clock.ts';
import { TwigAbortError, TwigConfigError, TwigDataSourceError, TwigTimeoutError } from '../errors.ts';
import type { CallMeta } from '../meta.ts';
import type { CallOptions } from '../options/options.ts';
import type { AbortSignalLike } from '../platform.ts';

/** How far a source is. An open set. */
export type DataSourceState = 'pending' | 'processing' | 'active' | 'failed' | (string & {});

/** How far the processing of a source is. */
export interface DataSourceStatus {
  status: DataSourceState;
  chunksIndexed?: number | null | undefined;
  /** 0 to 100. */
  progressPct?: number | null | undefined;
  /** ISO 8601. */
  estimatedCompletion?: string | null | undefined;
}

/** How to wait for a data source. */
export interface WaitOptions {
  /** Milliseconds between two looks. Default 2,000. */
  pollIntervalMs?: number | undefined;
  /** Milliseconds in all. Default 600,000. */
  timeoutMs?: number | undefined;
  /** Ends the wait. */
  signal?: AbortSignalLike | undefined;
  /** Told of every status that is read. What it throws ends the wait. */
  onProgress?: ((status: DataSourceStatus) => void) | undefined;
}

/** Their names. */
export const WAIT_OPTIONS: Record<keyof WaitOptions, true> = {
  pollIntervalMs: true,
  timeoutMs: true,
  signal: true,
  onProgress: true,
};

/** Looks at a status with `look` until it says `active`. */
export async function waitUntilReady(
  look: (options: CallOptions) => TwigPromise<DataSourceStatus>,
  clock: Clock,
  options: WaitOptions,
): Promise<DataSourceStatus> {
  const { pollIntervalMs = 2000, timeoutMs = 600_000, signal, onProgress } = options;
  for (const [name, value] of Object.entries({ pollIntervalMs, timeoutMs })) {
    if (!(typeof value === 'number' && value > 0)) throw new TwigConfigError(`${name} must be a number above 0.`);
  }
  const endsAt = elapsed(clock) + timeoutMs;
  let lastStatus: DataSourceStatus | undefined;
  let meta: CallMeta | undefined;
  const late = (): TwigDataSourceError =>
    new TwigDataSourceError(`The data source was not ready within ${timeoutMs} ms (last: ${lastStatus?.status}).`, {
      code: 'not_ready_in_time',
      isRetryable: true,
      hint: 'It goes on: wait again, or with a longer timeoutMs.',
      meta,
      lastStatus,
    });
  for (;;) {
    let status: DataSourceStatus;
    try {
      const looked = await look({ signal, deadlineMs: Math.max(1, endsAt - elapsed(clock)) }).withResponse();
      status = looked.data;
      meta = looked.meta;
    } catch (error) {
      throw error instanceof TwigTimeoutError && error.limit === 'deadlineMs' ? late() : error;
    }
    lastStatus = status;
    await onProgress?.(status);
    if (status.status === 'active') return status;
    if (status.status === 'failed') {
      throw new TwigDataSourceError('The processing of the data source failed.', {
        code: 'processing_failed',
        meta,
        lastStatus,
      });
    }
    if (elapsed(clock) + pollIntervalMs > endsAt) throw late();
    await clock.sleep(pollIntervalMs, signal).catch(() => Promise.reject(new TwigAbortError(signal?.reason, { meta })));
  }
}
