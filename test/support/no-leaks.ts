/** Fails a test file in which a promise was left unhandled, or listeners piled up. */

import { afterAll } from 'vitest';

const leaks: unknown[] = [];
process.on('unhandledRejection', (reason) => leaks.push(reason));
process.on('warning', (warning) => {
  if (warning.name === 'MaxListenersExceededWarning') leaks.push(warning);
});

afterAll(async () => {
  // Node tells of both a turn later.
  await new Promise((resolve) => setTimeout(resolve, 10));
  if (leaks.length > 0) throw new AggregateError(leaks, 'Left behind: unhandled rejections or piled-up listeners.');
});
