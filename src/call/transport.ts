/**
 * The one file that knows ky, loaded with the first call. ky is given a `fetch` that already holds what is to be sent,
 * so neither the key nor the body ever enters a ky object. It imports nothing of ours: a bundler wraps whatever it is
 * told to load later.
 */

import ky from 'ky';
import type { Fetch } from '../http/fetch.ts';
import type { FetchInit } from '../platform.ts';

/** One exchange. Rejects with what `fetch` threw, as it is. */
export async function exchange(fetch: Fetch, url: string, init: FetchInit): Promise<Response> {
  let thrown: { error: unknown } | undefined;
  try {
    return await ky(url, {
      retry: 0,
      timeout: false,
      totalTimeout: false,
      throwHttpErrors: false,
      fetch: async () => {
        try {
          return await fetch(url, init);
        } catch (error) {
          thrown = { error };
          throw error;
        }
      },
    });
  } catch (error) {
    throw thrown ? thrown.error : error;
  }
}
