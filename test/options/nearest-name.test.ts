/** Names that nobody knows, and the nearest that somebody does. */

import { TwigConfigError } from '@twig/sdk';
import { describe, expect, it } from 'vitest';
import { describeUnknown, refuseUnknown } from '../../src/options/unknown-options.ts';

const client = {
  apiKey: true,
  baseUrl: true,
  timeoutMs: true,
  deadlineMs: true,
  streamIdleTimeoutMs: true,
  maxRetries: true,
  maxRetryDelayMs: true,
  retryAmbiguous: true,
  headers: true,
  fetch: true,
  fetchOptions: true,
  logger: true,
  logLevel: true,
  signal: true,
  idempotencyKey: true,
} as const;
const limiter = { limits: true, concurrency: true, maxQueue: true, maxWaitMs: true, clock: true } as const;

describe('the nearest name', () => {
  it.each([
    ['timeout', 'timeoutMs'],
    ['timeOut', 'timeoutMs'],
    ['tiemoutMs', 'timeoutMs'],
    ['apikey', 'apiKey'],
    ['api_key', 'apiKey'],
    ['key', 'apiKey'],
    ['baseURL', 'baseUrl'],
    ['url', 'baseUrl'],
    ['retries', 'maxRetries'],
    ['max_retries', 'maxRetries'],
    ['maxRetry', 'maxRetries'],
    ['deadline', 'deadlineMs'],
    ['defaultHeaders', 'headers'],
    ['hedaers', 'headers'],
    ['abortSignal', 'signal'],
    ['singal', 'signal'],
    ['idempotency', 'idempotencyKey'],
    ['loglevel', 'logLevel'],
    ['streamTimeout', 'streamIdleTimeoutMs'],
  ])('to %s is %s', (name, nearest) => {
    expect(describeUnknown('option', name, client)).toBe(`option ${name} is unknown: did you mean ${nearest}?`);
  });

  it.each([
    ['maxConcurrent', 'concurrency'],
    ['maxConcurrency', 'concurrency'],
    ['concurrent', 'concurrency'],
    ['queueSize', 'maxQueue'],
    ['maxWait', 'maxWaitMs'],
    ['limit', 'limits'],
  ])('to %s among the options of a limiter is %s', (name, nearest) => {
    expect(describeUnknown('option', name, limiter)).toContain(`did you mean ${nearest}?`);
  });

  it.each(['colour', 'x', '', '漢字'])('to %j is none: all are named', (name) => {
    expect(describeUnknown('option', name, limiter)).toContain('limits, concurrency, maxQueue, maxWaitMs, clock');
  });
});

it('refuses the first unknown name, and takes those of Object for unknown ones', () => {
  expect(() => refuseUnknown('RateLimiter: option', { maxQueue: 1, maxConcurrent: 1 }, limiter)).toThrow(
    new TwigConfigError('RateLimiter: option maxConcurrent is unknown: did you mean concurrency?'),
  );
  for (const name of ['toString', 'constructor', '__proto__']) {
    const options = Object.defineProperty({}, name, { value: 1, enumerable: true });
    expect(() => refuseUnknown('option', options, limiter)).toThrow(TwigConfigError);
  }
  expect(() => refuseUnknown('option', { maxQueue: 1 }, limiter)).not.toThrow();
});
