/** Options of a name that nobody knows: a misspelling must not pass for a setting. */

import { TwigConfigError } from '../errors.ts';

/** The names of a bag of options, as keys: `Record<keyof Options, true>` has the compiler keep it complete. */
export type KnownNames = Readonly<Record<string, true>>;

/** Names are compared by their letters: `base_url`, `baseURL` and `baseUrl` are one word. */
const pairsOf = (name: string): (string | undefined)[] => {
  const letters = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  return Array.from(letters.matchAll(/(?=(..))/g), ([, pair]) => pair);
};

/**
 * How alike two names are, from 0 to 1: the share of their pairs of letters that they have in common (Sørensen–Dice).
 * Unlike an edit distance it sees a word that is inside another, as `retries` in `maxRetries`.
 */
function likeness(one: string, other: string): number {
  const pairs = pairsOf(one);
  const others = pairsOf(other);
  return (2 * pairs.filter((pair) => others.includes(pair)).length) / (pairs.length + others.length);
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
  const [nearest] = names
    .filter((candidate) => likeness(name, candidate) > LEAST_LIKENESS)
    .sort((one, other) => likeness(name, other) - likeness(name, one));
  return nearest ? `did you mean ${nearest}?` : `there are ${names.join(', ')}.`;
}

/** The names in `options` that are not among the `known` ones. */
export const unknownNames = (options: object, known: KnownNames): string[] =>
  Object.keys(options).filter((name) => !Object.hasOwn(known, name));

/** Throws {@link TwigConfigError} at a name that is not among the `known` ones, where a misspelling would do harm in silence. */
export function refuseUnknown(kind: string, options: object, known: KnownNames): void {
  const [name] = unknownNames(options, known);
  if (name !== undefined) throw new TwigConfigError(describeUnknown(kind, name, known));
}
