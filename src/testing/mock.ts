/** The mock of the whole API: MSW handlers for every documented endpoint, over one memory. */

import type { HttpHandler } from 'msw';
import { type Clock, systemClock } from '../clock.ts';
import type { RateLimitScope } from '../operations.ts';
import { type OperationId, operation, operationIds } from '../operations.ts';
import type { PlatformRequest } from '../platform.ts';
import type { WebhookEventName } from '../webhooks/events.ts';
import type { MockData, MockSeed } from './data.ts';
import { createDelivery, type DeliveryOptions } from './delivery.ts';
import { createFaultPlan, type MockFaults } from './fault-plan.ts';
import { createBuckets, type MockRateLimits } from './limits.ts';
import { http } from './msw.ts';
import { createResponder, type ResponderContext } from './responder.ts';
import { readSeed } from './seed.ts';
import { createStore } from './store.ts';

/** How the mock behaves; every option may be left out. */
export interface TwigMockOptions {
  /** What it holds in the beginning, or only the number that ids and answers depend on. By default small fixtures and 1. */
  seed?: number | MockSeed | undefined;
  /** The rate limits, in place of the documented ones; `false` turns them and their headers off. */
  rateLimits?: MockRateLimits | false | undefined;
  /** The keys that are known, and the scopes of each. By default every bearer key has every scope. */
  keys?: Record<string, RateLimitScope[]> | undefined;
  /** Milliseconds (by the clock) before every answer; a tenth of it before each event of a stream. Default 0. */
  latencyMs?: number | undefined;
  /** Where time comes from. By default the real time; `createTestClock()` makes one that stands still. */
  clock?: Clock | undefined;
}

/** A request that the mock was sent. */
export interface MockRequest {
  /** Which endpoint it met; `undefined` when there is none of that method and path. */
  operation: OperationId | undefined;
  method: string;
  /** The whole URL. */
  url: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  /** The parsed JSON; the text when it was no JSON; `undefined` when there was none. */
  body: unknown;
  /** When it came: milliseconds since the epoch, by the mock's clock. */
  at: number;
}

/** A mock of the Twig API. */
export interface TwigMock {
  /** For `setupServer(...twig.handlers)` (Node) or `setupWorker(...twig.handlers)` (browser). They match any host. */
  readonly handlers: HttpHandler[];
  /** What it holds now. Read it anew after `reset()`. */
  readonly data: MockData;
  /** Arms faults. */
  readonly faults: MockFaults;
  /** What it was sent, the oldest first. */
  readonly requests: MockRequest[];
  /** Back to the beginning: the seed, full rate limits, no faults, no requests, the same ids again. */
  reset(): void;
  /** A signed delivery, to hand to a webhook handler. Members of `data` may be camelCase or snake_case. */
  webhook(
    event: WebhookEventName | (string & {}),
    data: Record<string, unknown>,
    options: DeliveryOptions,
  ): Promise<PlatformRequest>;
}

/**
 * Makes a mock. Each has a memory of its own.
 *
 * @example
 * ```ts
 * import { createTwigMock } from '@twig/sdk/testing';
 * import { setupServer } from 'msw/node';
 *
 * const twig = createTwigMock();
 * const server = setupServer(...twig.handlers);
 * server.listen();
 * ```
 */
export function createTwigMock(options: TwigMockOptions = {}): TwigMock {
  const clock = options.clock ?? systemClock;
  const seed = readSeed(options.seed ?? {});
  const { number = 1 } = seed;
  const begin = (): ResponderContext['state'] => ({
    store: createStore(seed, number, clock),
    buckets: options.rateLimits === false ? undefined : createBuckets(options.rateLimits ?? {}, clock),
  });
  const state = begin();
  const requests: MockRequest[] = [];
  const plan = createFaultPlan(number);
  const { keys, latencyMs = 0 } = options;
  const respond = createResponder({ clock, keys, latencyMs, seed: number, plan, requests, state });

  const methods = { GET: http.get, POST: http.post, PUT: http.put, PATCH: http.patch, DELETE: http.delete };
  const endpoints = operationIds().map((id) => {
    const { method, path } = operation(id);
    return methods[method](`*${path}`, ({ params, request }) => respond(request, id, String(params.id ?? '')));
  });
  const unknown = ['*/api/v1/*', 'https://api.twig.so/*'].map((path) =>
    http.all(path, ({ request }) => respond(request)),
  );

  return {
    handlers: [...endpoints, ...unknown],
    get data() {
      state.store.settle();
      return state.store.data;
    },
    faults: plan,
    requests,
    reset() {
      Object.assign(state, begin());
      requests.length = 0;
      plan.clear();
    },
    webhook: createDelivery(clock),
  };
}
