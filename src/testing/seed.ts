/** Checks what a mock is to begin with: a seed may come from a JSON file, or from a test without types. */

import { TwigConfigError } from '../errors.ts';
import { isPlainObject, toCamel } from '../params/casing.ts';
import type { MockSeed } from './data.ts';

const COLLECTIONS = ['agents', 'dataSources', 'interactions', 'users', 'articles', 'passages'];

const refuse = (what: string): never => {
  throw new TwigConfigError(`The seed ${what}.`, {
    hint: `A seed is { number, ${COLLECTIONS.join(', ')}, answers }, each optional; the collections are arrays of objects.`,
  });
};

/** The seed with its collections named in camelCase (a file may say `data_sources`), or {@link TwigConfigError}. */
export function readSeed(value: unknown): MockSeed {
  if (typeof value === 'number') return { number: value };
  if (!isPlainObject(value)) return refuse('must be a number or an object');
  const seed = Object.fromEntries(Object.entries(value).map(([name, member]) => [toCamel(name), member]));
  for (const [name, member] of Object.entries(seed)) {
    if (name === 'number') {
      if (!Number.isFinite(member)) refuse('has a "number" that is none');
    } else if (name === 'answers') {
      if (!isPlainObject(member)) refuse('has "answers" that are no object of questions and answers');
    } else if (!COLLECTIONS.includes(name)) refuse(`has an unknown member "${name}"`);
    else if (!Array.isArray(member) || !member.every(isPlainObject))
      refuse(`needs "${name}" to be an array of objects`);
  }
  // Checked above, as far as the mock relies on it.
  return seed as MockSeed;
}
