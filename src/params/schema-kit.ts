/**
 * The schema library, loaded when the first response is validated and not before: importing it costs more than all the
 * rest. Schemas are functions of this kit, so no file names zod but this one.
 */

import { array, nullish, number, object, optional, string, type ZodMiniType } from 'zod/mini';

/** Literals of an open set are checked as what they are made of: a new status must not be an error. */
type Widened<T> = T extends string ? string : T extends number ? number : T;
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type Output<S> = S extends ZodMiniType<infer O> ? O : never;

/** A shape whose every member has exactly the type of the interface's, with none missing and none added. */
type Matching<T, S> = {
  [K in keyof S]: K extends keyof T ? (Same<Output<S[K]>, Widened<T[K]>> extends true ? S[K] : never) : never;
};

/** The schema of an interface. The compiler refuses a shape that does not match it member by member. */
function shape<T>(): <S extends Record<keyof T & string, ZodMiniType>>(members: S & Matching<T, S>) => ZodMiniType<T> {
  // Unknown members are no complaint; that zod's copy is without them does not matter, since nobody takes it.
  return (members) => object(members) as unknown as ZodMiniType<T>;
}

/** An object of whatever keys and values. */
function dictionary(): ZodMiniType<Record<string, unknown>> {
  return object({}) as ZodMiniType<Record<string, unknown>>;
}

/** What schemas are made with. */
export interface Kit {
  array: typeof array;
  dictionary: typeof dictionary;
  nullish: typeof nullish;
  number: typeof number;
  optional: typeof optional;
  shape: typeof shape;
  string: typeof string;
}

/** The kit. */
export const kit: Kit = { array, dictionary, nullish, number, optional, shape, string };

/** A schema, made when it is first used. */
export type Schema<T> = (kit: Kit) => ZodMiniType<T>;
