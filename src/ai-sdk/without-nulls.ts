/** Members without those that say nothing. */

/** The object without members that are `null` or `undefined`. */
export function withoutNulls<T extends object>(object: T): { [K in keyof T]?: NonNullable<T[K]> } {
  // The cast: only what the type leaves out was left out.
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== null && value !== undefined)) as {
    [K in keyof T]?: NonNullable<T[K]>;
  };
}
