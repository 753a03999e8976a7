/** Whether what the tests in this folder need is there. */

import { expect, it } from 'vitest';
import { hasRedis } from '../support/redis.ts';

it('finds redis-server, without which the tests with a real Redis are not run', () => {
  if (!hasRedis) console.warn('NOT RUN: redis-server is not installed. On Debian: apt-get install redis-server');
  expect(hasRedis || !process.env.CI, 'CI needs redis-server').toBe(true);
});
