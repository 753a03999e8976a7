/**
 * The schemas of tools: terse, because a model reads them with every question. No other file here knows zod. Whatever is
 * exported is called when tools are registered, so that nothing is built at import.
 */

import {
  array,
  boolean,
  describe,
  enum as enumOf,
  gte,
  int,
  lte,
  maxLength,
  minLength,
  nullish,
  number,
  object,
  optional,
  regex,
  string,
  toJSONSchema,
  type ZodMiniType,
} from 'zod/mini';
import en from 'zod/v4/locales/en.js';
import type { ToolSchema } from './registry.ts';

/** A text of at least a character that is no space. */
export function text(most: number): ZodMiniType<string> {
  return string().check(regex(/\S/, 'must not be blank'), maxLength(most));
}

/** An id. */
export function id(): ZodMiniType<string> {
  return string().check(minLength(1));
}

/** A whole number. */
export function whole(least: number, most?: number): ZodMiniType<number> {
  return most === undefined ? int().check(gte(least)) : int().check(gte(least), lte(most));
}

/** With a word for the model. */
export function named<S extends ZodMiniType>(schema: S, description: string): S {
  return schema.check(describe(description)) as S; // A check changes nothing of the type.
}

/** A text that the API may leave out. */
export function maybeText(): ZodMiniType<string | null | undefined> {
  return nullish(string());
}

/** A number that the API may leave out. */
export function maybeNumber(): ZodMiniType<number | null | undefined> {
  return nullish(number());
}

export { array, boolean, enumOf, object, optional, string };

/** What is the same in every schema, or follows from it, and is left out. */
const IMPLIED = new Set(['$schema', 'additionalProperties']);

function jsonOf(schema: ZodMiniType, io: 'input' | 'output'): Record<string, unknown> {
  const isTerse = (key: string, value: unknown): boolean =>
    // zod writes out the safe integers for a whole number without bounds.
    !IMPLIED.has(key) && value !== Number.MAX_SAFE_INTEGER && value !== Number.MIN_SAFE_INTEGER;
  // Through JSON, whose replacer reaches every level.
  return JSON.parse(
    JSON.stringify(toJSONSchema(schema, { io }), (key, value: unknown) => (isTerse(key, value) ? value : undefined)),
  );
}

/** A schema of zod as a server takes it: zod's mini has neither a JSON Schema nor words of its own. */
export function toolSchema<T>(schema: ZodMiniType<T>): ToolSchema<T> {
  const { localeError } = en();
  let input: Record<string, unknown> | undefined;
  let output: Record<string, unknown> | undefined;
  return {
    '~standard': {
      version: 1,
      vendor: 'twig',
      validate(value) {
        const { success, data, error } = schema.safeParse(value, { error: localeError });
        return success ? { value: data } : { issues: error.issues };
      },
      jsonSchema: {
        input: () => (input ??= jsonOf(schema, 'input')),
        output: () => (output ??= jsonOf(schema, 'output')),
      },
    },
  };
}
