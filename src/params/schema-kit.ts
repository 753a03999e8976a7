/**
 * The schema library, loaded when the first response is validated and not before: importing it costs more than all the
 * rest. Schemas are functions of this kit, so no file names zod but this one.
 */

import {
  $ZodArray,
  $ZodNullable,
  $ZodNumber,
  $ZodObject,
  $ZodOptional,
  $ZodString,
  type $ZodType,
  safeParse,
} from 'zod/v4/core';

/** Literals of an open set are checked as what they are made of: a new status must not be an error. */
type Widened<T> = T extends string ? string : T extends number ? number : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Output<S> = S extends $ZodType<infer O> ? O : never;

/** A shape whose every member has exactly the type of the interface's, with none missing and none added. */
type Matching<T, S> = {
  [K in keyof S]: K extends keyof T ? (Same<Output<S[K]>, Widened<T[K]>> extends true ? S[K] : never) : never;
};

/** A schema with the type of what it lets through, which the constructors of zod's core do not infer. */
const typed = <T>(schema: $ZodType): $ZodType<T> => schema as $ZodType<T>;

/** The schema of an interface. The compiler refuses a shape that does not match it member by member. */
function shape<T>(): <S extends Record<keyof T & string, $ZodType>>(members: S & Matching<T, S>) => $ZodType<T> {
  // Unknown members are no complaint; that zod's copy is without them does not matter, since nobody takes it.
  return (members) => typed(new $ZodObject({ type: 'object', shape: members }));
}

const optional = <T>(innerType: $ZodType<T>): $ZodType<T | undefined> =>
  typed(new $ZodOptional({ type: 'optional', innerType }));

/** What schemas are made with. */
export interface Kit {
  array: <T>(element: $ZodType<T>) => $ZodType<T[]>;
  /** An object of whatever keys and values. */
  dictionary: () => $ZodType<Record<string, unknown>>;
  nullish: <T>(innerType: $ZodType<T>) => $ZodType<T | null | undefined>;
  number: () => $ZodType<number>;
  optional: typeof optional;
  shape: typeof shape;
  string: () => $ZodType<string>;
  /** Holds data against a schema. */
  safeParse: typeof safeParse;
}

/** The kit. Of zod's core, because a schema of `zod/mini` brings methods that nobody calls here: 0.8 KB. */
export const kit: Kit = {
  array: (element) => typed(new $ZodArray({ type: 'array', element })),
  dictionary: () => typed(new $ZodObject({ type: 'object', shape: {} })),
  nullish: (innerType) => optional(typed(new $ZodNullable({ type: 'nullable', innerType }))),
  number: () => typed(new $ZodNumber({ type: 'number' })),
  optional,
  shape,
  string: () => typed(new $ZodString({ type: 'string' })),
  safeParse,
};

/** A schema, made when it is first used. */
export type Schema<T> = (kit: Kit) => $ZodType<T>;
