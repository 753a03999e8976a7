/** Checks of a call's arguments. Each reports what is plainly wrong; what the API may come to know is let through. */

import { TwigValidationError, type ValidationIssue } from '../errors.ts';
import { isPlainObject } from './casing.ts';

/** Reports what is wrong with a value by adding to `issues`. */
export type Check = (value: unknown, path: string, issues: ValidationIssue[]) => void;

const rule =
  (holds: (value: unknown) => boolean, message: string): Check =>
  (value, path, issues) => {
    if (!holds(value)) issues.push({ path, message });
  };

const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
const NOT_IN_ID = /^\s|\s$|[\x00-\x1f\x7f-\x9f]|[\ud800-\udfff]/u;

/** A text. One that is needed must not be blank either. */
export const text: Check = rule((value) => typeof value === 'string', 'must be a text');
/** An id: no white space at its ends, no control characters, no lone surrogates. */
export const id: Check = rule(
  (value) => isText(value) && !NOT_IN_ID.test(value),
  'must be an id: not empty, no white space at its ends, no control characters',
);
/** A whole number from `least`, up to `most` if that is given. */
const integer = (least: number, most?: number): Check =>
  rule(
    (value) => Number.isInteger(value) && Number(value) >= least && !(most && Number(value) > most),
    `must be an integer ${most ? `from ${least} to ${most}` : `≥ ${least}`}`,
  );

/** A whole number from 1. */
export const positive: Check = integer(1);
/** A page size. */
export const pageSize: Check = integer(1, 200);
/** How many items to skip. */
export const pageOffset: Check = integer(0);
/** A number. */
export const number: Check = rule(Number.isFinite, 'must be a number');
/** The randomness of an answer. */
export const temperature: Check = rule(
  (value) => Number.isFinite(value) && Number(value) >= 0 && Number(value) <= 2,
  'must be a number from 0 to 2',
);
/** A switch. */
export const boolean: Check = rule((value) => typeof value === 'boolean', 'must be true or false');
/** A verdict on an answer. */
export const verdict: Check = rule(
  (value) => value === 'positive' || value === 'negative',
  "must be 'positive' or 'negative'",
);
/** The filter by it: `null` stands for none. */
export const verdictOrNull: Check = (value, path, issues) => {
  if (value !== null) verdict(value, path, issues);
};
/** An object of keys and values. */
export const object: Check = rule(isPlainObject, 'must be an object');

/** The day of a filter, as it is sent; `undefined` when it is none. */
function dayOf(value: unknown): string | undefined {
  const date = typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) ? new Date(`${value}T00:00Z`) : value;
  if (!(date instanceof Date) || Number.isNaN(date.getTime())) return undefined;
  const day = date.toISOString().slice(0, 10);
  // 2024-02-30 rolls over to another day; years beyond 9999 have more digits.
  return /^\d{4}-/.test(day) && (date === value || day === value) ? day : undefined;
}

/** A day: `YYYY-MM-DD`, or a `Date` (its UTC day). */
export const day: Check = rule((value) => dayOf(value) !== undefined, 'must be a day: YYYY-MM-DD, or a valid Date');

/** An array whose every item passes. */
export const listOf =
  (check: Check): Check =>
  (value, path, issues) => {
    if (!Array.isArray(value)) issues.push({ path, message: 'must be an array' });
    else value.forEach((item, index) => void check(item, `${path}.${index}`, issues));
  };

/** The complaints about an id. */
export function checkId(value: unknown): ValidationIssue[] {
  const issues: ValidationIssue[] = [];
  id(value, 'id', issues);
  return issues;
}

/** As deep as JSON of a person's making never is; deeper is a circle, or an attack on the stack. */
const DEEPEST = 100;

/** Finds what JSON would drop, change or choke on: `NaN`, infinities, `BigInt`, functions, symbols, invalid dates, circles. */
function findUnsendable(value: unknown, path: string, issues: ValidationIssue[], depth: number): void {
  const kind = typeof value;
  if (kind === 'number' ? !Number.isFinite(value) : kind === 'bigint' || kind === 'function' || kind === 'symbol') {
    issues.push({ path, message: `must not be ${kind === 'number' ? String(value) : `a ${kind}`}` });
  } else if (value instanceof Date && Number.isNaN(value.getTime())) {
    issues.push({ path, message: 'must not be an invalid Date' });
  } else if (Array.isArray(value) || isPlainObject(value)) {
    if (depth === DEEPEST)
      issues.push({ path: path.split('.', 3).join('.'), message: 'is circular or nested too deep' });
    else {
      for (const [key, item] of Object.entries(value)) {
        findUnsendable(item, path ? `${path}.${key}` : key, issues, depth + 1);
      }
    }
  }
}

/**
 * Throws {@link TwigValidationError} with every complaint. A parameter that is not `needed` may be missing; in a body it
 * may also be `null`, which may mean to clear it, but a query string has no `null`.
 */
export function checkArguments(given: unknown, rules: Record<string, Check>, needed: string[], isQuery: boolean): void {
  // An object of a class is one too; a list is only where nothing is known of what must be there.
  if (typeof given !== 'object' || given === null || (Array.isArray(given) && Object.keys(rules).length)) {
    throw new TwigValidationError([{ path: '', message: 'the parameters must be an object' }]);
  }
  const params: Record<string, unknown> = { ...given };
  const issues: ValidationIssue[] = [];
  findUnsendable(params, '', issues, 0);
  const reported = new Set(issues.map(({ path }) => path));
  for (const key of needed) {
    const value = params[key];
    if (value === undefined || value === null) issues.push({ path: key, message: 'is required' });
    else if (typeof value === 'string' && !isText(value)) issues.push({ path: key, message: 'must not be blank' });
  }
  for (const [key, check] of Object.entries(rules)) {
    const value = params[key];
    const isLeftOut = value === undefined || (value === null && (!isQuery || needed.includes(key)));
    if (!isLeftOut && !reported.has(key)) check(value, key, issues);
  }
  const [start, end] = [dayOf(params.startDate), dayOf(params.endDate)];
  if (start && end && end < start) issues.push({ path: 'endDate', message: 'must not be before startDate' });
  if (issues.length) throw new TwigValidationError(issues);
}
