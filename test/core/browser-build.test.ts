/** What stands in for another module in the build for browsers. */

import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cameBeforeSending, lastingRemedy } from '../../src/http/connection-faults.browser.ts';

const src = join(import.meta.dirname, '../../src');

it.each(globSync('**/*.browser.ts', { cwd: src }))('%s exports what it stands in for', async (file) => {
  const standIn = (await import(join(src, file))) as object;
  const other = (await import(join(src, file.replace('.browser', '')))) as object;
  expect(Object.keys(standIn).sort()).toEqual(Object.keys(other).sort());
});

describe('a failure before sending', () => {
  it.each([
    'Failed to connect to /10.0.2.2:3000',
    'Unable to resolve host "api.twig.so": No address associated with hostname',
    'failed to connect to /10.0.2.2 (port 443) from /10.0.2.15 after 10000ms',
    'Could not connect to the server.',
    'A server with the specified hostname could not be found.',
    'The Internet connection appears to be offline.',
  ])('is known on a phone by "%s"', (message) => {
    expect(cameBeforeSending(new TypeError('Network request failed', { cause: new Error(message) }))).toBe(true);
  });

  it.each([
    'The certificate for this server is invalid. You might be connecting to a server that is pretending …',
    'An SSL error has occurred and a secure connection to the server cannot be made.',
    'java.security.cert.CertPathValidatorException: Trust anchor for certification path not found.',
    'Chain validation failed',
    'Hostname x.test not verified:',
    'CLEARTEXT communication to x.test not permitted by network security policy',
  ])('that lasts is known on a phone by "%s"', (message) => {
    const error = new TypeError('fetch failed', { cause: new Error(message) });
    expect(cameBeforeSending(error)).toBe(true);
    expect(lastingRemedy(error)).toMatch(/certificate.*scheme of baseUrl/);
    expect(lastingRemedy(new TypeError('fetch failed', { cause: new Error('Unable to resolve host "x"') }))).toBe(
      undefined,
    );
  });

  it.each([
    "Failed to fetch. Refused to connect because it violates the document's Content Security Policy.",
    "Failed to execute 'fetch' on 'Window': Illegal invocation",
  ])('that lasts is known in Chromium by "%s"', (message) => {
    expect(lastingRemedy(new TypeError(message))).toMatch(/see cause.*connect-src/);
  });

  it.each(['Failed to fetch', 'Load failed', 'NetworkError when attempting to fetch resource.'])(
    'is not known in a page, which is told "%s" of every one',
    (message) => {
      expect(cameBeforeSending(new TypeError(message))).toBe(false);
      expect(lastingRemedy(new TypeError(message))).toBeUndefined();
    },
  );
});
