/** Which class an error is of: across copies of the package, under minified names, and for classes that users derive. */

import * as sdk from '@twig/sdk';
import { beforeAll, describe, expect, it, vi } from 'vitest';

type Sdk = typeof sdk;
let other: Sdk;

beforeAll(async () => {
  vi.resetModules();
  other = await import('@twig/sdk');
});

/** One error of each class, made by a copy of the package. */
const samples = (copy: Sdk): [keyof Sdk, Error][] => {
  const api = { code: 'c', status: 418 };
  return [
    ['TwigError', new copy.TwigError('m')],
    ['TwigConfigError', new copy.TwigConfigError('m')],
    ['TwigValidationError', new copy.TwigValidationError([])],
    ['TwigAPIError', new copy.TwigAPIError('m', api)],
    ['TwigBadRequestError', new copy.TwigBadRequestError('m', api)],
    ['TwigAuthenticationError', new copy.TwigAuthenticationError('m', api)],
    ['TwigPermissionError', new copy.TwigPermissionError('m', api)],
    ['TwigNotFoundError', new copy.TwigNotFoundError('m', api)],
    ['TwigRateLimitError', new copy.TwigRateLimitError('m', api)],
    ['TwigServerError', new copy.TwigServerError('m', api)],
    ['TwigServiceUnavailableError', new copy.TwigServiceUnavailableError('m', api)],
    ['TwigConnectionError', new copy.TwigConnectionError('m', { phase: 'connect' })],
    ['TwigTimeoutError', new copy.TwigTimeoutError('timeoutMs', 1, { phase: 'body' })],
    ['TwigAbortError', new copy.TwigAbortError('why')],
    ['TwigStreamError', new copy.TwigStreamError('m', { code: 'truncated' })],
    ['TwigResponseValidationError', new copy.TwigResponseValidationError('m')],
    ['TwigPaginationError', new copy.TwigPaginationError('m', { code: 'no_next_page' })],
    ['TwigDataSourceError', new copy.TwigDataSourceError('m', { code: 'processing_failed' })],
    ['TwigWebhookVerificationError', new copy.TwigWebhookVerificationError('m', { code: 'body_parsed' })],
    ['TwigRateLimiterError', new copy.TwigRateLimiterError('m', { code: 'queue_full' })],
  ];
};

const parents: Record<string, string> = {
  TwigBadRequestError: 'TwigAPIError',
  TwigAuthenticationError: 'TwigAPIError',
  TwigPermissionError: 'TwigAPIError',
  TwigNotFoundError: 'TwigAPIError',
  TwigRateLimitError: 'TwigAPIError',
  TwigServerError: 'TwigAPIError',
  TwigServiceUnavailableError: 'TwigServerError',
  TwigTimeoutError: 'TwigConnectionError',
};

/** The class and those above it. */
function lineage(name: string): string[] {
  const parent = parents[name] ?? (name === 'TwigError' ? undefined : 'TwigError');
  return parent ? [name, ...lineage(parent)] : [name];
}

const classes = (copy: Sdk): [string, abstract new (...args: never[]) => Error][] =>
  Object.entries(copy).flatMap(([name, Kind]) =>
    typeof Kind === 'function' && Kind.prototype instanceof Error ? [[name, Kind as typeof sdk.TwigAPIError]] : [],
  );

it('lists every class in these samples', () => {
  expect(
    samples(sdk)
      .map(([name]) => name)
      .sort(),
  ).toEqual(
    classes(sdk)
      .map(([name]) => name)
      .sort(),
  );
});

it('knows each error by its own class and those above it alone, in this copy and in the other', () => {
  expect(other.TwigError).not.toBe(sdk.TwigError);
  for (const [maker, judge] of [
    [sdk, sdk],
    [other, sdk],
    [sdk, other],
  ] as const) {
    for (const [name, error] of samples(maker)) {
      const found = classes(judge).filter(([, Kind]) => error instanceof Kind);
      expect(found.map(([kind]) => kind).sort(), name).toEqual(lineage(name).sort());
      expect(error).toBeInstanceOf(Error);
    }
  }
});

it('gives each error its name and a stable code', () => {
  const codes = samples(sdk).map(([name, error]) => {
    expect(error.name).toBe(name);
    expect(String(error)).toMatch(new RegExp(`^${name}: `));
    return (error as sdk.TwigError).code;
  });
  expect(codes.every((code) => /^[a-z_]+$/.test(code))).toBe(true);
});

it('does not take other errors, plain objects or look-alikes for its own', () => {
  const fakes = [
    new Error('x'),
    {},
    null,
    undefined,
    'TwigError',
    { name: 'TwigError', code: 'x' },
    new DOMException(),
  ];
  for (const value of fakes) expect((value as object) instanceof sdk.TwigError).toBe(false);
});

describe('a class that a user derives', () => {
  class NoAgentError extends sdk.TwigNotFoundError {
    readonly agent = 'agent_1';
  }
  class OtherError extends sdk.TwigNotFoundError {}
  const error = new NoAgentError('gone', { code: 'not_found', status: 404 });

  it('is of its own class and of those it derives from, in every copy', () => {
    for (const Kind of [NoAgentError, sdk.TwigNotFoundError, sdk.TwigAPIError, sdk.TwigError, other.TwigAPIError]) {
      expect(error instanceof Kind).toBe(true);
    }
  });

  it('is not of its siblings, and what it derives from is not of it', () => {
    expect(error instanceof OtherError).toBe(false);
    expect(error instanceof sdk.TwigRateLimitError).toBe(false);
    expect(new sdk.TwigNotFoundError('m', { code: 'c', status: 404 }) instanceof NoAgentError).toBe(false);
  });
});

it('is known by its brand when a minifier has renamed the class', () => {
  const Short = { a: class extends sdk.TwigConnectionError {} }.a;
  Object.defineProperty(Short, 'name', { value: 'a' });
  const error = new Short('m', { phase: 'body' });
  expect(error.name).toBe('TwigConnectionError');
  expect(error instanceof other.TwigConnectionError).toBe(true);
});
