/** Who handles a delivery: one claim at a time, told apart from those before and after it. */

import type { Awaitable, Claim, Claimed, Claiming, WebhookDedupe } from './dedupe.ts';
import { ownClaimingOf } from './keyed-claims.ts';

/** As many failed deliveries as are kept in mind for a store that cannot forget. */
const MOST_FAILED = 10_000;

/** What this process knows of a delivery as long as it is asked about or handled here. */
interface UnderWay {
  count: number;
  /** Whether there were ever two at once: then each may be told of the other by the store. */
  isShared: boolean;
  newest?: Claim;
}

/** What is known of a store, however many handlers stand over it. */
const claimings = new WeakMap<WebhookDedupe, Claiming>();

/** Claims a delivery in a store. Those of this package tell claims apart themselves. */
export function claimIn(dedupe: WebhookDedupe, key: string): Awaitable<Claimed> {
  const own = ownClaimingOf(dedupe);
  if (own) return own(key);
  const claiming = claimings.get(dedupe) ?? claimingByKey(dedupe);
  claimings.set(dedupe, claiming);
  return claiming(key);
}

/**
 * For a store that knows keys alone. One without `done` takes what is under way, or has failed, for handled: so what
 * happens in this process is known here, and the store's word counts for the rest.
 */
function claimingByKey(dedupe: WebhookDedupe): Claiming {
  const underWay = new Map<string, UnderWay>();
  /** What failed, and the store could not be made to forget. */
  const failed = new Set<string>();

  return async (key) => {
    const known: UnderWay = underWay.get(key) ?? { count: 0, isShared: false };
    underWay.set(key, known);
    if (known.count++) known.isShared = true;
    const leave = (): void => {
      if (!--known.count) underWay.delete(key);
    };
    const claim: Claim = {
      async done() {
        failed.delete(key);
        try {
          await dedupe.done?.(key);
        } finally {
          leave();
        }
      },
      async forget() {
        try {
          if (known.newest !== claim) return;
          failed.add(key);
          for (const oldest of failed) {
            if (failed.size <= MOST_FAILED) break;
            failed.delete(oldest);
          }
          await dedupe.forget?.(key);
          if (dedupe.forget) failed.delete(key);
        } finally {
          leave();
        }
      },
    };
    let claimed: Claimed = 'busy';
    try {
      const seen = await dedupe.seen(key);
      if (!seen) claimed = claim;
      else if (seen !== 'busy' && (dedupe.done || !known.isShared)) {
        claimed = !dedupe.done && failed.has(key) ? claim : true;
      }
    } finally {
      if (claimed === claim) known.newest = claim;
      else leave();
    }
    return claimed;
  };
}
