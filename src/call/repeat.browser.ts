/**
 * Stands in for `repeat.ts` in the build for browsers, where every byte travels to the reader, and wherever p-retry cannot
 * run.
 */

/** Runs `run` again after a failure for which `shouldRetry` says so, `retries` times at most. */
export async function repeat<T>(
  run: () => Promise<T>,
  retries: number,
  shouldRetry: (failed: { error: unknown }) => Promise<boolean>,
): Promise<T> {
  for (let left = retries; ; left--) {
    try {
      return await run();
    } catch (error) {
      if (left === 0 || !(await shouldRetry({ error }))) throw error;
    }
  }
}
