/**
 * The one file that knows ky, loaded with the first call. ky is given a `fetch` that already holds what is to be sent,
 * so neither the key nor the body ever enters a ky object. It imports nothing of ours: a bundler wraps whatever it is
 * told to load later.
 */

import ky from 'ky';

/** One exchange. Rejects with what `fetch` threw, as it is. */
export async function exchange<Received>(url: string, fetch: () => Promise<Received>): Promise<Received> {
  let thrown: { error: unknown } | undefined;
  try {
    const received = await ky(url, {
      retry: 0,
      timeout: false,
      totalTimeout: false,
      throwHttpErrors: false,
      fetch: async () => {
        try {
          // The cast: ky hands on what it does not know for a Response.
          return (await fetch()) as Response;
        } catch (error) {
          thrown = { error };
          throw error;
        }
      },
    });
    return received as Received;
  } catch (error) {
    throw thrown ? thrown.error : error;
  }
}
