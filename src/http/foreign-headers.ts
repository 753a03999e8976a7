/** The headers of a response, whatever object holds them: another realm's `Headers`, a Map, pairs, a plain object. */

import type { HeadersLike } from '../platform.ts';
import { probe } from '../runtime.ts';

/** Those that are asked for by name where an object cannot list what it holds. */
const READ_HERE = [
  'content-length',
  'content-type',
  'date',
  'location',
  'retry-after',
  'retry-after-ms',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'x-ratelimit-used',
  'x-request-id',
];

/** Stands in for `Headers` where the platform has none: listed as a `Map` is, in which no value is `null`. */
class HeaderMap extends Map<string, string | null> {
  override get [Symbol.toStringTag](): string {
    return 'Headers';
  }
  override get(name: string): string | null {
    return super.get(name.toLowerCase()) ?? null;
  }
  override has(name: string): boolean {
    return super.has(name.toLowerCase());
  }
  override set(name: string, value: string): this {
    return super.set(name.toLowerCase(), value);
  }
  append(name: string, value: string): void {
    const before = this.get(name);
    this.set(name, before === null ? value : `${before}, ${value}`);
  }
}

/** What an object that holds headers may be able to do. */
interface ForeignHeaders extends Iterable<[unknown, unknown]> {
  forEach(callback: (value: unknown, name: unknown) => void): void;
  entries(): Iterable<[unknown, unknown]>;
  get(name: string): unknown;
}

/** Reads headers one by one. */
export type HeaderReader = Pick<HeadersLike, 'get'>;

/** Reads `given` by name where that can be trusted, and what `copy` gives where it cannot. */
export function headerReader(given: unknown, copy: () => Headers): HeaderReader {
  const Platform = probe(({ Headers }) => Headers);
  if (!Platform || !(given instanceof Platform)) return { get: (name) => copy().get(name) };
  return {
    get(name) {
      // SvelteKit's `get` refuses names.
      const value = probe(() => given.get(name));
      return value === undefined ? copy().get(name) : value;
    },
  };
}

/** A `Headers` of our own with what `given` holds: nothing that `given` does when it is asked can reach a call. */
export function readHeaders(given: unknown): Headers {
  const Platform = probe(({ Headers }) => Headers);
  // The common case, in a fifth of the time. The constructor iterates: SvelteKit's `get` refuses names.
  const copy = Platform && given instanceof Platform && probe(() => new Platform(given));
  if (copy) return copy;
  // The cast: of a Headers no more is used.
  const headers = Platform ? new Platform() : (new HeaderMap() as unknown as Headers);
  let count = 0;
  const add = (name: unknown, value: unknown): void => {
    if (Array.isArray(value)) {
      for (const one of value) add(name, one);
    } else if (typeof name === 'string' && (typeof value === 'string' || typeof value === 'number')) {
      // One that HTTP cannot carry is left out.
      probe(() => {
        headers.append(name, String(value));
        count++;
      });
    }
  };
  const addAll = (pairs: Iterable<[unknown, unknown]>): void => {
    for (const [name, value] of pairs) add(name, value);
  };
  if (typeof given !== 'object' || !given) return headers;
  // The cast: every use is guarded, and what is no name or no value is left out.
  const foreign = given as ForeignHeaders;
  const lists = [
    () => foreign.forEach((value, name) => void add(name, value)),
    () => addAll(foreign),
    () => addAll(foreign.entries()),
    () => addAll(Object.entries(foreign)),
  ];
  for (const list of lists) {
    probe(list);
    if (count) return headers;
  }
  for (const name of READ_HERE) probe(() => add(name, foreign.get(name)));
  return headers;
}
