/** Fills in members that servers name differently. The other name stays: unknown members always survive. */

import { isPlainObject } from './casing.ts';

/** Copies the first of `names` that has a value to `target[name]`, unless that has one. `0`, `false` and `''` are values. */
export function fill(target: object, name: string, ...names: string[]): void {
  // Whatever came: response validation tells of it.
  if (!isPlainObject(target)) return;
  // Response objects come from JSON: their members are read by name here, whatever their interface.
  const object = target as Record<string, unknown>;
  if (object[name] !== undefined && object[name] !== null) return;
  const other = names.find((candidate) => object[candidate] !== undefined && object[candidate] !== null);
  if (other !== undefined) object[name] = object[other];
}
