/** Measuring what should happen at once, on a machine that may be too busy to run anything at once. */

const TICK_MS = 10;

/**
 * Starts to measure. The function that it gives stops, and tells the milliseconds that passed without those in which
 * this process did not get to run: by so much a timer that was due fired late.
 */
export function stopwatch(): () => number {
  const startedAt = performance.now();
  let last = startedAt;
  let held = 0;
  const tick = (): void => {
    const now = performance.now();
    held += Math.max(0, now - last - TICK_MS);
    last = now;
  };
  const timer = setInterval(tick, TICK_MS);
  return () => {
    tick();
    clearInterval(timer);
    return last - startedAt - held;
  };
}
