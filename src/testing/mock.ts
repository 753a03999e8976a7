/** The mock of the whole API, over one memory: as a `fetch`, and as handlers of MSW. */

import { type Clock, systemClock } from '../clock.ts';
import type { RateLimitScope } from '../operations.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import type { PlatformRequest } from '../platform.ts';
import type { WebhookEventName } from '../webhooks/events.ts';
import type { MockData, MockSeed } from './data.ts';
import { createDelivery, type DeliveryOptions } from './delivery.ts';
import { createFaultPlan, type MockFaults } from './fault-plan.ts';
import { createFetch, type PlatformFetch } from './fetch.ts';
import { createHandlers } from './handlers.ts';
import { createBuckets, type MockRateLimits } from './limits.ts';
import type { MockRequest } from './mock-request.ts';
import { createResponder, type ResponderContext } from './responder.ts';
import { readSeed } from './seed.ts';
import { createStore } from './store.ts';

/** How the mock behaves; every option may be left out. A name that is not among them is refused. */
export interface TwigMockOptions {
  /** What it holds in the beginning, or only the number that ids and answers depend on. By default small fixtures and 1. */
  seed?: number | MockSeed | undefined;
  /** The rate limits, in place of the documented ones; `false` turns them and their headers off. */
  rateLimits?: MockRateLimits | false | undefined;
  /** The keys that are known, and the scopes of each. By default every bearer key has every scope. */
  keys?: Record<string, RateLimitScope[]> | undefined;
  /** Milliseconds (by the clock) before every response; a tenth of it before each event of a stream. Default 0. */
  latencyMs?: number | undefined;
  /** Where time comes from. By default the real time; `createTestClock()` makes one that stands still. */
  clock?: Clock | undefined;
}

/** The names of the options. */
export const MOCK_OPTIONS: KnownNames = {
  seed: true,
  rateLimits: true,
  keys: true,
  latencyMs: true,
  clock: true,
} satisfies Record<keyof TwigMockOptions, true>;

/** A mock of the Twig API. */
export interface TwigMock {
  /**
   * The mock in the place of `fetch`, in every runtime and without MSW: `new TwigClient({ fetch: twig.fetch })`. It
   * behaves as the platform's does: signals, redirects, `TypeError: fetch failed` when the connection is reset. Any host
   * will do. Give it to the code under test, or set it as `globalThis.fetch`.
   */
  readonly fetch: PlatformFetch;
  /**
   * For `setupServer(...twig.handlers)` (Node) or `setupWorker(...twig.handlers)` (browser) of msw 2 or 3: they catch
   * requests to `https://api.twig.so`, and below `/api/v1/` on any host. Only for spreading: their type, `never`, fits
   * the parameters of both versions, and needs no declaration of a package that may not be installed.
   */
  readonly handlers: never[];
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
 * Makes a mock. Each has a memory of its own. Throws `TwigConfigError` for an option of an unknown name.
 *
 * @example
 * ```ts
 * import { TwigClient } from '@twig/sdk';
 * import { createTwigMock } from '@twig/sdk/testing';
 *
 * const twig = createTwigMock();
 * const client = new TwigClient({ apiKey: 'twigsk_test_x', fetch: twig.fetch });
 * await client.agents.create({ name: 'Mine', dataSourceIds: ['ds_1'] });
 * console.log(twig.data.agents.length, twig.requests.length); // 3 1
 * ```
 */
export function createTwigMock(options: TwigMockOptions = {}): TwigMock {
  refuseUnknown('createTwigMock: the option', options, MOCK_OPTIONS);
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

  return {
    fetch: createFetch(respond),
    handlers: createHandlers(respond),
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
