/** Claims behind the interface that knows keys alone, for stores that tell claims apart themselves. */

import { defineHidden } from '../hide.ts';
import type { Awaitable, Claim, Claimed, Claiming, WebhookDedupe } from './dedupe.ts';

/** As many deliveries of which no end is told are kept in mind; the oldest go first. */
const MOST_OPEN = 10_000;

const after = <In, Out>(value: Awaitable<In>, go: (value: In) => Awaitable<Out>): Awaitable<Out> =>
  value instanceof Promise ? value.then(go) : go(value);

/**
 * The store of these claims. The handler of this package claims directly; for whoever says no more than a key, what was
 * handled is handled for all, whoever claimed it, and what failed is the oldest claim not yet settled.
 */
export function dedupeOf(claim: Claiming, markDone: (key: string) => Awaitable<void>): WebhookDedupe {
  const open = new Map<string, Claim[]>();
  const keep = (key: string, claim: Claim): void => {
    const claims = open.get(key) ?? [];
    open.delete(key);
    open.set(key, [...claims, claim]);
    for (const oldest of open.keys()) {
      if (open.size <= MOST_OPEN) break;
      open.delete(oldest);
    }
  };
  const store: WebhookDedupe = {
    seen: (key) =>
      after(claim(key), (claimed: Claimed) => {
        if (claimed === true || claimed === 'busy') return claimed;
        keep(key, claimed);
        return false;
      }),
    done(key) {
      open.delete(key);
      return markDone(key);
    },
    forget(key) {
      const [oldest, ...rest] = open.get(key) ?? [];
      if (rest.length) open.set(key, rest);
      else open.delete(key);
      return oldest?.forget();
    },
  };
  return defineHidden(store, { _made: { ...store, claim } satisfies OwnDedupe });
}

/** A store of this package, as it was made. */
interface OwnDedupe extends WebhookDedupe {
  readonly claim: Claiming;
}

/** The claims of such a store, as long as nobody has put a function of his own (a spy, say) in the place of one of its. */
export function ownClaimingOf(dedupe: WebhookDedupe): Claiming | undefined {
  const { _made: made } = dedupe as { _made?: OwnDedupe };
  const isAsMade = dedupe.seen === made?.seen && dedupe.done === made.done && dedupe.forget === made.forget;
  return isAsMade ? made.claim : undefined;
}
