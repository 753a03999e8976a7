/** Options of a name that nobody knows: a misspelling must not pass for a setting. */

import { TwigConfigError } from '../errors.ts';

/** The names of a bag of options, as keys: `Record<keyof Options, true>` has the compiler keep it complete. */
export type KnownNames = Readonly<Record<string, true>>;

/** Names are compared by their letters: `base_url`, `baseURL` and `baseUrl` are one word. */
const pairsOf = (name: string): string[] => {
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return Array.from({ length: Math.max(0, letters.length - 1) }, (_, at) => letters.slice(at, at + 2));
};

/**
 * How alike two names are, from 0 to 1: the share of their pairs of letters that they have in common (Sørensen–Dice).
 * Unlike an edit distance it sees a word that is inside another, as `retries` in `maxRetries`.
 */
function likeness(one: string, other: string): number {
  const pairs = pairsOf(one);
  const left = pairsOf(other);
  const all = pairs.length + left.length;
  let common = 0;
  for (const pair of pairs) {
    const at = left.indexOf(pair);
    if (at < 0) continue;
    left.splice(at, 1);
    common++;
  }
  return all ? (2 * common) / all : 0;
}

/** Below this two names have only chance in common. */
const LEAST_LIKENESS = 0.35;

/**
 * The sentence about a name that is not among the `known` ones. It names the nearest, or all where none is near, unless
 * there is other `advice`.
 */
export function describeUnknown(kind: string, name: string, known: KnownNames, advice?: string): string {
  return `${kind} ${name} is unknown: ${advice ?? nearestOf(name, Object.keys(known))}`;
}

function nearestOf(name: string, names: string[]): string {
  const nearest = names
    .map((candidate) => ({ candidate, alike: likeness(name, candidate) }))
    .reduce((best, one) => (one.alike > best.alike ? one : best), { candidate: '', alike: LEAST_LIKENESS });
  return nearest.candidate ? `did you mean ${nearest.candidate}?` : `there are ${names.join(', ')}.`;
}

/** The names in `options` that are not among the `known` ones. */
export const unknownNames = (options: object, known: KnownNames): string[] =>
  Object.keys(options).filter((name) => !Object.hasOwn(known, name));

/** Throws {@link TwigConfigError} at a name that is not among the `known` ones, where a misspelling would do harm in silence. */
export function refuseUnknown(kind: string, options: object, known: KnownNames): void {
  const [name] = unknownNames(options, known);
  if (name !== undefined) throw new TwigConfigError(describeUnknown(kind, name, known));
}
