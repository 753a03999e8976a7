/** The numbers of a limiter: the documented ones, those of the plans, and the checks of the given ones. */

import { TwigConfigError } from '../errors.ts';
import { type KnownNames, refuseUnknown } from '../options/unknown-options.ts';
import type { BucketLimit } from './bucket-limit.ts';
import type { IfStoreFails, LimiterLimits, RateLimiterOptions, RateLimiterPlan } from './options.ts';
import type { LimiterStore } from './store.ts';

/** The bounds of the numbers of a limit. */
const LEAST = 0.001;
const MOST = 1e9;

const limit = (perMinute: number, burst: number): BucketLimit => ({ perMinute, burst });

/** Whether a limit can ever be met. */
export const isBounding = ({ perMinute }: BucketLimit): boolean => perMinute < MOST;

/** The documented limits (API reference, "Rate Limits"), and for `total` none that would ever be met. */
const documented = (): LimiterLimits => ({
  execute: limit(100, 120),
  write: limit(10, 15),
  read: limit(200, 250),
  admin: limit(50, 60),
  total: limit(MOST, MOST),
});

/** The documented plans: requests a minute, and calls at once. */
const PLANS: Record<RateLimiterPlan, readonly [perMinute: number, concurrency: number]> = {
  free: [20, 2],
  pro: [100, 10],
};

const OPTIONS: Record<keyof RateLimiterOptions, true> = {
  limits: true,
  concurrency: true,
  maxQueue: true,
  maxWaitMs: true,
  store: true,
  ifStoreFails: true,
  processes: true,
  storeTimeoutMs: true,
  clock: true,
};
const LIMITS: Record<keyof LimiterLimits, true> = { execute: true, write: true, read: true, admin: true, total: true };
const WAYS: Record<IfStoreFails, true> = { share: true, wait: true, reject: true };
const NUMBERS: Record<keyof BucketLimit, true> = { perMinute: true, burst: true };

/** Makes something of each member. */
export const mapValues = <Name extends string, In, Out>(
  record: Record<Name, In>,
  make: (of: In, name: Name) => Out,
): Record<Name, Out> =>
  // The casts: the names stay.
  Object.fromEntries(Object.entries<In>(record).map(([name, of]) => [name, make(of, name as Name)])) as Record<
    Name,
    Out
  >;

interface Bounds {
  least: number;
  most?: number;
  isWhole?: boolean;
}

/** `value` if it is a number in its bounds; endless if it was not given. */
function checked(name: string, value: number | undefined, { least, most = Infinity, isWhole }: Bounds): number {
  if (value === undefined && most === Infinity) return Infinity;
  const isRight = typeof value === 'number' && value >= least && value <= most;
  if (isRight && (!isWhole || Number.isInteger(value) || value === Infinity)) return value;
  const kind = isWhole ? 'a whole number' : 'a number';
  const upTo = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  throw new TwigConfigError(`RateLimiter: ${name} must be ${kind} ${upTo}, and is ${String(value)}.`);
}

/** Refuses what is no object, and members whose name nobody knows: a misspelling must not lift a limit. */
function checkNames(what: string, given: unknown, known: KnownNames): void {
  const isObject = typeof given === 'object' && given !== null;
  if (!isObject) throw new TwigConfigError(`RateLimiter: ${what} must be an object, and is ${String(given)}.`);
  refuseUnknown(`RateLimiter: in ${what},`, given, known);
}

function checkedLimit(name: string, given: BucketLimit): BucketLimit {
  checkNames(`limits.${name}`, given, NUMBERS);
  return limit(
    checked(`limits.${name}.perMinute`, given.perMinute, { least: LEAST, most: MOST }),
    checked(`limits.${name}.burst`, given.burst, { least: 1, most: MOST }),
  );
}

/** What a limiter keeps to. */
export interface Bounded {
  limits: LimiterLimits;
  concurrency: number;
  maxQueue: number;
  maxWaitMs: number;
}

/** Checks the options, and gives all numbers: the documented ones for limits that were left out. */
export function resolveBounds(options: RateLimiterOptions): Bounded {
  checkNames('the options', options, OPTIONS);
  const { limits = {} } = options;
  checkNames('limits', limits, LIMITS);
  return {
    limits: mapValues(documented(), (preset, name) => checkedLimit(name, limits[name] ?? preset)),
    concurrency: checked('concurrency', options.concurrency, { least: 1, isWhole: true }),
    maxQueue: checked('maxQueue', options.maxQueue, { least: 0, isWhole: true }),
    maxWaitMs: checked('maxWaitMs', options.maxWaitMs, { least: 0 }),
  };
}

/** How a limiter shares, where it does. */
export interface Sharing {
  store: LimiterStore;
  ifStoreFails: IfStoreFails;
  /** Among how many the limit is parted as long as the store has not said it. */
  processes: number;
  storeTimeoutMs: number;
}

/** Checks the options about a store, also where none was given; gives nothing then. */
export function resolveSharing(options: RateLimiterOptions): Sharing | undefined {
  const { store, ifStoreFails = 'share', processes = 10, storeTimeoutMs = 1000 } = options;
  if (store !== undefined && typeof store?.exchange !== 'function') {
    throw new TwigConfigError("RateLimiter: store must have exchange(), as that of redisStore of '@twig/sdk/redis'.");
  }
  if (!Object.hasOwn(WAYS, ifStoreFails)) {
    throw new TwigConfigError(
      `RateLimiter: ifStoreFails must be share, wait or reject, and is ${String(ifStoreFails)}.`,
    );
  }
  const numbers = {
    processes: checked('processes', processes, { least: 1, isWhole: true }),
    storeTimeoutMs: checked('storeTimeoutMs', storeTimeoutMs, { least: 1 }),
  };
  return store && { store, ifStoreFails, ...numbers };
}

/** The options that a plan makes of the given ones, which stand before its own. */
export function planOptions(name: RateLimiterPlan, options: RateLimiterOptions): RateLimiterOptions {
  if (!Object.hasOwn(PLANS, name)) {
    throw new TwigConfigError(`RateLimiter: there is no plan ${name}. There are ${Object.keys(PLANS).join(' and ')}.`);
  }
  const [perMinute, concurrency] = PLANS[name];
  const { limits } = options;
  return {
    ...options,
    concurrency: options.concurrency ?? concurrency,
    limits: { ...limits, total: limits?.total ?? limit(perMinute, perMinute) },
  };
}
