/** A mock behind MSW, and a plain fetch to it: the mock must be right by itself, not only with the client. */

import '../support/loaded.ts';
import {
  createTestClock,
  createTwigMock,
  type TestClock,
  type TwigMock,
  type TwigMockOptions,
} from '@twig/sdk/testing';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, beforeEach } from 'vitest';

export const HOST = 'https://api.twig.so';
export const ALL = 'twigsk_test_all';

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: what came, to be looked at by the assertions.
  body: any;
}

export interface Send {
  body?: unknown;
  /** `null` sends no key. */
  key?: string | null;
  host?: string;
}

/** Sends a request below `/api/v1`; a body that is a string goes as it is. */
export async function send(method: string, path: string, { body, key = ALL, host = HOST }: Send = {}): Promise<Answer> {
  const response = await fetch(`${host}/api/v1${path}`, {
    method,
    headers: { 'content-type': 'application/json', ...(key === null ? {} : { authorization: `Bearer ${key}` }) },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type') === 'application/json';
  return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
}

/** One mock for the tests of a file, reset before each. */
export function useMock(options: TwigMockOptions = {}): { twig: TwigMock; clock: TestClock } {
  const clock = createTestClock();
  const twig = createTwigMock({ clock, ...options });
  const server = setupServer(...twig.handlers);
  beforeAll(() => server.listen({ onUnhandledFrame: 'error' }));
  beforeEach(() => twig.reset());
  afterAll(() => server.close());
  return { twig, clock };
}
